using Trivet.Core.Failures;

namespace Trivet.Core.Limits;

/// <summary>Admission by what several nodes count together. While the database is away, each node's own count is all there is.</summary>
internal sealed class CountGate(LeaseBroker broker, TimeProvider time)
{
    /// <summary>How long a request waits for a place that another node has free: it gives it back within a second.</summary>
    private static readonly TimeSpan PlaceWaitMax = TimeSpan.FromMilliseconds(1500);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>How often a request pauses for a question of its own: who asked a moment ago may have asked for more than this one needs.</summary>
    private const int PausesMax = 4;

    /// <summary>From leases alone. False where one lacks something; then nothing is taken.</summary>
    public bool TryTake(KeyLimits limits, Reservation reservation, long tokens, long nowMs)
    {
        foreach (var bound in limits.Shared)
        {
            var (state, units) = (bound.At(nowMs), bound.UnitsOf(tokens));
            if (!state.TryTake(units, out var generation))
            {
                reservation.ReleaseCounts();
                return false;
            }

            reservation.Add(bound, state, units, generation);
            broker.RefillAhead(state, units);
        }

        return true;
    }

    /// <summary>The same, asking the database for what is lacking. A refusal leaves what was taken to the caller.</summary>
    public async ValueTask<Failure?> TakeAsync(KeyLimits limits, Reservation reservation, long tokens, long nowMs, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        foreach (var bound in limits.Shared)
        {
            try
            {
                if (await TakeAsync(bound, reservation, bound.UnitsOf(tokens), nowMs, started, cancellationToken) is { } refusal)
                    return refusal;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return new Failure(FailureKind.ClientGone);
            }
        }

        return null;
    }

    private async ValueTask<Failure?> TakeAsync(CountBound bound, Reservation reservation, long units, long nowMs, long started, CancellationToken cancellationToken)
    {
        var (state, pauses) = (bound.At(nowMs), 0);
        while (true)
        {
            if (state.TryTake(units, out var generation))
            {
                reservation.Add(bound, state, units, generation);
                return null;
            }

            var (verdict, rest, taken) = await broker.AskAsync(state, units, units, cancellationToken);
            switch (verdict)
            {
                case LeaseVerdict.Retry:
                    break;
                case LeaseVerdict.TookRest:
                    reservation.Add(bound, state, rest, taken);
                    return null;
                case LeaseVerdict.Away:
                    return null;
                case LeaseVerdict.Held or LeaseVerdict.AskedLately when bound.Kind == CountKind.Running && time.GetElapsedTime(started) < PlaceWaitMax:
                case LeaseVerdict.AskedLately when pauses++ < PausesMax:
                    await Task.Delay(Pause, time, cancellationToken);
                    break;
                default:
                    return Refusal(bound, state, nowMs);
            }
        }
    }

    private static Failure Refusal(CountBound bound, AllowanceState state, long nowMs) => bound.Kind switch
    {
        CountKind.Running => new Failure(FailureKind.ClientTooMany) { Detail = $"{bound.Limit} at a time are allowed.", RetryAfter = TimeSpan.FromSeconds(1) },
        CountKind.Requests => Limited($"{bound.Limit} requests per minute are allowed.", state, nowMs),
        _ => Limited($"{bound.Limit} tokens per minute are allowed.", state, nowMs),
    };

    private static Failure Limited(string detail, AllowanceState state, long nowMs) =>
        new(FailureKind.ClientRateLimited) { Detail = detail, RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((state.Spec.EndsMs - nowMs) / 1000.0))) };
}
