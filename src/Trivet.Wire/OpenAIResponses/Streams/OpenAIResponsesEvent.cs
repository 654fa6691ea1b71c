using System.Text.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>What one event says, as spans of its data. Texts are raw string tokens, ids and types their contents.</summary>
internal ref struct OpenAIResponsesEvent
{
    public ReadOnlySpan<byte> Type;
    public ReadOnlySpan<byte> ItemId;
    public int OutputIndex = -1;

    /// <summary><c>content_index</c> or <c>summary_index</c>; -1 where the vendor names none.</summary>
    public int PartIndex = -1;

    public ReadOnlySpan<byte> Delta;

    /// <summary>The text of a <c>*.done</c> event: <c>text</c>, <c>refusal</c>, <c>arguments</c> or <c>input</c>.</summary>
    public ReadOnlySpan<byte> Whole;

    /// <summary>The raw <c>item</c>, <c>part</c>, <c>annotation</c> or <c>response</c>.</summary>
    public ReadOnlySpan<byte> Body;

    public bool HasError;

    /// <summary>An array of log probabilities beside the text; empty for none.</summary>
    public ReadOnlySpan<byte> LogProbs;

    public OpenAIResponsesEvent()
    {
    }

    /// <summary>Reads the object that is the event's data. False where it is none; throws where it is no JSON.</summary>
    public bool TryRead(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            Take(name, data, ref reader);
        }

        while (reader.Read())
        {
            // Anything behind the object is an error, which the reader throws.
        }

        return true;
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, scoped ref Utf8JsonReader reader)
    {
        if (name.SequenceEqual("delta"u8))
            Delta = Raw(data, ref reader);
        else if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
            Type = reader.ValueSpan;
        else if (name.SequenceEqual("item_id"u8) && reader.TokenType == JsonTokenType.String)
            ItemId = reader.ValueSpan;
        else if (name.SequenceEqual("output_index"u8))
            OutputIndex = Number(ref reader);
        else if (name.SequenceEqual("content_index"u8) || name.SequenceEqual("summary_index"u8))
            PartIndex = Number(ref reader);
        else if (name.SequenceEqual("text"u8) || name.SequenceEqual("arguments"u8) || name.SequenceEqual("input"u8) || name.SequenceEqual("refusal"u8))
            Whole = Raw(data, ref reader);
        else if (name.SequenceEqual("item"u8) || name.SequenceEqual("response"u8) || name.SequenceEqual("part"u8) || name.SequenceEqual("annotation"u8))
            Body = reader.TokenType == JsonTokenType.StartObject ? Raw(data, ref reader) : default;
        else if (name.SequenceEqual("error"u8))
            HasError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
        else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
            HasError |= OpenAIChatTap.IsBaseRespError(ref reader);
        else if (name.SequenceEqual("logprobs"u8))
            LogProbs = reader.TokenType == JsonTokenType.StartArray && !OpenAIChatTap.IsEmptyArray(reader) ? Raw(data, ref reader) : default;
        reader.Skip();
    }

    private static int Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : -1;

    private static ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> data, scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return data[start..(int)reader.BytesConsumed];
    }
}
