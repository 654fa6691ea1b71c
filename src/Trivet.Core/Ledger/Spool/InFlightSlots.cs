using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Trivet.Core.Ledger.Spool;

/// <summary>How far something in flight has come: six counters of the caller's, and flags of his. Written whole at each progress.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct SlotProgress(long A, long B, long C, long D, long E, long F, long Bytes, long Flags);

/// <summary>What was in flight when its process was killed.</summary>
public readonly record struct LeftSlot(ReadOnlyMemory<byte> Payload, SlotProgress Progress);

/// <summary>
/// Places for what is in flight, in a file that is mapped into memory: taken before the act, updated by plain stores while it runs, given back when its record is in the spool. The page cache outlives the process, so after
/// <c>kill -9</c> the next start finds what was running and how far it had come (<see cref="TakeLeft"/>). Costs a copy of the payload and no system call. Owned by the process that owns the spool's directory.
/// </summary>
public sealed partial class InFlightSlots : IDisposable
{
    /// <summary>The longest payload.</summary>
    public const int PayloadBytesMax = SlotBytes - HeaderBytes;

    /// <summary>Nobody's place: for those who run without.</summary>
    public const int None = -1;

    private const int SlotBytes = 1024;
    private const int SlotsPerFile = 2048;
    private const int FilesMax = 64;
    private const int FileBytes = SlotBytes * SlotsPerFile;
    private const string FilePattern = "inflight-*.slots";

    // state (4), payload length (4), checksum (4), unused (4), progress (64), payload
    private const int LengthOffset = 4;
    private const int ChecksumOffset = 8;
    private const int ProgressOffset = 16;
    private const int HeaderBytes = ProgressOffset + 64;
    private const int Used = 1;

    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private readonly List<(MemoryMappedFile File, MemoryMappedViewAccessor View)> _files = [];
    private readonly List<LeftSlot> _left = [];
    private readonly Lock _makeGate = new(); // behind _gate, and never before it
    private int _ahead;                      // guarded by _gate: number of the last file that was made before it was needed
    private bool _isDisposed;

    /// <summary>Opens the directory's slots and reads what an earlier process left in them.</summary>
    /// <exception cref="IOException">There is no room for even one file.</exception>
    public InFlightSlots(string directory, ILogger<InFlightSlots> logger)
    {
        (_directory, _logger) = (directory, logger);
        Directory.CreateDirectory(directory);
        var count = Math.Max(1, Directory.GetFiles(directory, FilePattern).Length);
        for (var i = 0; i < count; i++)
            Open(i);
        for (var slot = _files.Count * SlotsPerFile - 1; slot >= 0; slot--)
            Read(slot);
    }

    /// <summary>What an earlier process left. Its places are free once <see cref="ForgetLeft"/> is called, which the caller does when it has written it down.</summary>
    public IReadOnlyList<LeftSlot> TakeLeft() => _left;

    /// <summary>Frees the places of what was left.</summary>
    public void ForgetLeft()
    {
        lock (_gate)
        {
            for (var slot = 0; slot < _files.Count * SlotsPerFile; slot++)
            {
                var (view, at) = Place(slot);
                if (view.ReadInt32(at) != Used)
                    continue;
                view.Write(at, 0);
                _free.Push(slot);
            }

            _left.Clear();
        }
    }

    /// <summary>Takes a place. <see cref="None"/> where there is no room for another file: the caller may not begin then.</summary>
    public int Take(ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, PayloadBytesMax, nameof(payload));
        int slot;
        var next = 0;
        lock (_gate)
        {
            if (_isDisposed || (_free.Count == 0 && !TryGrow()))
                return None;
            slot = _free.Pop();
            if (_free.Count < SlotsPerFile / 4 && _ahead < _files.Count && _files.Count < FilesMax)
                next = _ahead = _files.Count;
        }

        if (next > 0)
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Slots.MakeAhead(state.Number), (Slots: this, Number: next), preferLocal: false);

        var (view, at) = Place(slot);
        view.SafeMemoryMappedViewHandle.WriteSpan((ulong)(at + HeaderBytes), payload);
        var progress = default(SlotProgress);
        view.Write(at + ProgressOffset, ref progress);
        view.Write(at + LengthOffset, payload.Length);
        view.Write(at + ChecksumOffset, SpoolFrame.Checksum(payload));
        Thread.MemoryBarrier(); // used only when all of it stands
        view.Write(at, Used);
        return slot;
    }

    /// <summary>Notes how far it has come.</summary>
    public void Note(int slot, in SlotProgress progress)
    {
        if (slot == None || _isDisposed)
            return;
        var (view, at) = Place(slot);
        var copy = progress;
        view.Write(at + ProgressOffset, ref copy);
    }

    /// <summary>Gives a place back; only when what was in it is in the spool.</summary>
    public void Free(int slot)
    {
        if (slot == None)
            return;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            var (view, at) = Place(slot);
            view.Write(at, 0);
            _free.Push(slot);
        }
    }

    /// <summary>Closes the files. What is in flight then is found by the next start.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var (file, view) in _files)
            {
                view.Dispose();
                file.Dispose();
            }
        }
    }

    private (MemoryMappedViewAccessor View, long At) Place(int slot) => (_files[slot / SlotsPerFile].View, (long)(slot % SlotsPerFile) * SlotBytes);

    private bool TryGrow()
    {
        if (_files.Count == FilesMax)
            return false;
        try
        {
            Open(_files.Count);
        }
        catch (IOException failure)
        {
            LogNoRoom(failure.Message);
            return false;
        }

        for (var slot = _files.Count * SlotsPerFile - 1; slot >= (_files.Count - 1) * SlotsPerFile; slot--)
            _free.Push(slot);
        return true;
    }

    // No request waits for the disk while a file is made: that is done while there are places left.
    private void MakeAhead(int number)
    {
        try
        {
            Make(number);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Whoever needs it tries again, and says why it cannot be.
        }
    }

    private string Make(int number)
    {
        var path = Path.Combine(_directory, $"inflight-{number}.slots");
        lock (_makeGate)
        {
            if (File.Exists(path) && new FileInfo(path).Length == FileBytes)
                return path;

            // The space is promised by the file system before it is mapped: a store into a page that has none would end the process.
            using var made = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = FileBytes });
            made.Write(new byte[FileBytes]);
            made.Flush(flushToDisk: true);
        }

        return path;
    }

    private void Open(int number)
    {
        var file = MemoryMappedFile.CreateFromFile(Make(number), FileMode.Open, null, FileBytes);
        _files.Add((file, file.CreateViewAccessor(0, FileBytes)));
    }

    private void Read(int slot)
    {
        var (view, at) = Place(slot);
        if (view.ReadInt32(at) != Used)
        {
            view.Write(at, 0);
            _free.Push(slot);
            return;
        }

        var length = view.ReadInt32(at + LengthOffset);
        if (length is >= 0 and <= PayloadBytesMax)
        {
            var payload = new byte[length];
            view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(at + HeaderBytes), payload.AsSpan());
            if (SpoolFrame.Checksum(payload) == view.ReadUInt32(at + ChecksumOffset))
            {
                view.Read(at + ProgressOffset, out SlotProgress progress);
                _left.Add(new LeftSlot(payload, progress));
                return;
            }
        }

        LogTorn(slot);
        view.Write(at, 0);
        _free.Push(slot);
    }

    [LoggerMessage(3120, LogLevel.Error, "There is no room for more requests in flight ({Reason})")]
    private partial void LogNoRoom(string reason);

    [LoggerMessage(3121, LogLevel.Error, "Slot {Slot} of what was in flight cannot be read: its checksum is wrong, as after a power cut")]
    private partial void LogTorn(int slot);
}
