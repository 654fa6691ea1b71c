using Trivet.Wire.Json;

namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// Cuts a request's body into the pieces by which prompt caches are guessed at: tools, then the system's text, then the conversation, as vendors cache them, in pieces of two kibibytes (about 512 tokens).
/// Marks of cache breakpoints are left out, because agents move them with every turn. Belongs to one request at a time and is used again; what it allocates grows with the longest prompt only.
/// </summary>
public sealed class PromptChain
{
    /// <summary>Bytes of a piece.</summary>
    public const int PieceBytes = 2048;

    private const int PiecesMax = 2048; // four mebibytes: what comes after counts as cold

    private byte[]? _piece;
    private ulong[] _hashes = [];
    private int[] _tokens = [];
    private int _count;
    private int _fill;
    private long _bytes;
    private PrefixHash _hash;

    /// <summary>Marks of cache breakpoints were seen: what is not read from the cache is written to it, at its price.</summary>
    public bool HasBreakpoints { get; private set; }

    /// <summary>The pieces.</summary>
    internal PromptPrefix Prefix => new(_hashes.AsMemory(0, _count), _tokens.AsMemory(0, _count));

    /// <summary>Reads the body of a request.</summary>
    /// <param name="body">Its JSON.</param>
    /// <param name="scan">What is known of it.</param>
    /// <param name="salt">Whose caches: a hash of what tells accounts apart.</param>
    public void Read(ReadOnlySpan<byte> body, RequestScan scan, ulong salt = 0)
    {
        Clear();
        Span<byte> seed = stackalloc byte[8];
        BitConverter.TryWriteBytes(seed, salt);
        _hash.Add(seed);
        Add(body, scan, "tools"u8);
        Add(body, scan, "system"u8);
        Add(body, scan, "instructions"u8);
        Add(body, scan, "systemInstruction"u8);
        Add(body, scan, "system_instruction"u8);
        Add(body, scan, "messages"u8);
        Add(body, scan, "input"u8);
        Add(body, scan, "contents"u8);
        if (_fill > 0)
            Close();

        // Bytes so far → tokens so far, in the proportion of the whole.
        var perByte = _bytes == 0 ? 0 : scan.InputTokensEstimate / (double)_bytes;
        for (var i = 0; i < _count; i++)
            _tokens[i] = (int)Math.Min(_tokens[i] * perByte, int.MaxValue);
    }

    /// <summary>Makes it new.</summary>
    public void Clear() => (_count, _fill, _bytes, _hash, HasBreakpoints) = (0, 0, 0, default, false);

    private void Add(ReadOnlySpan<byte> body, RequestScan scan, ReadOnlySpan<byte> name)
    {
        if (!scan.TryGetField(body, name, out var field))
            return;
        var rest = body.Slice(field.ValueStart, field.ValueLength);
        while (rest.IndexOf("\"cache_control\""u8) is >= 0 and var mark)
        {
            HasBreakpoints = true;
            Feed(rest[..mark].TrimEnd(" ,\r\n\t"u8));
            rest = rest[mark..];
            var end = rest.IndexOf((byte)'}'); // an object without objects in it
            rest = end < 0 ? [] : rest[(end + 1)..].TrimStart(" ,\r\n\t"u8);
        }

        Feed(rest);
    }

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        // Copied together, because the hash of a piece must not depend on where a mark cut it.
        _piece ??= new byte[PieceBytes];
        while (!bytes.IsEmpty && _count < PiecesMax)
        {
            var taken = bytes[..Math.Min(bytes.Length, PieceBytes - _fill)];
            taken.CopyTo(_piece.AsSpan(_fill));
            _fill += taken.Length;
            _bytes += taken.Length;
            bytes = bytes[taken.Length..];
            if (_fill == PieceBytes)
                Close();
        }
    }

    private void Close()
    {
        if (_count == _hashes.Length)
        {
            Array.Resize(ref _hashes, Math.Max(16, _count * 2));
            Array.Resize(ref _tokens, Math.Max(16, _count * 2));
        }

        _hash.Add(_piece.AsSpan(0, _fill));
        (_hashes[_count], _tokens[_count], _fill) = (_hash.Value, (int)_bytes, 0);
        _count++;
    }
}
