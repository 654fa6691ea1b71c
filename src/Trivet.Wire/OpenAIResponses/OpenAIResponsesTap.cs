using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// Reads along while an answer passes through. Nearly every event is a delta, and once content was seen a delta needs no look at all; the events that
/// hold the whole answer, and those that begin an item, are parsed. Where a stream names no events, the type is found by a search: a quote inside a string is
/// escaped, so <c>"response.</c> can only begin a value.
/// </summary>
public static class OpenAIResponsesTap
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = OpenAIChatScan.DepthMax };

    /// <summary>Observes one event of a stream.</summary>
    public static void Observe(in SseEvent e, AnswerTap tap)
    {
        if (!e.HasData || e.Data.IsEmpty)
            return;
        tap.EventCount++;
        if (tap.EventCount == 1)
            tap.FirstNumber = NumberOf(e.Data);
        tap.IsUneventful = false;
        if (e.Data.StartsWith("[DONE]"u8))
            return;
        var type = TypeOf(e);
        if (type.EndsWith(".delta"u8))
        {
            if (!tap.HasContent)
                tap.HasContent = HasDelta(e.Data);
            return;
        }

        if (type.StartsWith("response."u8) && !IsTelling(type["response."u8.Length..]))
            return;
        Parse(e.Data, type, tap);
    }

    /// <summary>Observes a whole answer.</summary>
    public static void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap)
    {
        try
        {
            var reader = new Utf8JsonReader(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                tap.Error ??= OpenAIChatTap.NotJson(isStream: false);
                return;
            }

            if (!Answer(ref reader, body, tap, isLast: true))
            {
                tap.Error ??= ErrorReader.InPlaceOfAnswer(body);
                tap.IsComplete = false;
            }
        }
        catch (JsonException)
        {
            tap.Error ??= OpenAIChatTap.NotJson(isStream: false);
        }
    }

    // A quote inside a string is escaped, so this can only be a key.
    private static int NumberOf(ReadOnlySpan<byte> data)
    {
        var key = "\"sequence_number\":"u8;
        var at = data.IndexOf(key);
        return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(data[(at + key.Length)..].TrimStart((byte)' '), out int number, out _) ? number : 0;
    }

    private static ReadOnlySpan<byte> TypeOf(in SseEvent e)
    {
        if (!e.Name.IsEmpty)
            return e.Name;
        var at = e.Data.IndexOf("\"response."u8);
        if (at < 0)
            return default;
        var type = e.Data[(at + 1)..];
        var end = type.IndexOf((byte)'"');
        return end < 0 ? default : type[..end];
    }

    private static bool IsTelling(ReadOnlySpan<byte> type) => type.SequenceEqual("created"u8) || type.SequenceEqual("completed"u8) || type.SequenceEqual("incomplete"u8)
        || type.SequenceEqual("failed"u8) || type.SequenceEqual("cancelled"u8) || type.SequenceEqual("error"u8) || type.SequenceEqual("done"u8)
        || type.SequenceEqual("output_item.added"u8) || type.SequenceEqual("output_item.done"u8);

    private static bool HasDelta(ReadOnlySpan<byte> data)
    {
        var read = new OpenAIResponsesEvent();
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            return read.TryRead(data, ref reader) && read.Delta.Length > 2;
        }
        catch (JsonException)
        {
            return false; // whoever gets the bytes decides what a broken event means
        }
    }

    private static void Parse(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type, AnswerTap tap)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return;
            var hasType = !type.IsEmpty;
            var isError = type.SequenceEqual("error"u8) || type.SequenceEqual("response.failed"u8) || type.SequenceEqual("response.cancelled"u8) || type.SequenceEqual("response.error"u8);
            var isLast = type.SequenceEqual("response.completed"u8) || type.SequenceEqual("response.incomplete"u8) || type.SequenceEqual("response.done"u8);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("response"u8) && reader.TokenType == JsonTokenType.StartObject)
                    Answer(ref reader, data, tap, isLast);
                else if (name.SequenceEqual("item"u8) && reader.TokenType == JsonTokenType.StartObject)
                    Item(ref reader, tap);
                else if (name.SequenceEqual("error"u8))
                    isError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
                else if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
                    (hasType, isError) = (true, isError || reader.TextIs("error"u8));
                else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
                    isError |= OpenAIChatTap.IsBaseRespError(ref reader);
                reader.Skip();
            }

            if (isError)
                tap.Error ??= ErrorReader.Read(0, data);
            else if (!hasType)
                tap.Error ??= ErrorReader.InPlaceOfAnswer(data);
            tap.IsComplete &= tap.Error is null;
        }
        catch (JsonException)
        {
            // Cut off, as a rule: that the answer is not complete says enough, and whoever gets the bytes decides what a broken event means.
        }
    }

    // Whether it names its output, if only an empty one.
    private static bool Answer(ref Utf8JsonReader reader, ReadOnlySpan<byte> data, AnswerTap tap, bool isLast)
    {
        ReadOnlySpan<byte> status = default, reason = default;
        var (isFailed, hasOutput) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
                tap.Id = OpenAIChatTap.Text(ref reader);
            else if (name.SequenceEqual("model"u8) && reader.TokenType == JsonTokenType.String)
                tap.Model = OpenAIChatTap.Text(ref reader);
            else if (name.SequenceEqual("service_tier"u8) && reader.TokenType == JsonTokenType.String)
                tap.TakeServiceTier(reader.ValueSpan);
            else if (name.SequenceEqual("status"u8) && reader.TokenType == JsonTokenType.String)
                status = reader.ValueSpan;
            else if (name.SequenceEqual("incomplete_details"u8) && reader.TokenType == JsonTokenType.StartObject)
                reason = Reason(ref reader);
            else if (name.SequenceEqual("error"u8))
                isFailed |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
            else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
                isFailed |= OpenAIChatTap.IsBaseRespError(ref reader);
            else if (name.SequenceEqual("output"u8) && reader.TokenType == JsonTokenType.StartArray)
                hasOutput = Output(ref reader, tap);
            else if (name.SequenceEqual("usage"u8) && reader.TokenType == JsonTokenType.StartObject)
                tap.Usage = OpenAIResponsesUsage.Read(ref reader) ?? tap.Usage;
            reader.Skip();
        }

        if (isFailed || status.SequenceEqual("failed"u8) || status.SequenceEqual("cancelled"u8))
            tap.Error ??= ErrorReader.Read(0, data);
        if (!isLast || tap.Error is not null)
            return hasOutput;
        tap.StopReason = OpenAIResponsesStopReasons.Read(status, reason, tap.HasToolCall);
        tap.IsComplete = true;
        return hasOutput;
    }

    private static ReadOnlySpan<byte> Reason(scoped ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> reason = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = reader.TextIs("reason"u8);
            reader.Read();
            if (isReason && reader.TokenType == JsonTokenType.String)
                reason = reader.ValueSpan;
            reader.Skip();
        }

        return reason;
    }

    private static bool Output(ref Utf8JsonReader reader, AnswerTap tap)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                Item(ref reader, tap);
            reader.Skip();
        }

        return true;
    }

    // A message or thoughts that have just been added have said nothing yet; a call, or a tool of the vendor's, has.
    private static void Item(ref Utf8JsonReader reader, AnswerTap tap)
    {
        var (isSilent, hasWords, isCall, isOwn) = (false, false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
            {
                isSilent = reader.TextIs("message"u8) || reader.TextIs("reasoning"u8);
                isCall = reader.TextIs("function_call"u8) || reader.TextIs("custom_tool_call"u8);
            }
            else if (name.SequenceEqual("call_id"u8) && reader.TokenType == JsonTokenType.String)
            {
                isOwn = reader.ValueSpan.StartsWith("xs_"u8); // see OpenAIResponsesOutputReader.KindOf
            }
            else if (name.SequenceEqual("content"u8) || name.SequenceEqual("summary"u8))
            {
                hasWords |= HasWords(reader);
            }

            reader.Skip();
        }

        tap.HasContent |= !isSilent || hasWords;
        tap.HasToolCall |= isCall && !isOwn;
    }

    // Takes the reader by value: a copy that looks ahead.
    private static bool HasWords(Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !(reader.TextIs("text"u8) || reader.TextIs("refusal"u8)))
                continue;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0)
                return true;
        }

        return false;
    }
}
