using System.Globalization;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Trivet.Core.Ledger.Spool;

/// <summary>
/// One file of the spool. Segments are numbered upwards and read in that order. A new one is mapped into memory where its space is certain: what is stored
/// there is in the page cache and outlives the process as a <c>write()</c> does, without the system call, which was the dearest part of a record.
/// </summary>
internal sealed class SpoolSegment(string directory, long number) : IDisposable
{
    public const string Extension = ".spool";

    // Where space that was promised is kept, so that a store into a mapped page cannot fail. Others (those that copy on write) are written to.
    private static readonly string[] FileSystemsMapped = ["ext2", "ext3", "ext4", "xfs", "tmpfs", "overlay", "overlayfs"];

    private SafeFileHandle? _handle;
    private MemoryMappedFile? _mapping;
    private MemoryMappedViewAccessor? _view;
    private long _lengthBytes;

    public long Number { get; } = number;

    public string Path { get; } = System.IO.Path.Combine(directory, number.ToString("D16", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Where it begins in all that this process wrote; far below zero for what an earlier process left.</summary>
    public long Position { get; set; } = long.MinValue / 2;

    /// <summary>Bytes that are written and may be read. Grows only after the write completed.</summary>
    public long LengthBytes => Volatile.Read(ref _lengthBytes);

    /// <summary>A segment that an earlier process left; its last record may be torn.</summary>
    public static SpoolSegment OpenExisting(string directory, long number)
    {
        var segment = new SpoolSegment(directory, number);
        segment._handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        segment._lengthBytes = RandomAccess.GetLength(segment._handle);
        return segment;
    }

    /// <summary>A new segment whose space the file system has promised. Throws <see cref="IOException"/> when it cannot.</summary>
    public static SpoolSegment Create(string directory, long number, int bytes)
    {
        var segment = new SpoolSegment(directory, number);
        segment._handle = File.OpenHandle(segment.Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, preallocationSize: bytes);
        try
        {
            if (OperatingSystem.IsLinux() && FileSystemsMapped.Contains(new DriveInfo(directory).DriveFormat))
                segment.Map(bytes);
            return segment;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            segment.Delete();
            throw failure as IOException ?? new IOException(failure.Message, failure);
        }
    }

    // The promise of space is not kept by every version of these file systems, nor against a quota; zeros that were written have it.
    private void Map(int bytes)
    {
        var zeros = new byte[Math.Min(bytes, 1 << 20)];
        for (var at = 0; at < bytes; at += zeros.Length)
            RandomAccess.Write(Handle, zeros.AsSpan(0, Math.Min(zeros.Length, bytes - at)), at);
        _mapping = MemoryMappedFile.CreateFromFile(Handle, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, bytes);
    }

    /// <summary>Writes at the end. After a failed write the next one starts at the same place, so a half-written record is overwritten.</summary>
    public void Append(ReadOnlySpan<byte> frames)
    {
        if (_view is not null && _lengthBytes + frames.Length <= _view.Capacity)
            _view.SafeMemoryMappedViewHandle.WriteSpan((ulong)_lengthBytes, frames);
        else
            RandomAccess.Write(Handle, frames, _lengthBytes);
        Volatile.Write(ref _lengthBytes, _lengthBytes + frames.Length);
    }

    /// <summary>Reads written bytes only; fewer than asked for at the end.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        var readable = (int)Math.Min(buffer.Length, LengthBytes - offset);
        var total = 0;
        while (total < readable)
        {
            var count = RandomAccess.Read(Handle, buffer[total..readable], offset + total);
            if (count == 0)
                break;
            total += count;
        }

        return total;
    }

    public void Sync() => RandomAccess.FlushToDisk(Handle);

    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    public void MoveTo(string path)
    {
        Dispose();
        File.Move(Path, path, overwrite: true);
    }

    public void Dispose()
    {
        if (_mapping is not null && _handle is { IsClosed: false })
        {
            _view?.Dispose();
            _mapping.Dispose();
            RandomAccess.SetLength(_handle, _lengthBytes); // the mapping made it as long as the segment may become
        }

        _handle?.Dispose();
    }

    private SafeFileHandle Handle => _handle ?? throw new InvalidOperationException("The segment is not open.");
}
