using Microsoft.Extensions.Logging;

namespace Trivet.Core.Relay.Load;

/// <summary>Stops the relay: nothing new is taken on, what runs may end, and is ended where it takes too long. The books are settled behind it.</summary>
public sealed class DrainLoop(LoadGate load, RelayPipeline relay, TimeSpan patience, TimeProvider time, ILogger<DrainLoop> log)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>What was ended has an error to tell and a record to write.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(5);

    /// <summary>Returns when nothing runs any longer, or when no more can be done about it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        load.Stop();
        if (load.Running == 0)
            return;
        RelayLog.Draining(log, load.Running, (long)patience.TotalSeconds);
        if (await IsEmptyAsync(patience, cancellationToken))
            return;
        RelayLog.EndedAll(log, load.Running);
        relay.StopAll();
        await IsEmptyAsync(EndingTime, cancellationToken);
    }

    private async Task<bool> IsEmptyAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        for (var started = time.GetTimestamp(); load.Running > 0; await Task.Delay(Step, time, CancellationToken.None))
        {
            if (time.GetElapsedTime(started) >= within || cancellationToken.IsCancellationRequested)
                return false;
        }

        return true;
    }
}
