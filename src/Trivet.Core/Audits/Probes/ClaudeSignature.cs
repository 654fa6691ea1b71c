namespace Trivet.Core.Audits.Probes;

/// <summary>
/// The outside of a signature on Claude's thoughts: base64 of a protobuf message whose field 2 holds the block (observed form, 2026; the parts inside differ by channel and are not checked). A cheap imitation fails;
/// a signature copied from a real answer passes, so this only ever accuses. Proof would be to have the vendor accept the block when it is sent back.
/// </summary>
internal static class ClaudeSignature
{
    private const int BytesMin = 64;

    /// <summary>False where the text is no such signature. <paramref name="fields"/> are the numbers of the outer message's fields.</summary>
    public static bool TryRead(string text, out IReadOnlyList<int> fields)
    {
        var found = new List<int>();
        fields = found;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < BytesMin)
            return false;
        ReadOnlySpan<byte> rest = bytes.AsSpan(0, length);

        // Some channels encode twice.
        Span<byte> inner = new byte[length];
        if (IsBase64(rest) && System.Buffers.Text.Base64.DecodeFromUtf8(rest, inner, out _, out var decoded) == System.Buffers.OperationStatus.Done)
            rest = inner[..decoded];
        while (!rest.IsEmpty)
        {
            if (!TryVarint(ref rest, out var key))
                return false;
            found.Add((int)(key >> 3));
            ulong skip;
            switch (key & 7)
            {
                case 0 when TryVarint(ref rest, out _):
                    continue;
                case 1:
                    skip = 8;
                    break;
                case 2 when TryVarint(ref rest, out skip):
                    break;
                case 5:
                    skip = 4;
                    break;
                default:
                    return false;
            }

            if (skip > (ulong)rest.Length)
                return false;
            rest = rest[(int)skip..];
        }

        return found.Contains(2);
    }

    /// <summary>
    /// The model that a signature says it was made by (field 1 of the block, where its channel writes one; observed form, 2026); null where it says nothing. Bytes at random that happen to read so are not to be feared: the name
    /// begins with <c>claude-</c>.
    /// </summary>
    public static string? ModelOf(string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return null;
        ReadOnlySpan<byte> rest = bytes.AsSpan(0, length);
        Span<byte> inner = new byte[length];
        if (IsBase64(rest) && System.Buffers.Text.Base64.DecodeFromUtf8(rest, inner, out _, out var decoded) == System.Buffers.OperationStatus.Done)
            rest = inner[..decoded];
        var at = rest.IndexOf("claude-"u8);
        if (at < 1 || rest[at - 1] > rest.Length - at)
            return null;

        // A text of a protobuf message stands behind its length; names are shorter than 128 bytes.
        var name = rest.Slice(at, rest[at - 1]);
        foreach (var b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'-' or (byte)'.' or (byte)'@' or (byte)':'))
                return null;
        }

        return System.Text.Encoding.ASCII.GetString(name);
    }

    private static bool IsBase64(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'/' or (byte)'='))
                return false;
        }

        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80)
                continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }
}
