namespace Trivet.Core.Scorecards;

/// <summary>What an attempt says of its upstream.</summary>
public enum AttemptOutcomeKind : byte
{
    /// <summary>Nothing: the request was bad, the client left, the gateway stopped.</summary>
    Neutral,

    /// <summary>Answered.</summary>
    Answered,

    /// <summary>The upstream failed.</summary>
    Failed,

    /// <summary>The credential is limited (429).</summary>
    Limited,

    /// <summary>The credential was refused, or its money is spent (401, 402, 403).</summary>
    Refused,
}

/// <summary>One attempt from real traffic, as scorecards take it. Money is in nano-units; it is summed as floating point, because estimates come of it and no bookings.</summary>
public readonly record struct AttemptSample
{
    /// <summary>What it says.</summary>
    public required AttemptOutcomeKind Outcome { get; init; }

    /// <summary>When it ended, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>A deadline was missed.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>The answer was a page that asks whether somebody is human.</summary>
    public bool IsChallenged { get; init; }

    /// <summary>What it cost went for nothing: it failed, and not by the client's doing.</summary>
    public bool IsWasted { get; init; }

    /// <summary>Content had begun to come.</summary>
    public bool HasBegun { get; init; }

    /// <summary>The client wanted a stream.</summary>
    public bool IsStream { get; init; }

    /// <summary>The length of the prompt, as routing estimates it.</summary>
    public long PromptTokens { get; init; }

    /// <summary>From sending to the first content; null where none came.</summary>
    public long? FirstContentMs { get; init; }

    /// <summary>Input tokens as reported; 0 where nothing was.</summary>
    public long InputTokens { get; init; }

    /// <summary>Of them from the vendor's cache.</summary>
    public long CacheReadTokens { get; init; }

    /// <summary>Output tokens as reported or estimated.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Output tokens whose making was watched, for <see cref="GenerationMs"/>.</summary>
    public long TimedTokens { get; init; }

    /// <summary>How long they took; 0 where that is not known.</summary>
    public long GenerationMs { get; init; }

    /// <summary>What it cost; null where that is unknown.</summary>
    public double? CostNano { get; init; }

    /// <summary>Currency of the money.</summary>
    public string? Currency { get; init; }

    /// <summary>What the list says, in the same currency; null where that is unknown.</summary>
    public double? ListNano { get; init; }
}
