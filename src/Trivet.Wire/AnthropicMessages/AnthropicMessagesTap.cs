using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.Sse;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>
/// Reads along while an answer passes through. Nearly every event of a stream is a delta, and once content was seen a delta needs no look at all;
/// the three events that carry usage, model and stop reason are parsed.
/// </summary>
public static class AnthropicMessagesTap
{
    /// <summary>Observes one event.</summary>
    public static void Observe(in SseEvent e, AnswerTap tap)
    {
        if (!e.HasData)
            return;
        tap.EventCount++;
        tap.IsUneventful = false;
        var data = e.Data;
        if (IsDelta(e.Name, data))
        {
            tap.IsUneventful = tap.HasContent && tap.Uneventful.Matches(data);
            if (tap.IsUneventful)
                return;
            if (!tap.HasContent)
                tap.HasContent = HasText(data);
            tap.Uneventful.Learn(data);
            return;
        }

        try
        {
            ObserveEvent(data, isError: e.Name.SequenceEqual("error"u8), tap);
        }
        catch (JsonException)
        {
            // Whoever gets the bytes decides what a broken event means; the tap only misses it.
        }
    }

    /// <summary>Observes a whole answer.</summary>
    public static void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return;
            var (hasContent, hasEnded) = Message(ref reader, body, tap);
            if (!hasContent && !hasEnded)
                tap.Error ??= ErrorReader.InPlaceOfAnswer(body);
            tap.IsComplete = tap.Error is null && (hasEnded || tap.HasContent); // also for a reason that came to be since, or none: the body is whole
        }
        catch (JsonException)
        {
            // Not an answer: nothing learned.
        }
    }

    private static bool IsDelta(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data) =>
        name.IsEmpty ? data.StartsWith("{\"type\":\"content_block_delta\""u8) : name.SequenceEqual("content_block_delta"u8);

    // The first deltas are often empty ("partial_json":"", "text":""): an empty one is no progress. Spaces may stand around the colon.
    private static bool HasText(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && !reader.TextIs("type"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > 0)
                        return true;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    private static void ObserveEvent(ReadOnlySpan<byte> data, bool isError, AnswerTap tap)
    {
        var hasType = false;
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            hasType |= name.SequenceEqual("type"u8);
            if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
                tap.IsComplete |= tap.HasEndMarker |= reader.TextIs("message_stop"u8);
            else if (name.SequenceEqual("message"u8) && reader.TokenType == JsonTokenType.StartObject)
                Message(ref reader, data, tap);
            else if (name.SequenceEqual("content_block"u8) && reader.TokenType == JsonTokenType.StartObject)
                ContentBlock(ref reader, tap);
            else if (name.SequenceEqual("delta"u8) && reader.TokenType == JsonTokenType.StartObject)
                Delta(ref reader, tap);
            else if (name.SequenceEqual("usage"u8))
                TakeUsage(ref reader, data, tap);
            else if (name.SequenceEqual("error"u8) && reader.TokenType != JsonTokenType.Null || name.SequenceEqual("base_resp"u8) && IsFailure(ref reader))
                isError = true;
            reader.Skip();
        }

        if (isError)
            tap.Error ??= ErrorReader.Read(0, data);
        else if (!hasType)
            tap.Error ??= ErrorReader.InPlaceOfAnswer(data);
    }

    private static bool IsFailure(ref Utf8JsonReader baseResp) => baseResp.TokenType == JsonTokenType.StartObject && OpenAIChatTap.IsBaseRespError(ref baseResp);

    // Whether it has content, if only an empty one, and says why it ended.
    private static (bool HasContent, bool HasEnded) Message(ref Utf8JsonReader reader, ReadOnlySpan<byte> data, AnswerTap tap)
    {
        var (hasContent, hasEnded) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
                tap.Id = Text(ref reader);
            else if (name.SequenceEqual("model"u8) && reader.TokenType == JsonTokenType.String)
                tap.Model = Text(ref reader);
            else if (name.SequenceEqual("stop_reason"u8) && reader.TokenType == JsonTokenType.String)
                (tap.StopReason, hasEnded) = (AnthropicMessagesStopReasons.Read(reader.ValueSpan), true);
            else if (name.SequenceEqual("usage"u8))
                TakeUsage(ref reader, data, tap);
            else if (name.SequenceEqual("error"u8) && reader.TokenType != JsonTokenType.Null || name.SequenceEqual("base_resp"u8) && IsFailure(ref reader))
                tap.Error ??= ErrorReader.Read(0, data);
            else if (name.SequenceEqual("content"u8) && reader.TokenType == JsonTokenType.StartArray)
                hasContent = Content(ref reader, tap);
            reader.Skip();
        }

        return (hasContent, hasEnded);
    }

    private static void TakeUsage(ref Utf8JsonReader reader, ReadOnlySpan<byte> data, AnswerTap tap)
    {
        if (reader.TokenType == JsonTokenType.StartObject && data.IndexOf("\"compaction\""u8) >= 0 && AnthropicMessagesUsage.CompactionOf(reader) is { InputTotal: > 0 } compaction)
            tap.Beside = compaction;
        if (reader.TokenType == JsonTokenType.StartObject && AnthropicMessagesUsage.ServiceTierOf(reader) is { IsEmpty: false } tier)
            tap.TakeServiceTier(tier);
        tap.Usage = AnthropicMessagesUsage.Read(ref reader, tap.Usage);
    }

    private static bool Content(ref Utf8JsonReader reader, AnswerTap tap)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            tap.HasContent = true;
            if (reader.TokenType == JsonTokenType.StartObject)
                ContentBlock(ref reader, tap);
        }

        return true;
    }

    // A text or thinking block has begun nothing yet when it starts empty; a call or a vendor's own block has.
    private static void ContentBlock(ref Utf8JsonReader reader, AnswerTap tap)
    {
        var (isEmptyKind, hasText) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                if (name.SequenceEqual("type"u8))
                {
                    isEmptyKind = reader.TextIs("text"u8) || reader.TextIs("thinking"u8) || reader.TextIs("compaction"u8);
                    tap.HasToolCall |= reader.TextIs("tool_use"u8);
                }
                else if (name.SequenceEqual("text"u8) || name.SequenceEqual("thinking"u8))
                {
                    hasText |= reader.ValueSpan.Length > 0;
                }
            }

            reader.Skip();
        }

        tap.HasContent |= !isEmptyKind || hasText;
    }

    private static void Delta(ref Utf8JsonReader reader, AnswerTap tap)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = reader.TextIs("stop_reason"u8);
            var isText = reader.TextIs("text"u8) || reader.TextIs("thinking"u8) || reader.TextIs("partial_json"u8);
            reader.Read();
            if (isReason && reader.TokenType == JsonTokenType.String)
                (tap.StopReason, tap.IsComplete) = (AnthropicMessagesStopReasons.Read(reader.ValueSpan), tap.Error is null);
            else if (isText && reader.TokenType == JsonTokenType.String)
                tap.HasContent |= reader.ValueSpan.Length > 0; // a stream without event names whose deltas do not begin with their type
            reader.Skip();
        }
    }

    private static string Text(ref Utf8JsonReader reader) => Encoding.UTF8.GetString(reader.ValueSpan);
}
