using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// <c>reasoning_details</c>, the shape of OpenRouter and its kin (Vercel, MiniMax, Avian, Snowflake): the only room that Chat has for signatures. Text
/// elements hold a text and perhaps a signature, encrypted ones opaque data, each with a <c>format</c> that names the issuer
/// (<c>anthropic-claude-v1</c>, <c>openai-responses-v1</c>, <c>google-gemini-v1</c>, <c>unknown</c>; recordings 2026-11).
/// </summary>
internal static class OpenAIChatReasoningDetails
{
    /// <summary>The format of Anthropic's signatures and redacted thoughts.</summary>
    public const string AnthropicFormat = "anthropic-claude-v1";

    /// <summary>The format of what an upstream of a protocol encrypted. Relays that speak Chat name theirs themselves; Trivet's own mark is nobody's.</summary>
    public static string FormatOf(Protocol origin, ReadOnlySpan<byte> token) => token.Length > 2 && ForeignSignature.IsForeign(token[1..]) ? "unknown" : origin switch
    {
        Protocol.AnthropicMessages or Protocol.BedrockConverse => AnthropicFormat,
        Protocol.OpenAIResponses => "openai-responses-v1",
        Protocol.Gemini => "google-gemini-v1",
        _ => "unknown",
    };

    /// <summary>
    /// Reads the array into blocks. A client that merely collected what streamed by sends one element per delta: text elements of the same index are
    /// joined until a signature closes them.
    /// </summary>
    public static void Read(RawJson details, List<Block> target)
    {
        var reader = new Utf8JsonReader(details.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        ReasoningBlock? open = null;
        long openIndex = -1;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var raw = JsonTokens.ReadRaw(ref reader, details.Utf8);
            if (Element.Read(raw) is not { } element)
                continue;
            if (open is not null && element.IsText && element.Index == openIndex && open.Signature.IsNull)
            {
                open.Text = open.Text.IsNull ? element.Text : element.Text.IsNull ? open.Text : Concat(open.Text, element.Text);
                open.Signature = element.Signature;
                open.Details = Join(open.Details, raw);
                continue;
            }

            var block = element.ToBlock(raw);
            target.Add(block);
            (open, openIndex) = element.IsText ? (block, element.Index) : (null, -1);
        }
    }

    /// <summary>Writes a block as elements of an array that is open in the writer. What was read from details goes back as it stood.</summary>
    public static void Write(Utf8JsonWriter writer, ReasoningBlock block, int index, Protocol origin = Protocol.AnthropicMessages)
    {
        if (!block.Details.IsAbsent)
        {
            WriteRaw(writer, block.Details);
            return;
        }

        var format = block.Signature.IsNull ? "unknown" : AnthropicFormat;
        writer.WriteStartObject();
        if (block.IsRedacted || block.Text.IsEmpty && !block.Encrypted.IsNull)
        {
            writer.WriteString("type"u8, "reasoning.encrypted"u8);
            block.Encrypted.WriteTo(writer, "data"u8);
            format = FormatOf(origin, block.Encrypted.ToToken().Span);
        }
        else
        {
            writer.WriteString("type"u8, block.IsSummary ? "reasoning.summary"u8 : "reasoning.text"u8);
            (block.Text.IsNull ? "" : block.Text).WriteTo(writer, block.IsSummary ? "summary"u8 : "text"u8);
            if (!block.Signature.IsNull)
                block.Signature.WriteTo(writer, "signature"u8);
        }

        writer.WriteString("format"u8, format);
        writer.WriteNumber("index"u8, index);
        writer.WriteEndObject();
    }

    /// <summary>Two texts as one, still escaped as they stood where both are wire tokens.</summary>
    public static JsonText Concat(JsonText first, JsonText second)
    {
        if (first.IsEmpty)
            return second.IsNull ? first : second;
        if (second.IsEmpty)
            return first;
        var a = first.ToToken().Span;
        var b = second.ToToken().Span;
        return JsonText.FromToken((byte[])[.. a[..^1], .. b[1..]]);
    }

    private static void WriteRaw(Utf8JsonWriter writer, RawJson details)
    {
        if (details.Utf8.Span[0] != (byte)'[')
        {
            details.WriteTo(writer);
            return;
        }

        var reader = new Utf8JsonReader(details.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            JsonTokens.ReadRaw(ref reader, details.Utf8).WriteTo(writer);
    }

    private static RawJson Join(RawJson first, RawJson next)
    {
        var inner = first.Utf8.Span[0] == (byte)'[' ? first.Utf8.Span[1..^1] : first.Utf8.Span;
        return new RawJson((byte[])[(byte)'[', .. inner, (byte)',', .. next.Utf8.Span, (byte)']']);
    }

    /// <summary>One element, taken apart.</summary>
    internal struct Element
    {
        public JsonText Type;
        public JsonText Text;
        public JsonText Signature;
        public JsonText Data;
        public JsonText Id;
        public long Index;

        public readonly bool IsText => Type.ValueEquals("reasoning.text"u8);

        public readonly bool IsEncrypted => Type.ValueEquals("reasoning.encrypted"u8);

        public readonly bool IsSummary => Type.ValueEquals("reasoning.summary"u8);

        public static Element? Read(RawJson raw)
        {
            var reader = new Utf8JsonReader(raw.Utf8.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            var element = new Element { Index = -1 };
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("index"u8) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var index))
                    element.Index = index;
                else if (reader.TokenType == JsonTokenType.String)
                    element.Set(name, JsonTokens.ReadText(ref reader, raw.Utf8));
                reader.Skip();
            }

            return element;
        }

        public readonly ReasoningBlock ToBlock(RawJson raw) => new()
        {
            Text = Text,
            Signature = Signature,
            Encrypted = Data,
            IsRedacted = IsEncrypted,
            IsSummary = IsSummary,
            Id = Id,
            Details = raw,
            Carrier = ReasoningCarrier.ReasoningDetails,
        };

        private void Set(ReadOnlySpan<byte> name, JsonText value)
        {
            if (name.SequenceEqual("type"u8))
                Type = value;
            else if (name.SequenceEqual("text"u8) || name.SequenceEqual("summary"u8))
                Text = value;
            else if (name.SequenceEqual("signature"u8))
                Signature = value;
            else if (name.SequenceEqual("data"u8))
                Data = value;
            else if (name.SequenceEqual("id"u8))
                Id = value;
        }
    }
}
