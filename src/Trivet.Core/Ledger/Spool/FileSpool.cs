using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Trivet.Core.Ledger.Spool;

/// <summary>
/// The spool as segment files. Appending is synchronous and shared: callers copy their record into a pending buffer, and whoever gets the write lock first
/// writes out everybody's with one <c>write()</c>; the others find theirs written. So an append is durable against <c>kill -9</c> when it returns,
/// without a hand-over to another thread, which would cost more than the write itself.
/// <para>Owned by one process: a second one on the same directory is refused. <see cref="SpoolWriterLoop"/> reads it back, syncs it and deletes what is committed.</para>
/// </summary>
public sealed partial class FileSpool : ISpool, IDisposable
{
    private const string LockFileName = "spool.lock";

    /// <summary>Records kept in memory while the disk takes none. Admission stops at once then, so what comes is from requests already running.</summary>
    private const int PendingBytesMax = 64 * 1024 * 1024;

    private readonly SpoolOptions _options;
    private readonly ILogger _logger;
    private readonly FileStream _directoryLock;

    // Lock order: _syncGate, _writeGate, _pendingGate. Appenders take _pendingGate alone and only to copy; _syncGate keeps a file open while it is synced.
    private readonly Lock _syncGate = new();
    private readonly Lock _pendingGate = new();
    private readonly Lock _writeGate = new();

    private readonly SpoolMemory _memory = new();
    private SpoolBuffer _pending = new();       // guarded by _pendingGate
    private long _acceptedBytes;                // guarded by _pendingGate: all frames ever taken in
    private bool _isClosed;                     // guarded by _pendingGate
    private SpoolBuffer _unwritten = new();     // guarded by _writeGate from here on
    private long _writtenBytes;
    private long _waitingBytes;                 // of all segments together
    private SpoolSegment? _live;
    private SpoolSegment? _spare;
    private long _nextNumber;
    private readonly List<SpoolSegment> _segments = [];
    private long _syncedUpTo; // guarded by _syncGate: the segments before this one need no sync any more
    private volatile SpoolState _state;

    /// <summary>Opens the directory, takes what an earlier process left as segments to be read, and starts a new segment.</summary>
    /// <exception cref="IOException">Another process owns the directory, or there is no room for even one segment.</exception>
    public FileSpool(SpoolOptions options, ILogger<FileSpool> logger)
    {
        _options = options;
        _logger = logger;
        Directory.CreateDirectory(options.Directory);
        _directoryLock = TakeDirectory(options.Directory);
        try
        {
            foreach (var number in ExistingNumbers(options.Directory))
            {
                var left = SpoolSegment.OpenExisting(options.Directory, number);
                _segments.Add(left);
                _waitingBytes += left.LengthBytes;
                _nextNumber = number + 1;
            }

            _live = CreateSegment();
            _live.Position = 0;
            _syncedUpTo = _live.Number;
            _segments.Add(_live);
        }
        catch
        {
            _directoryLock.Dispose();
            throw;
        }

        Maintain();
    }

    /// <inheritdoc />
    public SpoolState State => _state;

    internal SpoolOptions Options => _options;

    internal SpoolMemory Memory => _memory;

    /// <inheritdoc />
    public bool Append(SpoolRecordKind kind, ReadOnlySpan<byte> payload, object? value = null)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)kind, 0, nameof(kind));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, SpoolFrame.PayloadBytesMax, nameof(payload));
        var frameBytes = SpoolFrame.HeaderBytes + payload.Length;
        long mine;
        lock (_pendingGate)
        {
            if (_isClosed || _pending.Length + frameBytes > PendingBytesMax)
            {
                LogLost(kind, _isClosed);
                return false;
            }

            SpoolFrame.Write(_pending.Take(frameBytes), kind, payload);
            if (value is not null)
                _memory.Keep(_acceptedBytes, value);
            mine = _acceptedBytes += frameBytes;
        }

        lock (_writeGate)
        {
            if (_writtenBytes < mine)
                WriteOut();
            return _writtenBytes >= mine;
        }
    }

    /// <summary>Segments in reading order; the last is the one that is written to.</summary>
    internal SpoolSegment[] Segments()
    {
        lock (_writeGate)
            return [.. _segments];
    }

    /// <summary>
    /// Forgets a segment whose records are all committed, and its file too unless <paramref name="keepAs"/> names a place for it.
    /// The live one goes once it is no longer live.
    /// </summary>
    internal bool TryDelete(SpoolSegment segment, string? keepAs = null)
    {
        lock (_writeGate)
        {
            if (segment == _live)
                return false;
            _segments.Remove(segment);
            _waitingBytes -= segment.LengthBytes;
        }

        lock (_syncGate)
        {
            if (keepAs is null)
                segment.Delete();
            else
                segment.MoveTo(keepAs);
        }

        return true;
    }

    /// <summary>Makes a spare, retries what could not be written, and decides anew whether there is room. Called often, also while nothing is appended.</summary>
    internal void Maintain()
    {
        lock (_writeGate)
        {
            if (_live is null)
                return;
            WriteOut();
        }
    }

    /// <summary>Group <c>fsync</c> of everything written so far.</summary>
    internal void Sync()
    {
        lock (_syncGate)
        {
            SpoolSegment[] unsynced;
            lock (_writeGate)
                unsynced = [.. _segments.Where(segment => segment.Number >= _syncedUpTo)];

            // Not under the write lock: appends go on while the disk works.
            try
            {
                foreach (var segment in unsynced)
                {
                    segment.Sync();
                    _syncedUpTo = segment.Number;
                }
            }
            catch (IOException failure)
            {
                // Records are still safe from a crash of this process, and writing to a broken disk will fail and say so.
                LogNotSynced(failure.Message);
            }
        }
    }

    /// <summary>Stops taking records. Segments stay, for the next start or, when all is committed up to <paramref name="committed"/>, are deleted.</summary>
    internal void Close(SpoolSegment? committed, long committedBytes)
    {
        lock (_pendingGate)
            _isClosed = true;
        lock (_writeGate)
        {
            if (_live is null)
                return;
            WriteOut();
            _state = SpoolState.Closed;
            if (_unwritten.Length > 0)
                LogUnwrittenAtClose(_unwritten.Length);
            var live = _live;
            _live = null;
            var isDone = live.LengthBytes == 0 || (live == committed && committedBytes == live.LengthBytes);
            if (isDone)
            {
                _segments.Remove(live);
                live.Delete();
            }

            foreach (var segment in _segments.Where(segment => segment.Number >= _syncedUpTo))
                segment.Sync();
            _spare?.Delete();
            _spare = null;
            foreach (var segment in _segments)
                segment.Dispose();
        }

        _directoryLock.Dispose();
    }

    public void Dispose() => Close(null, 0);

    /// <summary>Under <see cref="_writeGate"/>: everything pending goes to disk with one write, or stays in <see cref="_unwritten"/> in order.</summary>
    private void WriteOut()
    {
        long upTo;
        lock (_pendingGate)
        {
            if (_unwritten.Length == 0)
                (_pending, _unwritten) = (_unwritten, _pending);
            else
                _pending.MoveTo(_unwritten);
            upTo = _acceptedBytes;
        }

        try
        {
            if (_unwritten.Length > 0)
            {
                if (_live!.LengthBytes > 0 && _live.LengthBytes + _unwritten.Length > _options.SegmentBytes)
                    Rotate(upTo - _unwritten.Length);
                _live.Append(_unwritten.Written);
                _waitingBytes += _unwritten.Length;
                _unwritten.Clear();
            }

            _writtenBytes = upTo;
            _spare ??= CreateSegment();
            SetState(_waitingBytes > _options.BytesMax ? SpoolState.Refusing : SpoolState.Open, "the spool is at its limit; is the database away?");
        }
        catch (IOException failure)
        {
            // Expected: the disk is full or gone. Values, not exceptions, from here on.
            SetState(SpoolState.Refusing, failure.Message);
        }
    }

    private void Rotate(long position)
    {
        var next = _spare ?? CreateSegment();
        next.Position = position;
        _spare = null;
        _segments.Add(next);
        _live = next;
    }

    private SpoolSegment CreateSegment() => SpoolSegment.Create(_options.Directory, _nextNumber++, _options.SegmentBytes);

    private void SetState(SpoolState state, string reason)
    {
        if (_state == state)
            return;
        _state = state;
        if (state == SpoolState.Refusing)
            LogRefusing(reason);
        else
            LogOpenAgain();
    }

    private static FileStream TakeDirectory(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, LockFileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new IOException($"The spool in {directory} belongs to another running process. Give each node its own data directory.", failure);
        }
    }

    private static IEnumerable<long> ExistingNumbers(string directory) =>
        Directory.EnumerateFiles(directory, "*" + SpoolSegment.Extension)
            .Select(path => long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .Where(number => number >= 0)
            .Order();

    [LoggerMessage(3100, LogLevel.Error, "No new requests are admitted: their records could not be written down ({Reason})")]
    private partial void LogRefusing(string reason);

    [LoggerMessage(3101, LogLevel.Information, "The spool has room again; requests are admitted")]
    private partial void LogOpenAgain();

    [LoggerMessage(3102, LogLevel.Critical, "A record of kind {Kind} is lost (spool closed: {Closed})")]
    private partial void LogLost(SpoolRecordKind kind, bool closed);

    [LoggerMessage(3104, LogLevel.Error, "The disk did not confirm the latest records ({Reason}); a power cut may lose them")]
    private partial void LogNotSynced(string reason);

    [LoggerMessage(3103, LogLevel.Critical, "{Bytes} bytes of records could not be written before the process ended")]
    private partial void LogUnwrittenAtClose(int bytes);
}
