using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Trivet.Core.Ledger.Spool;

/// <summary>One file of the spool. Segments are numbered upwards and read in that order.</summary>
internal sealed class SpoolSegment(string directory, long number) : IDisposable
{
    public const string Extension = ".spool";

    private SafeFileHandle? _handle;
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
        return segment;
    }

    /// <summary>Writes at the end. After a failed write the next one starts at the same place, so a half-written record is overwritten.</summary>
    public void Append(ReadOnlySpan<byte> frames)
    {
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

    public void Dispose() => _handle?.Dispose();

    private SafeFileHandle Handle => _handle ?? throw new InvalidOperationException("The segment is not open.");
}
