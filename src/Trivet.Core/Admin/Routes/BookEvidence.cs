using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Admin.Routes;

/// <summary>
/// What routing would know had it seen the booked attempts: outcomes, times to the first content, lengths and speeds. What the books do not hold (checks of answers, prompt caches, how our estimates of prompts were
/// off) stays unknown, and counts as the policy's priors.
/// </summary>
internal sealed class BookEvidence
{
    public HealthBoard Health { get; } = new();

    public RoutingMemory Memory { get; } = new();

    /// <summary>Notes one attempt at one of the candidates; others say nothing of this route.</summary>
    public void Note(AttemptRecord attempt, Offering offering)
    {
        var health = Health.For(offering.Id);
        var endMs = attempt.StartedMs + attempt.DurationMs;
        if (attempt.Failure.Length > 0)
        {
            if (Enum.TryParse<FailureKind>(attempt.Failure, out var kind) && kind != FailureKind.None)
                health.Failed(new Failure(kind), endMs);
            return;
        }

        var usage = UsageOf(attempt);
        health.Succeeded(endMs);
        if (attempt.TimeToFirstContentMs is { } firstMs)
            health.FirstContent.Record(attempt.Streamed, usage.InputTotal, firstMs);
        Memory.For(offering).Answered(inputEstimate: 0, usage, attempt is { Streamed: true, TimeToFirstContentMs: { } began } ? attempt.DurationMs - began : 0);
    }

    /// <summary>What an attempt used.</summary>
    public static Usage UsageOf(AttemptRecord attempt) => new()
    {
        InputUncached = attempt.InputUncachedTokens,
        CacheRead = attempt.InputCacheReadTokens,
        CacheWrite5m = attempt.InputCacheWrite5mTokens,
        CacheWrite1h = attempt.InputCacheWrite1hTokens,
        OutputText = attempt.OutputTextTokens,
        OutputReasoning = attempt.OutputReasoningTokens,
        IsEstimate = attempt.Estimated,
    };
}
