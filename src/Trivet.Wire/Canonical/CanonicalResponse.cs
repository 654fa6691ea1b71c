using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>A whole answer, in no protocol's own words.</summary>
public sealed class CanonicalResponse
{
    /// <summary>The protocol it was read from.</summary>
    public required Protocol Origin { get; init; }

    /// <summary>The vendor's id of the answer.</summary>
    public string Id { get; set; } = "";

    /// <summary>The model that answered, as the vendor names it.</summary>
    public string Model { get; set; } = "";

    /// <summary>Unix seconds; 0 where the protocol does not say.</summary>
    public long CreatedAt { get; set; }

    /// <summary>What was said, in order.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>Why it ended.</summary>
    public StopReason StopReason { get; set; }

    /// <summary>The reason in the origin's word, where <see cref="StopReason"/> is coarser.</summary>
    public string? NativeStopReason { get; set; }

    /// <summary>The stop sequence that ended it, where the protocol says so.</summary>
    public JsonText StopSequence { get; set; }

    /// <summary>Tokens; null where the vendor reported none.</summary>
    public Usage? Usage { get; set; }

    /// <summary>Tier that served it, in the origin's word.</summary>
    public JsonText ServiceTier { get; set; }

    /// <summary>Further answers (Chat <c>n</c> &gt; 1), which only Chat and Gemini can carry. The first stands in <see cref="Blocks"/>.</summary>
    public List<CanonicalChoice>? MoreChoices { get; set; }

    /// <summary>Fields with no canonical name.</summary>
    public List<ExtraField> Extra { get; } = [];

    /// <summary>What the answer repeats of the request as its upstream got it (Responses). It tells a client nothing that it did not say, and is no loss in another protocol.</summary>
    public List<ExtraField> Echo { get; } = [];
}

/// <summary>A further answer to the same request.</summary>
public sealed class CanonicalChoice
{
    /// <summary>What was said, in order.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>Why it ended.</summary>
    public StopReason StopReason { get; set; }
}

/// <summary>Why an answer ended.</summary>
public enum StopReason : byte
{
    /// <summary>The vendor has not said.</summary>
    Unknown,

    /// <summary>The model was done (<c>stop</c>, <c>end_turn</c>, <c>STOP</c>).</summary>
    EndTurn,

    /// <summary>The output limit was reached (<c>length</c>, <c>max_tokens</c>).</summary>
    MaxTokens,

    /// <summary>A stop sequence was met; Chat calls it <c>stop</c>.</summary>
    StopSequence,

    /// <summary>Tools are to be run.</summary>
    ToolCalls,

    /// <summary>A filter cut the answer off (<c>content_filter</c>, <c>SAFETY</c>, …).</summary>
    ContentFilter,

    /// <summary>The model refused (Anthropic <c>refusal</c>).</summary>
    Refusal,

    /// <summary>A server tool paused the turn: send it back as it is (Anthropic <c>pause_turn</c>).</summary>
    PauseTurn,

    /// <summary>The context window is full.</summary>
    ContextWindow,

    /// <summary>The vendor broke off (<c>insufficient_system_resource</c>, <c>network_error</c>, <c>MALFORMED_FUNCTION_CALL</c>).</summary>
    Error,
}
