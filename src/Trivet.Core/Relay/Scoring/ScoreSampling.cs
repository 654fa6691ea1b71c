using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Relay.Scoring;

/// <summary>What scorecards learn from an attempt's record.</summary>
internal static class ScoreSampling
{
    /// <summary>Fewer tokens, or less time, tell of the network's pieces and not of the model's speed.</summary>
    private const int TimedTokensMin = 16;
    private const int GenerationMsMin = 20;
    private const string CustomVendor = "custom";

    /// <summary>Notes an attempt on the scorecards of its offering and its credential.</summary>
    public static void Note(HealthBoard health, RelayCall call, Attempt attempt, AttemptRecord record, Failure? failure, long nowMs)
    {
        var sample = Of(call, record, failure, attempt.IsChallenged, nowMs);
        health.For(attempt.Offering.Id).Card.Record(sample);
        if (attempt.Credential is not { } credential)
            return;
        var card = health.ForCredential(credential.Credential.Id);
        card.Vendor = attempt.Offering.Upstream is { Vendor: CustomVendor, Name: var name } ? name : attempt.Offering.Upstream.Vendor; // two custom upstreams have nothing in common
        if (sample.Outcome is AttemptOutcomeKind.Answered or AttemptOutcomeKind.Failed)
            card.RecordOutcome(sample.Outcome == AttemptOutcomeKind.Answered, nowMs);
        card.Record(sample with { CostNano = null, FirstContentMs = null, GenerationMs = 0 });
    }

    /// <summary>Before an attempt is sent: whether the limits that its answer tells are read.</summary>
    public static void Begin(HealthBoard health, Attempt attempt)
    {
        if (attempt.Credential is { } credential && health.ForCredential(credential.Credential.Id) is var card && card.TakesLimits(attempt.StartedMs))
            attempt.NotesLimits = card;
    }

    private static AttemptSample Of(RelayCall call, AttemptRecord record, Failure? failure, bool isChallenged, long nowMs)
    {
        var outcome = OutcomeOf(failure);
        var reported = record.Estimated ? 0 : record.InputUncachedTokens + record.InputCacheReadTokens + record.InputCacheWrite5mTokens + record.InputCacheWrite1hTokens;
        var output = record.OutputTextTokens + record.OutputReasoningTokens;

        // Thoughts that the vendor hides are made before the first content: with thoughts the time counts from sending, which makes it too slow rather than too fast.
        var generationMs = record.DurationMs - (record.OutputReasoningTokens > 0 ? 0 : record.TimeToFirstContentMs ?? 0);
        var isTimed = record is { Streamed: true, Estimated: false, TimeToFirstContentMs: not null } && output >= TimedTokensMin && generationMs >= GenerationMsMin;
        return new AttemptSample
        {
            Outcome = outcome,
            AtMs = nowMs,
            IsOverdue = failure?.Rule.Scorecard == ScorecardEffect.Slow,
            IsChallenged = isChallenged,
            IsWasted = failure is { Rule.Fault: FaultSide.Upstream or FaultSide.Operator },
            HasBegun = outcome is AttemptOutcomeKind.Answered or AttemptOutcomeKind.Failed && record.TimeToFirstContentMs is not null,
            IsStream = record.Streamed,
            PromptTokens = call.Scan.InputTokensEstimate,
            FirstContentMs = record.TimeToFirstContentMs,
            InputTokens = reported,
            CacheReadTokens = record.Estimated ? 0 : record.InputCacheReadTokens,
            OutputTokens = output,
            TimedTokens = isTimed ? output : 0,
            GenerationMs = isTimed ? generationMs : 0,
            CostNano = record.CostNano,
            Currency = record.Currency,
            ListNano = ListNano(call, record),
        };
    }

    private static AttemptOutcomeKind OutcomeOf(Failure? failure) => failure switch
    {
        null => AttemptOutcomeKind.Answered,
        { Kind: FailureKind.UpstreamUnfit } => AttemptOutcomeKind.Answered, // it answered; that it did not fit is the checks' to say
        { Kind: FailureKind.UpstreamCredentialRefused or FailureKind.UpstreamBillingExhausted } => AttemptOutcomeKind.Refused,
        { Rule.Scorecard: ScorecardEffect.Limited } => AttemptOutcomeKind.Limited,
        { Rule.Scorecard: ScorecardEffect.None } => AttemptOutcomeKind.Neutral,
        _ => AttemptOutcomeKind.Failed,
    };

    // In the currency of the cost, where there is a rate for it.
    private static double? ListNano(RelayCall call, AttemptRecord record)
    {
        if (record.ListNano is not { } list)
            return null;
        if (record.ListCurrency == record.Currency)
            return list;
        return call.Snapshot.Prices.Fx.Convert(list, record.ListCurrency, record.Currency, DateTimeOffset.FromUnixTimeMilliseconds(record.StartedMs))?.Nano;
    }
}
