using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Core.Admin;

/// <summary>What was said in a request, for people who may read it.</summary>
public sealed class PayloadAdmin(IPayloadStore payloads, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>That of a request; <see cref="StoreFaultKind.NotFound"/> where it was not recorded, or is kept no longer. What was just recorded is waited for like what was just booked.</summary>
    public async ValueTask<StoreOutcome<RecordedPayload>> FindAsync(RequestRecord request, CancellationToken cancellationToken)
    {
        if (request.PayloadRef.Length == 0)
            return new StoreFault(StoreFaultKind.NotFound, "It was not recorded: payload_logging names the keys whose payloads are.");
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var isFresh = nowMs - request.StartedMs - request.DurationMs < (long)TraceAdmin.BookingPatience.TotalMilliseconds;
        var started = time.GetTimestamp();
        while (true)
        {
            var found = await payloads.FindAsync(request.PayloadRef, nowMs, cancellationToken);
            if (found.Fault is null or { Kind: not StoreFaultKind.NotFound } || !isFresh || time.GetElapsedTime(started) >= TraceAdmin.BookingPatience)
                return found;
            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }
}
