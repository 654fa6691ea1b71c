using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Audits;

/// <summary>What is audited, against whom, and for how much.</summary>
/// <param name="Observed">The offering that is looked at.</param>
/// <param name="Reference">The one that it is held against (the vendor itself, say); null: only what needs none is tested.</param>
/// <param name="Budget">What all requests of the audit, the reference's included, may cost.</param>
/// <param name="Seed">Decides the questions and the permutations: the same seed asks the same.</param>
public sealed record AuditPlan(Offering Observed, Offering? Reference, Budget Budget, int Seed)
{
    /// <summary>Probability that the report of an honest upstream holds any problem at all.</summary>
    public double FalseAlarmRate { get; init; } = 0.01;

    /// <summary>What is done, in this order; what comes late may find the budget spent.</summary>
    public IReadOnlyList<AuditStep> Steps { get; init; } = AuditSteps.All;

    /// <summary>The operator's own items that the observed model is asked.</summary>
    public IReadOnlyList<OwnItem> Items { get; init; } = [];

    /// <summary>What the observed offering answered when it was enrolled; null for nothing. Looked at where there is no reference.</summary>
    public EnrolledPast? Past { get; init; }

    /// <summary>What it answers now may be kept for later audits: <see cref="AuditReport.Past"/> holds it then.</summary>
    public bool KeepsPast { get; init; }

    /// <summary>One round of many: samples are small, for evidence goes on in the next.</summary>
    public bool IsRound { get; init; }
}
