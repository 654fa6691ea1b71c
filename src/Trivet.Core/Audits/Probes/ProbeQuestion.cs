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

    /// <summary>Signatures of thoughts, as they came.</summary>
    public IReadOnlyList<string> Signatures { get; init; } = [];

    /// <summary>The body as it came, for what no canonical form keeps and as evidence.</summary>
    public string Body { get; init; } = "";

    /// <summary>Money that it cost in nano-units of the price's currency, or was taken to cost; null where the price is not known.</summary>
    public long? CostNano { get; init; }
}
