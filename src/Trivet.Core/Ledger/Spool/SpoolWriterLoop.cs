using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;

namespace Trivet.Core.Ledger.Spool;

/// <summary>
/// Empties the spool into the database: in order, in batches, idempotently (a batch that was committed but not remembered is committed again to no effect).
/// What a former process left behind comes first. Backs off while the database is away; segments are deleted only when every record in them is committed.
/// </summary>
public sealed partial class SpoolWriterLoop(FileSpool spool, ISpoolSink sink, TimeProvider time, ILogger<SpoolWriterLoop> logger)
{
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(5);

    /// <summary>On a stop the database gets this long; what it does not take is replayed at the next start.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookAtCopiesEvery = TimeSpan.FromHours(6);

    private const string RejectedFileName = "rejected.frames";
    private const string DamagedExtension = ".damaged";

    private readonly SpoolReader _reader = new(spool.Memory);
    private readonly SpoolOptions _options = spool.Options;
    private bool _hasReplayed;
    private SpoolSegment? _segment;
    private long _offset;

    /// <summary>Runs until cancelled, then drains, closes the spool and returns. Start it before the first request, stop it after the last.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Apart from each other: a database that hangs must not keep the disk from being synced. Each begins anew by itself, for the spool is closed behind both.
        await Task.WhenAll(
            LoopGuard.RunAsync("the spool's commits", CommitLoopAsync, time, logger, stopping), LoopGuard.RunAsync("the spool's upkeep", MaintainLoopAsync, time, logger, stopping));
        await StopAsync();
    }

    private async Task CommitLoopAsync(CancellationToken stopping)
    {
        var delay = _options.CommitInterval;
        try
        {
            while (true)
            {
                var fault = await TryDrainAsync(stopping);
                if (fault is null)
                    Volatile.Write(ref _hasReplayed, true);
                delay = fault is null ? _options.CommitInterval : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, BackoffMax.Ticks));
                if (fault is not null)
                    LogWaiting(fault.Kind, fault.Message, delay);
                await Task.Delay(delay, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is for StopAsync.
        }
    }

    // A bug in what commits must not end the loop: what it was at waits, is tried again, and the log says why.
    private async ValueTask<StoreFault?> TryDrainAsync(CancellationToken stopping)
    {
        try
        {
            return await DrainAsync(stopping);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            return new StoreFault(StoreFaultKind.Unavailable, $"{bug.GetType().Name}: {bug.Message}");
        }
    }

    private async Task MaintainLoopAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_options.SyncInterval, time);
        var lookedAtCopies = time.GetTimestamp() - (long)(LookAtCopiesEvery.TotalSeconds * time.TimestampFrequency); // at the start, then now and then
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                spool.Maintain();
                spool.Sync();
                if (time.GetElapsedTime(lookedAtCopies) < LookAtCopiesEvery)
                    continue;
                lookedAtCopies = time.GetTimestamp();
                DropOldCopies();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Closing the spool syncs it.
        }
    }

    /// <summary>Everything that was in the spool when it began is committed.</summary>
    public bool HasReplayed => Volatile.Read(ref _hasReplayed);

    /// <summary>Commits everything written so far. A fault leaves the rest for the next call.</summary>
    internal async ValueTask<StoreFault?> DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var segments = spool.Segments();
            if (segments.Length == 0)
                return null;
            if (_segment is null || !segments.Contains(_segment))
                (_segment, _offset) = (segments[0], 0);

            // Asked before reading: a segment that is not the last one gets no more bytes.
            var isComplete = _segment != segments[^1];
            var next = _offset;
            var end = _reader.Read(_segment, ref next, _options.BatchRecordsMax);
            if (_reader.Records.Count > 0 && await CommitAsync(cancellationToken) is { } fault)
                return fault;
            _offset = next;
            if (end == SpoolReadEnd.More)
                continue;
            if (!isComplete)
                return null;
            if (end == SpoolReadEnd.Damaged)
                SetAside(_segment);
            else
                spool.TryDelete(_segment);
        }
    }

    private async ValueTask<StoreFault?> CommitAsync(CancellationToken cancellationToken)
    {
        var outcome = await sink.CommitAsync(_reader.Records, cancellationToken);
        if (outcome.Fault is not { } fault || fault.IsTransient)
            return outcome.Fault;

        // Something in the batch is refused for good. One record must not hold up the books for ever, nor be lost: the others are committed
        // one by one, and the refused are kept in a file.
        var single = new SpoolRecord[1];
        foreach (var record in _reader.Records)
        {
            single[0] = record;
            outcome = await sink.CommitAsync(single, cancellationToken);
            if (outcome.Fault is not { } singleFault)
                continue;
            if (singleFault.IsTransient)
                return singleFault;
            if (!TryKeepRejected(record, singleFault))
                return singleFault;
        }

        return null;
    }

    private bool TryKeepRejected(SpoolRecord record, StoreFault fault)
    {
        var frame = new byte[SpoolFrame.HeaderBytes + record.Payload.Length];
        SpoolFrame.Write(frame, record.Kind, record.Payload.Span);
        var path = Path.Combine(_options.Directory, RejectedFileName);
        try
        {
            File.AppendAllBytes(path, frame);
        }
        catch (IOException)
        {
            // No room for it beside the spool: then it stays in the spool, and with it all that follows.
            return false;
        }

        LogRejected(record.Kind, path, fault.Kind, fault.Message);
        return true;
    }

    /// <summary>
    /// Behind the last sound record are bytes that are none: nearly always the record that was being written when the machine went down.
    /// The file is kept beside the spool for a while, so that nothing is thrown away that a person may want to look at.
    /// </summary>
    private void SetAside(SpoolSegment segment)
    {
        var copy = segment.Path + DamagedExtension;
        LogTorn(segment.Path, _offset, segment.LengthBytes - _offset, copy);
        spool.TryDelete(segment, copy);
        try
        {
            File.SetLastWriteTimeUtc(copy, time.GetUtcNow().UtcDateTime); // its age counts from here
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then it counts from its last record.
        }
    }

    /// <summary>Deletes copies of torn segments that have been told of and lain there long enough. What the database refused is kept: those are whole records.</summary>
    internal void DropOldCopies()
    {
        var before = time.GetUtcNow().UtcDateTime - _options.KeepDamagedFor;
        foreach (var copy in Directory.EnumerateFiles(_options.Directory, "*" + DamagedExtension).Where(copy => File.GetLastWriteTimeUtc(copy) < before).ToList())
        {
            try
            {
                File.Delete(copy);
                LogDropped(copy, (long)_options.KeepDamagedFor.TotalDays);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next look tries again.
            }
        }
    }

    private async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(DrainMax, time);
        try
        {
            if (await DrainAsync(patience.Token) is { } fault)
                LogLeft(fault.Kind, fault.Message);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogLeft(StoreFaultKind.Unavailable, "it took too long");
        }
        finally
        {
            spool.Close(_segment, _offset);
        }
    }

    [LoggerMessage(3110, LogLevel.Warning, "The database does not take records ({Kind}: {Message}); they wait in the spool, next try in {Delay}")]
    private partial void LogWaiting(StoreFaultKind kind, string message, TimeSpan delay);

    [LoggerMessage(3111, LogLevel.Error, "A record of kind {Record} was refused for good and is kept in {Path} ({Kind}: {Message})")]
    private partial void LogRejected(SpoolRecordKind record, string path, StoreFaultKind kind, string message);

    [LoggerMessage(3112, LogLevel.Warning, "{Path} ends in a torn record at byte {Offset}: {Bytes} bytes are skipped, a copy is in {Copy}")]
    private partial void LogTorn(string path, long offset, long bytes, string copy);

    [LoggerMessage(3114, LogLevel.Information, "{Copy}, which ended in a torn record, was deleted after {Days} days")]
    private partial void LogDropped(string copy, long days);

    [LoggerMessage(3113, LogLevel.Warning, "Stopped before the database took every record ({Kind}: {Message}); the rest is committed at the next start")]
    private partial void LogLeft(StoreFaultKind kind, string message);
}
