using Trivet.Core.Failures;

namespace Trivet.Core.Snapshots.ConsoleMade;

/// <summary>
/// What people made in the console, as the database has it: fetched whole, put in force beside the configuration file, followed while other nodes change it. What was in force stays while the database is away.
/// </summary>
/// <param name="empty">What is held before the first is fetched, of version 0.</param>
/// <param name="version">A set's; every change makes a larger one.</param>
/// <param name="load">Fetches all of it.</param>
/// <param name="wait">Returns as soon as it may have changed since a version.</param>
/// <param name="merge">A configuration with what is held.</param>
/// <param name="time">The clock.</param>
internal sealed class KeptSet<TSet>(
    TSet empty, Func<TSet, long> version, Func<CancellationToken, ValueTask<StoreOutcome<TSet>>> load, Func<long, CancellationToken, ValueTask<StoreOutcome<long>>> wait,
    Func<GatewayConfig, GatewayConfig> merge, TimeProvider time)
    where TSet : class
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private TSet _held = empty;

    /// <summary>What is in force.</summary>
    public TSet Held => Volatile.Read(ref _held);

    /// <summary>Fetches it and puts it in force.</summary>
    public async ValueTask<StoreFault?> ApplyAsync(SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var loaded = await load(cancellationToken);
        if (loaded.Fault is { } fault)
            return fault;
        holder.Update(config =>
        {
            // Two that load at a time may come here in either order: what is older than what is held would undo it.
            if (version(loaded.Value) <= version(_held))
                return config;
            Volatile.Write(ref _held, loaded.Value);
            return merge(config);
        });
        return null;
    }

    /// <summary>What came of a change, once it is in force on this node too; others follow within a second or two.</summary>
    public async ValueTask<StoreOutcome<T>> AfterAsync<T>(StoreOutcome<T> changed, SnapshotHolder holder, CancellationToken cancellationToken) =>
        changed.IsSuccess && await ApplyAsync(holder, cancellationToken) is { } fault ? fault : changed;

    /// <summary>Follows changes of other nodes until cancelled; returns then, without throwing.</summary>
    public async Task RunAsync(SnapshotHolder holder, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var held = version(Held);
                var changed = await wait(held, stopping);
                if (!changed.IsSuccess || await ApplyAsync(holder, stopping) is not null || version(Held) == held) // a database that was put back to an older one
                    await Task.Delay(RetryDelay, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }
}
