using Microsoft.Extensions.Logging;

namespace Trivet.Core.Limits;

/// <summary>Keeps leases: renews them, gives back what idles, and after a start what the node held before.</summary>
public sealed partial class LeaseLoop(LeaseBroker broker, Ledger.Spool.SpoolWriterLoop writer, TimeProvider time, ILogger<LeaseLoop> logger)
{
    private const int TicksPerRenewal = 200;
    private const int TicksPerRenewalAway = 20;
    private const int TicksPerMeasure = 10;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs until cancelled, then gives everything back that is free.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var hasReleased = false;
        var lastMeasured = time.GetTimestamp();
        try
        {
            for (var tick = 1; await timer.WaitForNextTickAsync(stopping); tick++)
            {
                // Not before what the earlier start left in the spool is committed: until then its leases cover that.
                if (!hasReleased && writer.HasReplayed && tick % TicksPerMeasure == 0)
                {
                    var released = await broker.ReleaseEarlierAsync(stopping);
                    hasReleased = released.IsSuccess;
                    if (released is { IsSuccess: true, Value: > 0 and var count })
                        LogReleased(count);
                }

                if (tick % TicksPerMeasure == 0)
                {
                    var since = time.GetElapsedTime(lastMeasured);
                    lastMeasured = time.GetTimestamp();
                    foreach (var state in broker.Held)
                        state.Measure(since);
                }

                await broker.ReturnIdleAsync(stopping);
                if (tick % (broker.IsAway ? TicksPerRenewalAway : TicksPerRenewal) == 0)
                    await broker.RenewAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The leases end by themselves, or with the next start.
        }
    }

    [LoggerMessage(3402, LogLevel.Information, "{Count} leases of this node's earlier start were given back")]
    private partial void LogReleased(int count);
}
