using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Audits.Probes;

/// <summary>One question of an audit: an ordinary request, with nothing in it that tells it from a client's.</summary>
/// <param name="Text">What the user says.</param>
/// <param name="TokensMax">Limit of the answer.</param>
internal sealed record ProbeQuestion(string Text, int TokensMax)
{
    /// <summary>Standing instructions; null: none.</summary>
    public string? System { get; init; }

    /// <summary>What was said before.</summary>
    public IReadOnlyList<ItemTurn> Earlier { get; init; } = [];

    /// <summary>What the assistant answered last with the thought before it, of the Messages protocol; it stands after <see cref="Earlier"/>. Null: nothing.</summary>
    public SignedAnswer? Signed { get; init; }

    /// <summary>Tokens that it may think before it answers; null: nothing is said of thoughts.</summary>
    public int? ThinkingTokens { get; init; }

    /// <summary>Null leaves it to the vendor.</summary>
    public double? Temperature { get; init; }

    /// <summary>The one tool that is offered; null: none.</summary>
    public ProbeTool? Tool { get; init; }
}

/// <summary>A tool that a probe offers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Parameters">JSON schema of its arguments.</param>
/// <param name="IsForced">The model must call it.</param>
internal sealed record ProbeTool(string Name, string Description, string Parameters, bool IsForced);

/// <summary>A thought with its issuer's signature.</summary>
/// <param name="Text">The thought as it is shown.</param>
/// <param name="Signature">As it came.</param>
internal sealed record SignedThought(string Text, string Signature);

/// <summary>An answer with the signed thought before it.</summary>
/// <param name="Thought">The thought.</param>
/// <param name="Text">The answer.</param>
internal sealed record SignedAnswer(SignedThought Thought, string Text);

/// <summary>What came back.</summary>
internal sealed record ProbeAnswer
{
    /// <summary>Null where it answered.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The text; empty where there is none.</summary>
    public string Text { get; init; } = "";

    /// <summary>Arguments of the first tool call as JSON; null where no tool was called.</summary>
    public string? Arguments { get; init; }

    /// <summary>Why it ended.</summary>
    public StopReason StopReason { get; init; }

    /// <summary>Tokens as reported; null where nothing was.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The model that says it answered; empty where none did.</summary>
    public string Model { get; init; } = "";

    /// <summary>Thoughts that are signed.</summary>
    public IReadOnlyList<SignedThought> Thoughts { get; init; } = [];

    /// <summary>The body as it came, for what no canonical form keeps and as evidence.</summary>
    public string Body { get; init; } = "";

    /// <summary>Money that it cost in nano-units of the price's currency, or was taken to cost; null where the price is not known.</summary>
    public long? CostNano { get; init; }
}
