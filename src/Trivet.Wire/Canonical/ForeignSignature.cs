using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// Trivet's own mark in a place where a client's protocol has room for an opaque value (Messages <c>signature</c> and <c>data</c>, Responses
/// <c>encrypted_content</c>, Gemini <c>thoughtSignature</c>): it says which vendor the thoughts came from, so that they are never sent to one that would reject
/// them, and may carry what that vendor wants back. It proves nothing to anybody.
/// <para>
/// The form is legal in every protocol: <c>trivetV1</c> and then base64 of a JSON object. Eight letters and then whole groups of four are standard base64
/// themselves, so a mark survives clients that decode Gemini's signatures to bytes and encode them again.
/// </para>
/// </summary>
public static class ForeignSignature
{
    /// <summary>The longest mark in bytes; a larger payload stays out and only the vendor is named.</summary>
    public const int BytesMax = 24 * 1024;

    private static ReadOnlySpan<byte> Prefix => "trivetV1"u8;

    /// <summary>The mark for thoughts of the vendor <paramref name="origin"/>.</summary>
    public static string Make(string origin) => Make(new ForeignMark(origin));

    /// <summary>The mark as text. Without its payload where that is too large.</summary>
    public static string Make(ForeignMark mark)
    {
        var json = new ArrayBufferWriter<byte>();
        var writer = JsonWriters.Rent(json);
        mark.WriteTo(writer);
        JsonWriters.Return(writer);
        if (mark.HasPayload && Base64.GetMaxEncodedToUtf8Length(json.WrittenCount) + Prefix.Length > BytesMax)
            return Make(new ForeignMark(mark.Origin));
        return string.Concat("trivetV1", Convert.ToBase64String(json.WrittenSpan));
    }

    /// <summary>Whether an opaque value's contents (no quotes) are one of Trivet's own.</summary>
    public static bool IsForeign(ReadOnlySpan<byte> value) => value.StartsWith(Prefix);

    /// <summary>Whether an opaque value is one of Trivet's own.</summary>
    public static bool IsForeign(JsonText value) =>
        !value.IsEmpty && (value.Token.Length > 2 ? IsForeign(value.Token.Span[1..]) : value.ToString().StartsWith("trivetV1", StringComparison.Ordinal));

    /// <summary>Reads a mark that came back from a client. False for any other value, and for one that a client spoilt.</summary>
    public static bool TryRead(JsonText value, out ForeignMark? mark)
    {
        mark = null;
        if (!IsForeign(value))
            return false;
        var base64 = value.ToString()[Prefix.Length..].Replace('-', '+').Replace('_', '/').TrimEnd('=');
        base64 = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
        var json = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, json, out var length) && ForeignMark.TryRead(json.AsMemory(0, length), out mark);
    }
}

/// <summary>What Trivet's mark says.</summary>
/// <param name="Origin">Who issued the thoughts.</param>
public sealed record ForeignMark(string Origin)
{
    /// <summary>The protocol in which they were issued; null where nothing else is carried.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>The issuer's <see cref="ReasoningBlock.Signature"/>.</summary>
    public JsonText Signature { get; init; }

    /// <summary>The issuer's <see cref="ReasoningBlock.Encrypted"/>.</summary>
    public JsonText Encrypted { get; init; }

    /// <summary>The issuer's <see cref="Block.ThoughtSignature"/>.</summary>
    public JsonText ThoughtSignature { get; init; }

    /// <summary>The issuer's <see cref="ReasoningBlock.Id"/>.</summary>
    public JsonText Id { get; init; }

    /// <summary>The issuer's <see cref="ReasoningBlock.IsRedacted"/>.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>Something for the issuer is carried, not only its name.</summary>
    public bool HasPayload => !Signature.IsNull || !Encrypted.IsNull || !ThoughtSignature.IsNull;

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("v"u8, Origin);
        if (Protocol is { } protocol)
            writer.WriteNumber("p"u8, (int)protocol);
        Write(writer, "s"u8, Signature);
        Write(writer, "e"u8, Encrypted);
        Write(writer, "t"u8, ThoughtSignature);
        Write(writer, "i"u8, Id);
        if (IsRedacted)
            writer.WriteBoolean("r"u8, true);
        writer.WriteEndObject();
    }

    internal static bool TryRead(ReadOnlyMemory<byte> json, out ForeignMark? mark)
    {
        mark = null;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            var read = new ForeignMark("");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan.Length == 1 ? reader.ValueSpan[0] : (byte)0;
                reader.Read();
                read = name switch
                {
                    (byte)'v' => read with { Origin = reader.GetString() ?? "" },
                    (byte)'p' => reader.TryGetInt32(out var protocol) && Enum.IsDefined((Protocol)protocol) ? read with { Protocol = (Protocol)protocol } : read,
                    (byte)'s' => read with { Signature = JsonTokens.ReadText(ref reader, json) },
                    (byte)'e' => read with { Encrypted = JsonTokens.ReadText(ref reader, json) },
                    (byte)'t' => read with { ThoughtSignature = JsonTokens.ReadText(ref reader, json) },
                    (byte)'i' => read with { Id = JsonTokens.ReadText(ref reader, json) },
                    (byte)'r' => read with { IsRedacted = reader.TokenType == JsonTokenType.True },
                    _ => read,
                };
                reader.Skip();
            }

            mark = read;
            return read.Origin.Length > 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false; // what a client sends back may be anything
        }
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText value)
    {
        if (!value.IsNull)
            value.WriteTo(writer, name);
    }
}
