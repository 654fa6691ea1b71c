namespace Trivet.Core.Audits.Items;

/// <summary>How an answer to an item is judged, by a program and alone from its text.</summary>
public enum ItemJudge
{
    /// <summary>The value stands in it, whatever the case of its letters.</summary>
    Contains,

    /// <summary>The value does not stand in it.</summary>
    Lacks,

    /// <summary>It is the value and nothing else, blanks around it aside.</summary>
    Equals,

    /// <summary>Its last line is the value, dressing (quotes, bold, a full stop, a word and a colon before it) aside.</summary>
    LastLine,

    /// <summary>Its last number is the value, a whole one.</summary>
    Number,

    /// <summary>The value, a regular expression without backtracking, is found in it.</summary>
    Matches,

    /// <summary>The JSON object in it equals the value, whatever the order of fields.</summary>
    Json,
}

/// <summary>One thing that a right answer has.</summary>
/// <param name="Judge">How it is looked for.</param>
/// <param name="Value">What is looked for.</param>
public sealed record ItemExpectation(ItemJudge Judge, string Value);

/// <summary>One turn of the conversation that an item asks.</summary>
/// <param name="IsUser">The user speaks; else the assistant did.</param>
/// <param name="Text">What is said.</param>
public sealed record ItemTurn(bool IsUser, string Text);

/// <summary>A question of the operator's own that a program can judge, made from a real request or by hand: asked of an offering and of its reference by the paired test of capability.</summary>
public sealed record OwnItem
{
    /// <summary>Of all items at most so many are kept.</summary>
    public const int ItemsMax = 500;

    /// <summary>Characters of one item, its expectations included.</summary>
    public const int CharsMax = 64_000;

    /// <summary>The longest answer that may be asked for.</summary>
    public const int AnswerTokensMax = 8_000;

    /// <summary>The limit of answers where none is said.</summary>
    public const int DefaultTokensMax = 512;

    /// <summary>Follows from what it asks and expects, so that an item that is added twice is there once; empty until it is kept.</summary>
    public string Id { get; init; } = "";

    /// <summary>For people; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The models it is asked of: names, or patterns with <c>*</c>. Empty: all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Standing instructions; null: none.</summary>
    public string? System { get; init; }

    /// <summary>The conversation; the user has the last word.</summary>
    public required IReadOnlyList<ItemTurn> Turns { get; init; }

    /// <summary>What a right answer has: all of it.</summary>
    public required IReadOnlyList<ItemExpectation> Expect { get; init; }

    /// <summary>Limit of the answer in tokens.</summary>
    public int TokensMax { get; init; } = DefaultTokensMax;

    /// <summary>When it was added, Unix milliseconds.</summary>
    public long CreatedMs { get; init; }

    /// <summary>Who added it.</summary>
    public string CreatedBy { get; init; } = "";
}
