using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.Sse;

namespace Trivet.Wire.Gemini;

/// <summary>
/// Reads along on a Gemini answer that passes through. Usage stands on every event, so of an event that only goes on with the text no more than the
/// <c>usageMetadata</c> object is parsed; a quote inside a JSON string is escaped, so its unescaped name is a key. A finish reason that tells a failure is no
/// error here: the bytes are the client's, and it knows the word.
/// </summary>
public static class GeminiTap
{
    /// <summary>Observes one event of a stream.</summary>
    public static void Observe(in SseEvent e, AnswerTap tap)
    {
        if (!e.HasData || e.Data.IsEmpty)
            return;
        tap.EventCount++;
        tap.IsUneventful = tap.Uneventful.Matches(e.Data);
        if (tap.IsUneventful)
            return;
        if (tap.HasContent && tap.Model.Length > 0 && !IsWorthParsing(e.Data, tap.HasToolCall))
        {
            TakeUsage(e.Data, tap);
            tap.Uneventful.Learn(e.Data);
            return;
        }

        if (!e.Data.StartsWith("[DONE]"u8))
            Parse(new GeminiChunk(), e.Data, tap, isStream: true);
    }

    /// <summary>Observes a whole answer, or the JSON array of chunks that stands for a stream.</summary>
    public static void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap)
    {
        var chunk = new GeminiChunk();
        var text = body.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != (byte)'[')
        {
            Parse(chunk, body, tap, isStream: false);
            tap.IsComplete |= tap.Error is null && tap.HasContent; // the body is whole, whether it says why it ended or not
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax + 1 });
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                Parse(chunk, GeminiChunk.Value(ref reader).Of(body), tap, isStream: false);
        }
        catch (JsonException)
        {
            tap.Error ??= OpenAIChatTap.NotJson(isStream: false);
        }
    }

    private static bool IsWorthParsing(ReadOnlySpan<byte> data, bool hasToolCall) =>
        data.IndexOf("\"finishReason\""u8) >= 0 || data.IndexOf("\"candidates\""u8) < 0 || !hasToolCall && data.IndexOf("\"functionCall\""u8) >= 0;

    private static void TakeUsage(ReadOnlySpan<byte> data, AnswerTap tap)
    {
        var at = data.LastIndexOf("\"usageMetadata\""u8);
        if (at < 0)
            return;
        var value = data[(at + "\"usageMetadata\""u8.Length)..].TrimStart(": \t\r\n"u8);
        try
        {
            var reader = new Utf8JsonReader(value); // what stands behind the object is not read
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                tap.Usage = GeminiUsage.Read(ref reader) ?? tap.Usage;
        }
        catch (JsonException)
        {
            // whoever gets the bytes decides what a broken event means
        }
    }

    private static void Parse(GeminiChunk chunk, ReadOnlySpan<byte> data, AnswerTap tap, bool isStream)
    {
        if (!chunk.TryRead(data))
        {
            tap.Error ??= OpenAIChatTap.NotJson(isStream);
            return;
        }

        if (chunk.IsError)
        {
            tap.Error ??= ErrorReader.Read(0, data);
            tap.IsComplete = false;
            return;
        }

        if (tap.Id.Length == 0)
            tap.Id = chunk.Id.TextOf(data);
        if (tap.Model.Length == 0)
            tap.Model = chunk.Model.TextOf(data);
        tap.Usage = chunk.Usage ?? tap.Usage;
        if (chunk.ServiceTier.Length > 2)
            tap.TakeServiceTier(chunk.ServiceTier.Of(data)[1..^1]); // a quoted token
        foreach (var part in chunk.Parts)
        {
            tap.HasContent |= part.HasContent;
            tap.HasToolCall |= !part.Call.IsEmpty;
        }

        if (chunk.FinishReason.Length > 2)
            tap.StopReason = GeminiStopReasons.Resolve(chunk.FinishReason.TextOf(data), tap.HasToolCall);
        else if (chunk.BlockReason.Length > 2)
            tap.StopReason = StopReason.ContentFilter;
        tap.IsComplete = tap.Error is null && tap.StopReason != StopReason.Unknown;
    }
}
