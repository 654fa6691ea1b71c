using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Answers;

/// <summary>
/// One event of a Chat stream, taken apart without copying: spans of string values are tokens with their quotes, of other values the raw JSON. Only the
/// choice of index 0 is taken.
/// </summary>
internal ref struct ChatChunk
{
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Model;
    public long Created;
    public bool HasChoice;
    public bool HasMoreChoices;
    public ReadOnlySpan<byte> Content;
    public ReadOnlySpan<byte> ContentParts;
    public ReadOnlySpan<byte> ReasoningContent;
    public ReadOnlySpan<byte> Reasoning;
    public ReadOnlySpan<byte> ReasoningDetails;
    public ReadOnlySpan<byte> Refusal;
    public ReadOnlySpan<byte> ToolCalls;
    public ReadOnlySpan<byte> FunctionCall;
    public ReadOnlySpan<byte> Annotations;
    public ReadOnlySpan<byte> ExtraContent;

    /// <summary>An array of pictures.</summary>
    public ReadOnlySpan<byte> Images;

    /// <summary>A whole message stands in place of a delta: an answer that was never streamed, or MiniMax's last event, which says all of it again.</summary>
    public bool IsWhole;

    /// <summary>Arrays of log probabilities, for the text and for the refusal; empty for none.</summary>
    public ReadOnlySpan<byte> LogProbs;

    public ReadOnlySpan<byte> RefusalLogProbs;

    /// <summary>Contents without quotes; empty where none was said.</summary>
    public ReadOnlySpan<byte> FinishReason;

    /// <summary>The stop sequence that was met, as a token; empty where none was named.</summary>
    public ReadOnlySpan<byte> StopSequence;

    /// <summary>Contents without quotes; empty where none was said.</summary>
    public ReadOnlySpan<byte> ServiceTier;

    public Usage? Usage;
    public bool IsError;

    private bool _saysWell;

    /// <summary>Takes the names of content that has no canonical name.</summary>
    public UnsaidFields? Unsaid;

    /// <summary>Reads the event. False where it is no object. Throws <see cref="JsonException"/> where it is no JSON.</summary>
    public bool TryRead(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var (hasChoices, saysMessage) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("choices"u8) && reader.TokenType == JsonTokenType.StartArray)
            {
                hasChoices = true;
                ReadChoices(data, ref reader);
            }
            else if (name.SequenceEqual("id"u8))
                Id = TextToken(data, ref reader);
            else if (name.SequenceEqual("model"u8))
                Model = TextToken(data, ref reader);
            else if (name.SequenceEqual("created"u8))
                Created = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var created) ? created : SkipZero(ref reader);
            else if (name.SequenceEqual("usage"u8))
                Usage = OpenAIChatUsage.Read(ref reader) ?? Usage;
            else if (name.SequenceEqual("service_tier"u8) && reader.TokenType == JsonTokenType.String)
                ServiceTier = reader.ValueSpan;
            else if (name.SequenceEqual("x_groq"u8) && reader.TokenType == JsonTokenType.StartObject)
                ReadVendor(ref reader);
            else
                ReadOther(name, ref reader, ref saysMessage);
        }

        while (reader.Read())
        {
            // anything behind the object makes the reader throw
        }

        IsError |= saysMessage && !_saysWell && !hasChoices && Usage is null;
        return true;
    }

    private void ReadOther(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ref bool saysMessage)
    {
        if (name.SequenceEqual("error"u8))
            IsError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
        else if (name.SequenceEqual("object"u8) || name.SequenceEqual("type"u8))
            IsError |= reader.TokenType == JsonTokenType.String && reader.TextIs("error"u8);
        else if (name.SequenceEqual("message"u8) || name.SequenceEqual("detail"u8) || name.SequenceEqual("msg"u8))
            saysMessage |= reader.TokenType == JsonTokenType.String;
        else if (name.SequenceEqual("code"u8))
            _saysWell = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var code) && code is 0 or 200; // some relays' word for success
        else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
        {
            IsError |= OpenAIChatTap.IsBaseRespError(ref reader);
            return;
        }
        else if (reader.TokenType == JsonTokenType.StartArray && !OpenAIChatTap.IsEmptyArray(reader)) // Perplexity's and xAI's citations, search_results; Azure's filters
            Unsaid?.Add("", name);

        reader.Skip();
    }

    private void ReadVendor(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.TextIs("usage"u8);
            reader.Read();
            if (isUsage)
                Usage ??= OpenAIChatUsage.Read(ref reader);
            else
                reader.Skip();
        }
    }

    private void ReadChoices(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var ahead = reader;
            if (HasChoice || IndexOf(ref ahead) != 0)
            {
                HasMoreChoices = true;
                Unsaid?.Add("", "choices"u8);
                reader.Skip();
                continue;
            }

            HasChoice = true;
            ReadChoice(data, ref reader);
        }
    }

    // The index stands first nearly always; where it stands behind the delta, this reads the choice twice.
    internal static long IndexOf(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIndex = reader.TextIs("index"u8);
            reader.Read();
            if (isIndex)
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var index) ? index : 0;
            reader.Skip();
        }

        return 0;
    }

    private void ReadChoice(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        Utf8JsonReader message = default;
        var (hasDelta, hasMessage) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("delta"u8) && reader.TokenType == JsonTokenType.StartObject)
            {
                hasDelta = true;
                ReadDelta(data, ref reader);
            }
            else if (name.SequenceEqual("message"u8) && reader.TokenType == JsonTokenType.StartObject)
            {
                hasMessage = true;
                message = reader;
                reader.Skip();
            }
            else if (name.SequenceEqual("finish_reason"u8) && reader.TokenType == JsonTokenType.String)
                FinishReason = reader.ValueSpan;
            else if (name.SequenceEqual("usage"u8)) // Kimi reports inside the choice
                Usage = OpenAIChatUsage.Read(ref reader) ?? Usage;
            else if (reader.TokenType == JsonTokenType.String && OpenAIChatStopReasons.IsStopSequence(name, reader.ValueSpan))
                StopSequence = TextToken(data, ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject && name.SequenceEqual("logprobs"u8))
                ReadLogProbs(data, ref reader);
            else
                reader.Skip();
        }

        IsWhole = hasMessage && !hasDelta;
        if (IsWhole)
            ReadDelta(data, ref message);
    }

    private void ReadLogProbs(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        Unsaid?.Add(OpenAIChatResponseReader.ChoicePrefix, "logprobs"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isArray = reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
            if (isArray && name.SequenceEqual("content"u8))
                LogProbs = data[start..(int)reader.BytesConsumed];
            else if (isArray && name.SequenceEqual("refusal"u8))
                RefusalLogProbs = data[start..(int)reader.BytesConsumed];
        }
    }

    private void ReadDelta(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                SetText(name, data.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2));
            else if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                SetOther(name, data[start..(int)reader.BytesConsumed]);
            }
        }
    }

    private void SetText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        if (name.SequenceEqual("content"u8))
            Content = token;
        else if (name.SequenceEqual("reasoning_content"u8))
            ReasoningContent = token;
        else if (name.SequenceEqual("reasoning"u8))
            Reasoning = token;
        else if (name.SequenceEqual("refusal"u8))
            Refusal = token;
    }

    private void SetOther(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("tool_calls"u8))
            ToolCalls = value;
        else if (name.SequenceEqual("function_call"u8))
            FunctionCall = value;
        else if (name.SequenceEqual("content"u8))
            ContentParts = value;
        else if (name.SequenceEqual("reasoning_details"u8))
            ReasoningDetails = value;
        else if (name.SequenceEqual("annotations"u8))
            Annotations = value;
        else if (name.SequenceEqual("extra_content"u8))
            ExtraContent = value;
        else if (name.SequenceEqual("images"u8) && value[0] == (byte)'[')
            Images = value;
        else if (value.Length > 2) // audio, executed_tools
            Unsaid?.Add(OpenAIChatResponseReader.MessagePrefix, name);
    }

    private static ReadOnlySpan<byte> TextToken(ReadOnlySpan<byte> data, scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return data.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
        reader.Skip();
        return default;
    }

    private static long SkipZero(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return 0;
    }
}
