using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>Folds the sums by hour of days that are over into sums by day. A day at a time with a pause behind it, so that booking never waits for long.</summary>
public sealed partial class RollupLoop(IRollupStore store, TimeProvider time, ILogger<RollupLoop> logger)
{
    /// <summary>What is still being answered when its day ends would only make the sums stale again. Nothing is lost by a clock that is wrong.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private bool _isAway;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                var fault = await FoldAsync(stopping);
                if (fault is not null && !_isAway)
                    LogAway(fault.Message);
                _isAway = fault is not null;
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start goes on with what is stale.
        }
    }

    /// <summary>Closes what is over and folds all that is stale.</summary>
    internal async ValueTask<StoreFault?> FoldAsync(CancellationToken cancellationToken)
    {
        var closed = await store.CloseDaysAsync((time.GetUtcNow() - Grace).ToUnixTimeMilliseconds(), cancellationToken);
        if (closed.Fault is { } fault)
            return fault;
        while (true)
        {
            var folded = await store.FoldNextAsync(cancellationToken);
            if (folded.Fault is not null || !folded.Value)
                return folded.Fault;
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "Sums by day cannot be kept ({Message}); pages over weeks add up hours until they can")]
    private partial void LogAway(string message);
}
