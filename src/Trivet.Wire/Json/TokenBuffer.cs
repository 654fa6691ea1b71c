using System.Buffers;

namespace Trivet.Wire.Json;

/// <summary>
/// Grows one JSON string out of fragments that came as string tokens. The fragments stay escaped, so that an escape pair which a vendor cut in two
/// (a surrogate pair over two deltas) is whole again in the result.
/// </summary>
public sealed class TokenBuffer
{
    private byte[] _bytes = new byte[64];
    private int _length = 1;

    /// <summary>An empty string.</summary>
    public TokenBuffer()
    {
        _bytes[0] = (byte)'"';
    }

    /// <summary>Nothing was appended.</summary>
    public bool IsEmpty => _length == 1;

    /// <summary>The escaped contents so far, without quotes.</summary>
    public ReadOnlySpan<byte> Contents => _bytes.AsSpan(1, _length - 1);

    /// <summary>Appends a quoted string token.</summary>
    public void Append(ReadOnlySpan<byte> token)
    {
        if (token.Length > 2)
            AppendContents(token[1..^1]);
    }

    /// <summary>Appends escaped contents that stand without quotes.</summary>
    public void AppendContents(ReadOnlySpan<byte> contents)
    {
        if (_length + contents.Length + 1 > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + contents.Length + 1));
        contents.CopyTo(_bytes.AsSpan(_length));
        _length += contents.Length;
    }

    /// <summary>Forgets everything, keeps the memory.</summary>
    public void Clear() => _length = 1;

    /// <summary>Drops the first <paramref name="count"/> bytes of the contents.</summary>
    public void RemoveStart(int count)
    {
        _bytes.AsSpan(1 + count, _length - 1 - count).CopyTo(_bytes.AsSpan(1));
        _length -= count;
    }

    /// <summary>The string token with its quotes; valid until the next change.</summary>
    public ReadOnlySpan<byte> AsToken()
    {
        _bytes[_length] = (byte)'"';
        return _bytes.AsSpan(0, _length + 1);
    }

    /// <summary>A copy of the string as a value of its own.</summary>
    public JsonText ToText() => JsonText.FromToken(AsToken().ToArray());

    /// <summary>What the string stands for, decoded.</summary>
    public byte[] Decode()
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(_length, 1));
        JsonTokens.Unquote(AsToken(), output);
        return output.WrittenSpan.ToArray();
    }
}
