using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>What one answer held that must go back only to who gave it, in the order of the answer. Immutable once kept.</summary>
/// <param name="Origin">Who gave it.</param>
/// <param name="Parts">The blocks of the answer: thoughts whole, of texts and calls only their place and signature.</param>
internal sealed record ReplayTurn(OpaqueOrigin Origin, IReadOnlyList<ReplayPart> Parts)
{
    /// <summary>The same on every node and under every key.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>About how much memory it takes.</summary>
    public int Bytes { get; } = 128 + Parts.Sum(static part => part.Bytes);

    /// <summary>As JSON, for the database.</summary>
    public string ToJson()
    {
        var output = new ArrayBufferWriter<byte>(Bytes);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Id);
            writer.WriteString("origin"u8, Origin.ToString());
            writer.WriteStartArray("parts"u8);
            foreach (var part in Parts)
                part.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Reads <see cref="ToJson"/>. False for what another build wrote and this one does not know.</summary>
    public static bool TryParse(string json, out ReplayTurn? turn)
    {
        turn = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (!OpaqueOrigin.TryParse(document.RootElement.GetProperty("origin").GetString()!, out var origin))
                return false;
            turn = new ReplayTurn(origin, [.. document.RootElement.GetProperty("parts").EnumerateArray().Select(ReplayPart.Read)]) { Id = document.RootElement.GetProperty("id").GetGuid() };
            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            return false;
        }
    }
}

/// <summary>One block of an answer as the replay keeps it.</summary>
internal sealed record ReplayPart(ReplayPartKind Kind)
{
    /// <summary>The thoughts.</summary>
    public JsonText Text { get; init; }

    /// <summary><see cref="ReasoningBlock.Signature"/>.</summary>
    public JsonText Signature { get; init; }

    /// <summary><see cref="ReasoningBlock.Encrypted"/>.</summary>
    public JsonText Encrypted { get; init; }

    /// <summary><see cref="Block.ThoughtSignature"/>.</summary>
    public JsonText ThoughtSignature { get; init; }

    /// <summary><see cref="ReasoningBlock.Id"/>.</summary>
    public JsonText Id { get; init; }

    /// <summary><see cref="ReasoningBlock.Details"/>.</summary>
    public RawJson Details { get; init; }

    /// <summary><see cref="ReasoningBlock.IsRedacted"/>.</summary>
    public bool IsRedacted { get; init; }

    /// <summary><see cref="ReasoningBlock.IsSummary"/>.</summary>
    public bool IsSummary { get; init; }

    /// <summary><see cref="ReasoningBlock.Carrier"/>.</summary>
    public ReasoningCarrier Carrier { get; init; }

    /// <summary>Something that only the issuer can read.</summary>
    public bool IsOpaque => !Signature.IsEmpty || !Encrypted.IsNull || !ThoughtSignature.IsNull || !Details.IsAbsent;

    /// <summary>About how much memory it takes.</summary>
    public int Bytes => 160 + Text.Token.Length + Signature.Token.Length + Encrypted.Token.Length + ThoughtSignature.Token.Length + Id.Token.Length + Details.Utf8.Length;

    /// <summary>The thoughts as a block for a request.</summary>
    public ReasoningBlock ToBlock() => new()
    {
        Text = Text,
        Signature = Signature,
        Encrypted = Encrypted,
        ThoughtSignature = ThoughtSignature,
        Id = Id,
        Details = Details,
        IsRedacted = IsRedacted,
        IsSummary = IsSummary,
        Carrier = Carrier,
    };

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("kind"u8, (int)Kind);
        Write(writer, "text"u8, Text);
        Write(writer, "signature"u8, Signature);
        Write(writer, "encrypted"u8, Encrypted);
        Write(writer, "thought_signature"u8, ThoughtSignature);
        Write(writer, "id"u8, Id);
        if (!Details.IsAbsent)
            Details.WriteTo(writer, "details"u8);
        if (IsRedacted)
            writer.WriteBoolean("redacted"u8, true);
        if (IsSummary)
            writer.WriteBoolean("summary"u8, true);
        writer.WriteNumber("carrier"u8, (int)Carrier);
        writer.WriteEndObject();
    }

    internal static ReplayPart Read(JsonElement part) => new((ReplayPartKind)part.GetProperty("kind").GetInt32())
    {
        Text = TextOf(part, "text"),
        Signature = TextOf(part, "signature"),
        Encrypted = TextOf(part, "encrypted"),
        ThoughtSignature = TextOf(part, "thought_signature"),
        Id = TextOf(part, "id"),
        Details = part.TryGetProperty("details", out var details) ? new RawJson(System.Text.Encoding.UTF8.GetBytes(details.GetRawText())) : default,
        IsRedacted = part.TryGetProperty("redacted", out _),
        IsSummary = part.TryGetProperty("summary", out _),
        Carrier = (ReasoningCarrier)part.GetProperty("carrier").GetInt32(),
    };

    // As it stood, escapes and all: a signature covers the text.
    private static JsonText TextOf(JsonElement part, string name) =>
        part.TryGetProperty(name, out var value) ? JsonText.FromToken(System.Text.Encoding.UTF8.GetBytes(value.GetRawText())) : default;

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText value)
    {
        if (!value.IsNull)
            value.WriteTo(writer, name);
    }
}

/// <summary>Kinds of <see cref="ReplayPart"/>.</summary>
internal enum ReplayPartKind : byte
{
    /// <summary>Thoughts.</summary>
    Thought,

    /// <summary>A text: the n-th of the answer.</summary>
    Text,

    /// <summary>A text of no letters, there for its signature alone (Gemini).</summary>
    EmptyText,

    /// <summary>A call: the n-th of the answer.</summary>
    Call,

    /// <summary>A picture that the model drew: the n-th of the answer.</summary>
    Picture,
}
