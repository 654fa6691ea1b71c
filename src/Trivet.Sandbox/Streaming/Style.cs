using System.Globalization;

namespace Trivet.Sandbox.Streaming;

/// <summary>Where a Chat vendor puts reasoning.</summary>
internal enum ReasoningCarrier
{
    ReasoningContent,
    Reasoning,
    ReasoningDetails,
    MistralArray,
    InlineThink,
}

/// <summary>Where a Chat stream reports usage.</summary>
internal enum UsagePlacement
{
    /// <summary>A chunk of its own with empty <c>choices</c>, only if asked for (OpenAI).</summary>
    OwnChunk,

    /// <summary>On the chunk that carries the finish reason, asked for or not (DeepSeek, GLM, Mistral).</summary>
    LastChoice,

    /// <summary>On every chunk (Perplexity).</summary>
    Every,

    None,
}

/// <summary>How a Chat stream opens.</summary>
internal enum FirstChunk
{
    /// <summary>A role with empty content, then content.</summary>
    Role,

    /// <summary>The first delta holds role and content at once.</summary>
    Content,

    /// <summary>A chunk with empty choices and <c>prompt_filter_results</c> comes first (Azure).</summary>
    Azure,
}

/// <summary>The shape of tool-call ids.</summary>
internal enum IdStyle
{
    /// <summary>The protocol's own: <c>call_…</c> or <c>toolu_…</c>.</summary>
    Native,

    /// <summary><c>functions.add:0</c> (Kimi), illegal on Messages.</summary>
    Functions,

    /// <summary>Nine letters and digits (Mistral).</summary>
    Short,

    /// <summary><c>call_-7807…</c> (GLM).</summary>
    Negative,

    /// <summary><c>chatcmpl-tool-…</c> (vLLM).</summary>
    Vllm,
}

/// <summary>A vendor's habits: legal variations that a client must understand. Set by script or by <c>@name=value</c> in the model name.</summary>
internal sealed record Style
{
    public ReasoningCarrier Reasoning { get; init; }

    public UsagePlacement Usage { get; init; }

    public FirstChunk FirstChunk { get; init; }

    public IdStyle Ids { get; init; }

    public bool Crlf { get; init; }

    /// <summary>A comment line before the first event and after every eighth.</summary>
    public bool Chatter { get; init; }

    public int TokensPerEvent { get; init; } = 1;

    /// <summary>Tokens of arguments per event.</summary>
    public int ArgumentTokensPerEvent { get; init; } = 4;

    /// <summary>Deltas of parallel calls alternate instead of following one another.</summary>
    public bool InterleaveCalls { get; init; }

    /// <summary>Responses only: reasoning comes as <c>reasoning_text</c> content, as open models send it, not as a summary.</summary>
    public bool ReasoningText { get; init; }

    /// <summary>Tool calls come whole in one delta, as many vendors send them.</summary>
    public bool WholeCalls { get; init; }

    public bool TryApply(string text, out Style changed)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        var value = at < 0 ? "" : text[(at + 1)..];
        var result = Apply(name, value);
        changed = result ?? this;
        return result is not null;
    }

    /// <summary>The style with one setting changed; null where there is no such setting or value.</summary>
    public Style? Apply(string name, string value) => name switch
    {
        "reasoning" => value switch
        {
            "reasoning_content" => this with { Reasoning = ReasoningCarrier.ReasoningContent },
            "reasoning" => this with { Reasoning = ReasoningCarrier.Reasoning },
            "reasoning_details" => this with { Reasoning = ReasoningCarrier.ReasoningDetails },
            "mistral-array" => this with { Reasoning = ReasoningCarrier.MistralArray },
            "inline-think" => this with { Reasoning = ReasoningCarrier.InlineThink },
            _ => null,
        },
        "usage" => value switch
        {
            "own-chunk" => this with { Usage = UsagePlacement.OwnChunk },
            "last-choice" => this with { Usage = UsagePlacement.LastChoice },
            "every" => this with { Usage = UsagePlacement.Every },
            "none" => this with { Usage = UsagePlacement.None },
            _ => null,
        },
        "first-chunk" => value switch
        {
            "role" => this with { FirstChunk = FirstChunk.Role },
            "content" => this with { FirstChunk = FirstChunk.Content },
            "azure" => this with { FirstChunk = FirstChunk.Azure },
            _ => null,
        },
        "ids" => value switch
        {
            "native" => this with { Ids = IdStyle.Native },
            "functions" => this with { Ids = IdStyle.Functions },
            "short" => this with { Ids = IdStyle.Short },
            "negative" => this with { Ids = IdStyle.Negative },
            "vllm" => this with { Ids = IdStyle.Vllm },
            _ => null,
        },
        "crlf" => this with { Crlf = value != "false" },
        "chatter" => this with { Chatter = value != "false" },
        "interleave" => this with { InterleaveCalls = value != "false" },
        "reasoning-text" => this with { ReasoningText = value != "false" },
        "whole-calls" => this with { WholeCalls = value != "false" },
        "chunk" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? this with { TokensPerEvent = n, ArgumentTokensPerEvent = n } : null,
        _ => null,
    };
}
