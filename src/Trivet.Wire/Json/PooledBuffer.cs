using System.Buffers;

namespace Trivet.Wire.Json;

/// <summary>
/// A growing buffer over arrays of the shared pool. Reusable: <see cref="Clear"/> keeps a small array and gives a large one back, so that one
/// large request does not stay in memory. What was handed out as memory is valid until the next write, clear or dispose.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int KeptBytesMax = 32 * 1024;
    private const int FirstBytes = 4096;

    private byte[] _array = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, Length);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, Length);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    /// <summary>Makes room for so much and no more, where that is known beforehand: one array, instead of growing into it.</summary>
    public void Expect(int length)
    {
        if (_array.Length - Length < length)
            Grow(Length + length);
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        Length = 0;
        if (_array.Length > KeptBytesMax)
            Dispose();
    }

    /// <summary>Gives the array back. The buffer may be used again.</summary>
    public void Dispose()
    {
        Length = 0;
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }

    /// <summary>Lets the array go without giving it back, because something may still read it.</summary>
    public void Abandon()
    {
        Length = 0;
        _array = [];
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_array.Length - Length < needed)
            Grow(Math.Max(Math.Max(Length + needed, _array.Length == 0 ? FirstBytes : 0), (int)Math.Min(_array.Length * 2L, Array.MaxLength)));
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length);
        _array.AsSpan(0, Length).CopyTo(larger);
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
