using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;

namespace Trivet.Core.Replay;

/// <summary>Writes what was kept to the database, in batches, and deletes what has expired. While the database is away the newest stay queued.</summary>
public sealed partial class ReplayWriterLoop(ReplayMemory memory, IReplayStore store, TimeProvider time, ILogger<ReplayWriterLoop> logger)
{
    private const int BatchMax = 256;

    private static readonly TimeSpan CollectFor = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(3);

    private readonly List<ReplayRecord> _records = [];

    /// <summary>Runs until cancelled, then writes what is left and returns.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.WhenAll(
            LoopGuard.RunAsync("the writer of thoughts", WriteLoopAsync, time, logger, stopping), LoopGuard.RepeatAsync("the end of kept thoughts", ExpireEvery, ExpireAsync, time, logger, stopping));
        using var patience = new CancellationTokenSource(DrainMax, time);
        try
        {
            while (_records.Count > 0 || memory.Queue.Reader.Count > 0)
            {
                if (await WriteAsync(patience.Token) is not null)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is lost: thoughts, not records.
        }
    }

    /// <summary>Writes one batch of what is queued.</summary>
    internal async ValueTask<StoreFault?> WriteAsync(CancellationToken cancellationToken)
    {
        while (_records.Count < BatchMax && memory.Queue.Reader.TryRead(out var record))
            _records.Add(record);
        if (_records.Count == 0)
            return null;
        var outcome = await store.SaveAsync(BatchOf(_records), cancellationToken);
        if (outcome.Fault is null or { IsTransient: false })
            _records.Clear(); // what the database refuses for good is given up: it is a help, not a record
        return outcome.Fault;
    }

    private async Task WriteLoopAsync(CancellationToken stopping)
    {
        var isAway = false;
        try
        {
            while (await memory.Queue.Reader.WaitToReadAsync(stopping))
            {
                await Task.Delay(CollectFor, time, stopping);
                while (await WriteAsync(stopping) is { } fault)
                {
                    if (!isAway)
                        LogAway(fault.Kind, fault.Message);
                    isAway = true;
                    if (!fault.IsTransient)
                        break;
                    await Task.Delay(RetryDelay, time, stopping);
                }

                isAway = false;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is written by RunAsync.
        }
    }

    private Task ExpireAsync(CancellationToken cancellationToken) => store.ExpireAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).AsTask();

    // The newest wins where a key occurs twice: one statement cannot change a row twice.
    private static ReplayBatch BatchOf(List<ReplayRecord> records)
    {
        var turns = new List<ReplayTurnRow>();
        var keys = new Dictionary<(string, ReplayKey), ReplayKeyRow>();
        foreach (var record in records)
        {
            var id = record.Turn?.Id.ToString("N") ?? "";
            if (record.Turn is { } turn)
                turns.Add(new ReplayTurnRow(record.Organisation, id, turn.ToJson(), record.ExpiresMs));

            foreach (var (key, ordinal) in record.Keys)
                keys[(record.Organisation, key)] = new ReplayKeyRow(record.Organisation, key.ToString(), id, ordinal, record.Turn is null ? record.Origin.ToString() : "", record.ExpiresMs);
        }

        return new ReplayBatch(turns, [.. keys.Values]);
    }

    [LoggerMessage(3300, LogLevel.Warning, "Cannot keep thoughts for later requests ({Kind}: {Message}); requests go on, other nodes will not know these")]
    private partial void LogAway(StoreFaultKind kind, string message);
}
