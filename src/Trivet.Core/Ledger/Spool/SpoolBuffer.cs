namespace Trivet.Core.Ledger.Spool;

/// <summary>A growing byte buffer that is kept and reused.</summary>
internal sealed class SpoolBuffer
{
    private byte[] _bytes = new byte[16 * 1024];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The next <paramref name="count"/> bytes, to be filled by the caller.</summary>
    public Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        var taken = _bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    public void MoveTo(SpoolBuffer other)
    {
        Written.CopyTo(other.Take(Length));
        Clear();
    }

    public void Clear() => Length = 0;
}
