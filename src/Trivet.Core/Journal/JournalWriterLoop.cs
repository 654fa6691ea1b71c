using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Core.Journal;

/// <summary>Takes alarms to where people hear them. Never waits and never throws.</summary>
public interface IAlarmSender
{
    /// <summary>Hands over an alarm with the id of its entry.</summary>
    void Send(string id, Alarm alarm);
}

/// <summary>
/// Writes the journal. An alarm goes on to the webhook when its entry turns out to be new, so that of several nodes that noticed the same one alone sends it; while the database is away
/// it goes at once, for being told twice is better than not at all.
/// </summary>
public sealed partial class JournalWriterLoop(JournalRecorder recorder, IJournalStore store, IAlarmSender? sender, TimeProvider time, ILogger<JournalWriterLoop> logger)
{
    private const int BatchMax = 100;

    private static readonly TimeSpan CollectFor = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(3);

    private readonly List<JournalRecorder.Recorded> _batch = [];
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);

    /// <summary>Runs until cancelled, then writes what is left and returns.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await WriteLoopAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is written below.
        }

        using var patience = new CancellationTokenSource(DrainMax, time);
        try
        {
            while (_batch.Count > 0 || recorder.Queue.Reader.Count > 0)
            {
                if (await WriteAsync(patience.Token) is not null)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The journal misses what is left.
        }
    }

    /// <summary>Writes one batch of what is queued; null where that went well.</summary>
    internal async ValueTask<StoreFault?> WriteAsync(CancellationToken cancellationToken)
    {
        while (_batch.Count < BatchMax && recorder.Queue.Reader.TryRead(out var recorded))
            _batch.Add(recorded);
        if (_batch.Count == 0)
            return null;
        var outcome = await store.SaveAsync([.. _batch.Select(recorded => recorded.Entry)], cancellationToken);
        var written = outcome.IsSuccess ? outcome.Value.ToHashSet(StringComparer.Ordinal) : null;
        foreach (var (entry, alarm) in _batch)
        {
            if (alarm is not null && written?.Contains(entry.Id) != false && _sent.Add(entry.Id))
                sender?.Send(entry.Id, alarm);
        }

        if (outcome.Fault is { IsTransient: true } fault)
            return fault;
        if (outcome.Fault is { } refused)
            LogRefused(_batch.Count, refused.Message);
        _batch.Clear();
        _sent.Clear();
        return null;
    }

    private async Task WriteLoopAsync(CancellationToken stopping)
    {
        while (await recorder.Queue.Reader.WaitToReadAsync(stopping))
        {
            await Task.Delay(CollectFor, time, stopping);
            var isAway = false;
            while (await WriteAsync(stopping) is { } fault)
            {
                if (!isAway)
                    LogAway(fault.Message);
                isAway = true;
                await Task.Delay(RetryDelay, time, stopping);
            }
        }
    }

    [LoggerMessage(3500, LogLevel.Warning, "The journal cannot be written ({Message}); it is tried again")]
    private partial void LogAway(string message);

    [LoggerMessage(3501, LogLevel.Error, "{Count} entries of the journal were refused: {Message}")]
    private partial void LogRefused(int count, string message);
}
