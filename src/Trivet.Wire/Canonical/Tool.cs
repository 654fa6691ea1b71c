using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>A tool that the client offers.</summary>
public sealed class Tool
{
    /// <summary>A function of the client, a free-form tool, or one that the vendor runs.</summary>
    public ToolKind Kind { get; set; }

    /// <summary>Its name; empty for a server tool that has none.</summary>
    public JsonText Name { get; set; }

    /// <summary>The namespace that it stands in (OpenAI Responses <c>namespace</c> tools, whose nested tools are read one by one); empty for none.</summary>
    public JsonText Namespace { get; set; }

    /// <summary>What it does.</summary>
    public JsonText Description { get; set; }

    /// <summary>JSON schema of its arguments, raw; absent for none.</summary>
    public RawJson Parameters { get; set; }

    /// <summary>The schema of its arguments is an empty object: nothing is said of them.</summary>
    internal bool TakesNothing => Parameters.Utf8.Span is [(byte)'{', .. var inner, (byte)'}'] && inner.Trim(" \t\r\n"u8).IsEmpty;

    /// <summary>OpenAI's and Anthropic's <c>strict</c>.</summary>
    public bool? Strict { get; set; }

    /// <summary>Cache breakpoint after this tool, raw.</summary>
    public RawJson CacheControl { get; set; }

    /// <summary>The whole definition as it stood, for tools that only the origin knows (<see cref="ToolKind.Server"/>).</summary>
    public RawJson Raw { get; set; }

    /// <summary>Type in the origin's words for server tools (<c>web_search_20250305</c>).</summary>
    public string Type { get; set; } = "";

    /// <summary>Fields with no canonical name (<c>defer_loading</c>, <c>eager_input_streaming</c>, …).</summary>
    public List<ExtraField>? Extra { get; set; }
}

/// <summary>Who runs a tool, and what it takes.</summary>
public enum ToolKind : byte
{
    /// <summary>The client runs it; arguments are JSON.</summary>
    Function,

    /// <summary>The client runs it; the argument is free text (OpenAI custom tools).</summary>
    Custom,

    /// <summary>The vendor runs it.</summary>
    Server,
}

/// <summary>How tools may be chosen.</summary>
/// <param name="Mode">Auto, none, any, one tool, or a list.</param>
public sealed record ToolChoice(ToolChoiceMode Mode)
{
    /// <summary>The tool to call (<see cref="ToolChoiceMode.Named"/>).</summary>
    public JsonText Name { get; init; }

    /// <summary>The tools allowed (<see cref="ToolChoiceMode.Allowed"/>).</summary>
    public IReadOnlyList<JsonText> AllowedNames { get; init; } = [];

    /// <summary>With <see cref="ToolChoiceMode.Allowed"/>: one of them must be called.</summary>
    public bool Required { get; init; }

    /// <summary>The choice as it stood, for shapes that only the origin knows.</summary>
    public RawJson Raw { get; init; }
}

/// <summary>Modes of <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceMode : byte
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No tool.</summary>
    None,

    /// <summary>Some tool must be called (<c>required</c>, <c>any</c>, <c>ANY</c>).</summary>
    Any,

    /// <summary>This tool must be called.</summary>
    Named,

    /// <summary>Only these may be called (OpenAI <c>allowed_tools</c>, Gemini <c>allowedFunctionNames</c>).</summary>
    Allowed,
}
