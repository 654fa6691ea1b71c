using System.Text;

namespace Trivet.Wire.Json;

/// <summary>
/// Top-level fields that two readers of one body could understand differently. Parsers take the last of two, the first, or refuse; Go's, in which many relays and
/// local servers are written, takes <c>MODEL</c> for <c>model</c> and <c>ſtream</c> for <c>stream</c>; a name with escapes is another one only to who compares bytes. What is
/// checked, routed and billed must be what the upstream serves, so a request that leaves it open is refused. One look at each name; other fields than these
/// may stand as often as they like.
/// </summary>
public static class AmbiguousFields
{
    private const int NameBytesMax = 32;

    private static readonly byte[][] Names =
    [
        "model"u8.ToArray(), "input"u8.ToArray(), "tools"u8.ToArray(), "store"u8.ToArray(), "n"u8.ToArray(),
        "stream"u8.ToArray(), "system"u8.ToArray(), "prompt"u8.ToArray(), "messages"u8.ToArray(), "contents"u8.ToArray(), "thinking"u8.ToArray(),
        "max_tokens"u8.ToArray(), "max_completion_tokens"u8.ToArray(), "max_output_tokens"u8.ToArray(), "instructions"u8.ToArray(),
        "tool_choice"u8.ToArray(), "service_tier"u8.ToArray(), "stream_options"u8.ToArray(), "previous_response_id"u8.ToArray(),
        "generationConfig"u8.ToArray(), "generation_config"u8.ToArray(), "systemInstruction"u8.ToArray(), "system_instruction"u8.ToArray(),
    ];

    // By length, so that most names are compared with one or two.
    private static readonly (byte[] Name, int Bit)[][] ByLength = Group();

    /// <summary>The first that could be read in two ways, as it should be written; null where there is none.</summary>
    public static string? Find(ReadOnlySpan<byte> body, IReadOnlyList<FieldSpan> fields)
    {
        var seen = 0;
        Span<byte> folded = stackalloc byte[NameBytesMax];
        for (var i = 0; i < fields.Count; i++)
        {
            scoped var name = body.Slice(fields[i].NameStart + 1, fields[i].NameLength - 2);
            if (name.Contains((byte)'\\'))
                return Encoding.UTF8.GetString(name);
            if (!Ascii.IsValid(name))
                name = Fold(name, folded);
            if (name.Length >= ByLength.Length)
                continue;
            foreach (var (known, bit) in ByLength[name.Length])
            {
                if (!Ascii.EqualsIgnoreCase(name, known))
                    continue;
                if ((seen & bit) != 0)
                    return Encoding.UTF8.GetString(known);
                seen |= bit;
            }
        }

        return null;
    }

    // The two characters beyond ASCII that fold into it: long s and the Kelvin sign.
    private static ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> name, Span<byte> into)
    {
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            if (length == into.Length)
                return name;
            if (name[i..].StartsWith("ſ"u8))
                (into[length++], i) = ((byte)'s', i + 1);
            else if (name[i..].StartsWith("\u212A"u8))
                (into[length++], i) = ((byte)'k', i + 2);
            else
                into[length++] = name[i];
        }

        return into[..length];
    }

    private static (byte[] Name, int Bit)[][] Group()
    {
        var groups = new (byte[] Name, int Bit)[Names.Max(name => name.Length) + 1][];
        for (var length = 0; length < groups.Length; length++)
            groups[length] = [.. Names.Select((name, i) => (name, 1 << i)).Where(pair => pair.name.Length == length)];
        return groups;
    }
}
