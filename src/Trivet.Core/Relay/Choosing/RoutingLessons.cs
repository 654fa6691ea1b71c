using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Relay.Choosing;

/// <summary>What routing learns from attempts: where conversations are, what prompt caches hold, how long answers are, how much an upstream has to do.</summary>
internal sealed class RoutingLessons(RoutingMemory memory, HealthBoard health, TimeProvider time)
{
    /// <summary>An answer that began later than so many times the usual was slow: its conversation is free to go elsewhere.</summary>
    private const int SlowTimes = 4;

    private const int SlowMsMin = 2_000;

    /// <summary>An attempt begins, and ends when what this returns is disposed.</summary>
    public Running Begin(RelayCall call, Attempt attempt)
    {
        var offering = memory.For(attempt.Offering);
        offering.Begin(call.Scan.InputTokensEstimate, NowMs);
        return new Running(offering);
    }

    /// <summary>An answer's headers are here, whatever its status.</summary>
    public void Heard(RelayCall call, Attempt attempt, HttpResponseMessage response)
    {
        if (IsByPolicy(call))
            memory.For(attempt.Offering).Limit.Read(response.Headers.NonValidated, time.GetUtcNow());
    }

    /// <summary>An answer is complete.</summary>
    public void Answered(RelayCall call, Attempt attempt)
    {
        var (offering, now) = (memory.For(attempt.Offering), NowMs);
        if (call.Tap.Usage is { } usage)
        {
            var elapsedMs = (long)time.GetElapsedTime(attempt.StartedTimestamp).TotalMilliseconds;
            var speakingMs = call.Scan.Stream && attempt.TimeToFirstContentMs is { } firstMs ? elapsedMs - firstMs : 0;
            offering.Answered(call.Scan.InputTokensEstimate, usage, speakingMs);
            memory.PlanOf(attempt.Offering.Upstream)?.Note(attempt.Offering.Model, usage.InputTotal + usage.OutputTotal, now);
            if (call.Prompt.Prefix is { Length: > 0 } prompt)
            {
                if (!usage.IsEstimate)
                    offering.Cache.Reported(prompt.TokensOf(offering.Cache.WarmPieces(prompt, now)), usage.CacheRead);
                offering.Cache.Sent(prompt, now);
            }
        }

        if (!IsByPolicy(call))
            return;
        if (IsSlow(call, attempt))
            memory.Sessions.Forget(call.SessionHash, attempt.Offering.Id);
        else
            memory.Sessions.Note(call.SessionHash, attempt.Offering.Id, now);
    }

    /// <summary>An attempt failed.</summary>
    public void Failed(RelayCall call, Attempt attempt, Failure failure)
    {
        if (failure.Rule.Scorecard != ScorecardEffect.None && IsByPolicy(call))
            memory.Sessions.Forget(call.SessionHash, attempt.Offering.Id);
    }

    // Routes that go by what the operator wrote pay nothing for what only policies ask.
    private static bool IsByPolicy(RelayCall call) => (call.Policy ?? call.Route?.Evidence) is not null;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private bool IsSlow(RelayCall call, Attempt attempt) =>
        attempt.TimeToFirstContentMs is > SlowMsMin and var firstMs
        && health.For(attempt.Offering.Id).FirstContent.Quantile(call.Scan.Stream, call.Scan.InputTokensEstimate, 0.5) is { } usual
        && firstMs > usual.TotalMilliseconds * SlowTimes;

    /// <summary>An attempt that runs.</summary>
    public readonly struct Running(OfferingMemory offering) : IDisposable
    {
        public void Dispose() => offering.End();
    }
}
