using System.Text.Json.Serialization;
using Trivet.Core.Audits.Enrolment;

namespace Trivet.Core.Audits;

/// <summary>Where a test ended.</summary>
public enum AuditVerdict
{
    /// <summary>It was not made; the sentence says why.</summary>
    NotRun,

    /// <summary>It ran and found nothing.</summary>
    Clean,

    /// <summary>It ran and can tell nothing: too few answers, or nothing to hold them against.</summary>
    Unclear,

    /// <summary>Evidence of a problem, at the report's error rate.</summary>
    Problem,

    /// <summary>Evidence that it is not as it was, at the report's error rate: which need not be anybody's fault.</summary>
    Changed,
}

/// <summary>What one test found.</summary>
/// <param name="Test">Which: <c>identity.one-token</c>, <c>billing.output</c>, …</param>
/// <param name="Verdict">Where it ended.</param>
/// <param name="Sentence">The finding, plainly.</param>
public sealed record AuditFinding(string Test, AuditVerdict Verdict, string Sentence)
{
    /// <summary>Answers of the observed upstream that it rests on.</summary>
    public int Answers { get; init; }

    /// <summary>The name of <see cref="Value"/>; empty for none.</summary>
    public string Statistic { get; init; } = "";

    /// <summary>The statistic; null for none.</summary>
    public double? Value { get; init; }

    /// <summary>Probability of such a result or a stronger one from an honest upstream; null where the test speaks in e-values.</summary>
    public double? PValue { get; init; }

    /// <summary>The largest e-value that was reached: by how much a bet against honesty has grown; null where the test speaks in p-values.</summary>
    public double? EValue { get; init; }

    /// <summary>
    /// What the test multiplies a bet against honesty by, to be carried on by the next audit: an e-value, on average at most 1 for an honest upstream. Null where the test has none. Other than
    /// <see cref="EValue"/> it is where the bet stood when the test ended, not the most it ever was.
    /// </summary>
    public double? Evidence { get; init; }

    /// <summary>The p-value that this test must reach, its share of the report's error rate; for an e-value its inverse. Null where the test convicts nobody.</summary>
    public double? Threshold { get; init; }
}

/// <summary>One request and its answer: the evidence itself.</summary>
/// <param name="Test">For which test it was asked.</param>
/// <param name="Offering">Whom: <c>upstream/model</c>.</param>
/// <param name="Question">The user's text.</param>
/// <param name="TokensMax">The limit.</param>
/// <param name="Temperature">Null: the vendor's.</param>
/// <param name="Answer">The body as it came, or the failure.</param>
public sealed record AuditExchange(string Test, string Offering, string Question, int TokensMax, double? Temperature, string Answer)
{
    /// <summary>Reported input tokens; null where nothing was.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Reported output tokens; null where nothing was.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Of the input, reported as read from a cache.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>Cost in nano-units of the report's currency.</summary>
    public long? CostNano { get; init; }
}

/// <summary>What an audit found, with all that it rests on.</summary>
public sealed record AuditReport
{
    /// <summary>Who was looked at: <c>upstream/model</c>.</summary>
    public required string Observed { get; init; }

    /// <summary>Who it was held against; null for nobody.</summary>
    public required string? Reference { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long StartedMs { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long FinishedMs { get; init; }

    /// <summary>The seed of questions and permutations.</summary>
    public required int Seed { get; init; }

    /// <summary>Probability that an honest upstream's report holds any problem.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>Money spent in nano-units, the reference's requests included.</summary>
    public required long SpentNano { get; init; }

    /// <summary>Money that might have been spent.</summary>
    public required long BudgetNano { get; init; }

    /// <summary>Of both.</summary>
    public required string Currency { get; init; }

    /// <summary>The upstream has no known price: an assumed one, high on purpose, kept the budget.</summary>
    public required bool IsPriceAssumed { get; init; }

    /// <summary>Requests sent, failed ones included.</summary>
    public required int Requests { get; init; }

    /// <summary>Of those, without an answer.</summary>
    public required int Failures { get; init; }

    /// <summary>It ended before all was asked: the budget was spent, or nobody answered.</summary>
    public bool IsCutShort { get; init; }

    /// <summary>Test by test.</summary>
    public required IReadOnlyList<AuditFinding> Findings { get; init; }

    /// <summary>All requests and answers.</summary>
    public required IReadOnlyList<AuditExchange> Exchanges { get; init; }

    /// <summary>What is to be kept of its answers for later audits; null for nothing. No part of the report.</summary>
    [JsonIgnore]
    public EnrolledPast? Past { get; init; }

    /// <summary>Since when it is known what it answers, Unix milliseconds: it was held against that; null where it was not.</summary>
    public long? PastSinceMs { get; init; }

    /// <summary>True where it is not as it was at <see cref="PastSinceMs"/>.</summary>
    public bool HasChange => Findings.Any(finding => finding.Verdict == AuditVerdict.Changed);

    /// <summary>True where something was found.</summary>
    public bool HasProblem => Findings.Any(finding => finding.Verdict == AuditVerdict.Problem);
}
