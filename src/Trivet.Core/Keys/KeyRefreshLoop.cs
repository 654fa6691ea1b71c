using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Core.Keys;

/// <summary>
/// Keeps the holder's snapshot as new as the store, so that a key made or revoked by another process or node counts within a second.
/// While the database is away the last snapshot stands: it stops no request.
/// </summary>
public sealed partial class KeyRefreshLoop(IKeyStore store, KeySnapshotHolder holder, TimeProvider time, ILogger<KeyRefreshLoop> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Loads once; call it before the first request is served.</summary>
    public async ValueTask<StoreFault?> RefreshAsync(CancellationToken cancellationToken)
    {
        var outcome = await store.LoadAsync(cancellationToken);
        if (outcome.Fault is { } fault)
            return fault;
        holder.Swap(new KeySnapshot(outcome.Value));
        LogRefreshed(outcome.Value.Version, outcome.Value.Keys.Count);
        return null;
    }

    /// <summary>Runs until cancelled; returns then, without throwing.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var isStale = false;
        try
        {
            while (true)
            {
                var changed = await store.WaitForChangeAsync(holder.Current.Version, stopping);
                var fault = changed.Fault ?? await RefreshAsync(stopping);
                if (fault is null)
                {
                    isStale = false;
                    continue;
                }

                if (!isStale)
                    LogStale(fault.Kind, fault.Message);
                isStale = true;
                await Task.Delay(RetryDelay, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    [LoggerMessage(3200, LogLevel.Debug, "Keys are at version {Version}: {Count} keys")]
    private partial void LogRefreshed(long version, int count);

    [LoggerMessage(3201, LogLevel.Warning, "Cannot read keys ({Kind}: {Message}); the keys known so far stay valid until the database answers")]
    private partial void LogStale(StoreFaultKind kind, string message);
}
