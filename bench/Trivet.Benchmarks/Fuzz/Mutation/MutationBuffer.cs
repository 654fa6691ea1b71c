namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>Bytes that grow and change in place.</summary>
internal sealed class MutationBuffer
{
    private byte[] _bytes = new byte[64 * 1024];

    public int Length { get; private set; }

    public Span<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Append(ReadOnlySpan<byte> bytes, int times)
    {
        for (var i = 0; i < times; i++)
            Append(bytes);
    }

    public void Insert(int at, ReadOnlySpan<byte> bytes, int times = 1)
    {
        var length = bytes.Length * times;
        Reserve(length);
        _bytes.AsSpan(at, Length - at).CopyTo(_bytes.AsSpan(at + length));
        for (var i = 0; i < times; i++)
            bytes.CopyTo(_bytes.AsSpan(at + i * bytes.Length));
        Length += length;
    }

    public void Remove(int at, int length)
    {
        _bytes.AsSpan(at + length, Length - at - length).CopyTo(_bytes.AsSpan(at));
        Length -= length;
    }

    public void Truncate(int length) => Length = length;

    private void Reserve(int length)
    {
        if (Length + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
    }
}
