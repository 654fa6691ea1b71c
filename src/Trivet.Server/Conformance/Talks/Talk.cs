using System.Text.Json.Nodes;

namespace Trivet.Server.Conformance.Talks;

/// <summary>What a client wants to say, before any protocol says it. A protocol's client that has no words for a part of it throws <see cref="UnsayableException"/>.</summary>
internal sealed record Talk
{
    public IReadOnlyList<Piece> System { get; init; } = [];

    /// <summary>As an array of blocks, where the protocol has one.</summary>
    public bool SystemAsArray { get; init; }

    /// <summary>By OpenAI's <c>developer</c>.</summary>
    public bool SystemAsDeveloper { get; init; }

    public IReadOnlyList<Said> Turns { get; init; } = [];

    public IReadOnlyList<ToolOffer> Tools { get; init; } = [];

    /// <summary>Empty, <c>any</c>, <c>none</c>, <c>call NAME</c> or <c>allowed NAME</c>.</summary>
    public string Choice { get; init; } = "";

    public bool ParallelOff { get; init; }

    public int? TokensMax { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    public int? Choices { get; init; }

    /// <summary>Numbers, words and flags that have one name each: <c>temperature</c>, <c>top_k</c>, <c>seed</c>, <c>tier</c>, <c>user</c>, …; values as JSON.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Empty: not said; <c>on</c>, <c>off</c>.</summary>
    public string Thinking { get; init; } = "";

    public string? Effort { get; init; }

    public int? Budget { get; init; }

    /// <summary>Empty, <c>json</c> or <c>schema</c>.</summary>
    public string Format { get; init; } = "";

    public string? FormatSchema { get; init; }

    /// <summary>Top-level fields that no version of any protocol knows.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    public static Talk Asking(string text) => new() { Turns = [Said.ByUser(text)] };

    /// <summary>The same with <c>{cell}</c> in what is said replaced, so that no two conversations say the same.</summary>
    public Talk In(string cell) => this with { Turns = [.. Turns.Select(said => said with { Pieces = [.. said.Pieces.Select(p => p with { Text = p.Text.Replace("{cell}", cell, StringComparison.Ordinal) })] })] };

    public Talk With(string setting, string json) => this with { Settings = new Dictionary<string, string>(Settings, StringComparer.Ordinal) { [setting] = json } };
}

/// <summary>What one side says in one go.</summary>
/// <param name="Who"><c>user</c>, <c>assistant</c>, or <c>system</c> in mid-conversation.</param>
/// <param name="Pieces">In order.</param>
internal sealed record Said(string Who, IReadOnlyList<Piece> Pieces)
{
    /// <summary>An assistant's turn exactly as the client was given it: messages, items or contents in its own protocol.</summary>
    public JsonArray? Verbatim { get; init; }

    public static Said ByUser(string text) => new("user", [Piece.OfText(text)]);

    public static Said ByUser(params Piece[] pieces) => new("user", pieces);

    public static Said ByAssistant(params Piece[] pieces) => new("assistant", pieces);
}

internal enum PieceKind
{
    Text,
    Image,
    Document,
    Audio,
    Thought,
    Call,
    Result,
    Refusal,

    /// <summary>A content block of a vendor's own kind, which only its own protocol knows.</summary>
    Opaque,
}

/// <summary>One piece of what is said.</summary>
internal sealed record Piece(PieceKind Kind)
{
    /// <summary>Text, thought, a call's arguments as JSON, a result's text.</summary>
    public string Text { get; init; } = "";

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string MediaType { get; init; } = "";

    /// <summary>Base64; empty where it is a URL.</summary>
    public string Data { get; init; } = "";

    public string Url { get; init; } = "";

    public string? Detail { get; init; }

    public bool IsError { get; init; }

    /// <summary>Empty, <c>5m</c> or <c>1h</c>.</summary>
    public string Cache { get; init; } = "";

    public IReadOnlyList<Piece> Inner { get; init; } = [];

    public static Piece OfText(string text) => new(PieceKind.Text) { Text = text };

    public static Piece OfCall(string id, string name, string arguments) => new(PieceKind.Call) { Id = id, Name = name, Text = arguments };

    public static Piece OfResult(string id, string name, string text) => new(PieceKind.Result) { Id = id, Name = name, Text = text };

    public static Piece OfImage(string mediaType, string data) => new(PieceKind.Image) { MediaType = mediaType, Data = data };

    public string DataUri => $"data:{MediaType};base64,{Data}";
}

/// <summary>A tool that is offered.</summary>
internal sealed record ToolOffer(string Name, string Description, string Schema)
{
    public bool IsStrict { get; init; }

    /// <summary>Free text instead of JSON arguments.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Run by the vendor; the name is this protocol's own.</summary>
    public bool IsServer { get; init; }

    public string Cache { get; init; } = "";
}

/// <summary>This protocol has no words for it; there is nothing to try.</summary>
internal sealed class UnsayableException(string what) : Exception(what);
