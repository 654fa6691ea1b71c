using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.Sse;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// Reads along on a Chat answer that passes through. A quote inside a JSON string is escaped, so an unescaped <c>"usage"</c> can only be a whole
/// key or a whole value: a few vectorised searches tell whether an event is worth a parse, and a content delta after the first is not.
/// </summary>
public static class OpenAIChatTap
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = OpenAIChatScan.DepthMax };

    /// <summary>Observes one event of a stream.</summary>
    public static void Observe(in SseEvent e, AnswerTap tap)
    {
        (tap.IsUsageOnlyEvent, tap.IsUneventful) = (false, false);
        if (!e.HasData || e.Data.IsEmpty)
            return;
        tap.EventCount++;
        if (tap.Uneventful.Matches(e.Data) && e.Name.IsEmpty)
        {
            tap.IsUneventful = true;
            return;
        }

        if (e.Data.StartsWith("[DONE]"u8))
        {
            tap.IsComplete |= tap.Error is null;
            return;
        }

        if (e.Name.SequenceEqual("error"u8))
        {
            tap.Error ??= ErrorReader.Read(0, e.Data);
            return;
        }

        if (tap.HasContent && tap.Model.Length > 0 && !IsWorthParsing(e.Data, tap.HasToolCall))
        {
            tap.Uneventful.Learn(e.Data);
            return;
        }

        Parse(e.Data, tap, isStream: true);
    }

    /// <summary>Observes a whole answer.</summary>
    public static void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap)
    {
        Parse(body, tap, isStream: false);
        tap.IsComplete |= tap.Error is null && (tap.StopReason != StopReason.Unknown || tap.HasContent); // the body is whole, whether it says why it ended or not
    }

    private static bool IsWorthParsing(ReadOnlySpan<byte> data, bool hasToolCall) =>
        data.IndexOf("\"choices\""u8) < 0 || HasValue(data, "usage\""u8) || HasValue(data, "finish_reason\""u8) || HasValue(data, "error\""u8) || !hasToolCall && HasValue(data, "tool_calls\""u8);

    // The key stands there with a value other than null. Searched for without its opening quote, since quotes are everywhere in JSON.
    private static bool HasValue(ReadOnlySpan<byte> data, ReadOnlySpan<byte> key)
    {
        while (true)
        {
            var at = data.IndexOf(key);
            if (at < 0)
                return false;
            var isKey = at > 0 && data[at - 1] == (byte)'"';
            data = data[(at + key.Length)..];
            if (!isKey)
                continue;
            var value = data.TrimStart(": \t"u8);
            if (value.Length == data.Length || !value.StartsWith("null"u8))
                return true;
        }
    }

    private static void Parse(ReadOnlySpan<byte> data, AnswerTap tap, bool isStream)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                tap.Error ??= NotJson(isStream);
                return;
            }

            var (choices, hasChoices, hasUsage, isError, before) = (0, false, false, false, tap.Error);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("choices"u8) && reader.TokenType == JsonTokenType.StartArray)
                    (choices, hasChoices) = (Choices(ref reader, tap), true);
                else if (name.SequenceEqual("usage"u8))
                    hasUsage |= TakeUsage(ref reader, tap);
                else if (name.SequenceEqual("x_groq"u8) && reader.TokenType == JsonTokenType.StartObject && tap.Usage is null)
                    Vendor(ref reader, tap);
                else if (name.SequenceEqual("id"u8) && tap.Id.Length == 0)
                    tap.Id = Text(ref reader);
                else if (name.SequenceEqual("model"u8) && tap.Model.Length == 0)
                    tap.Model = Text(ref reader);
                else if (name.SequenceEqual("service_tier"u8) && reader.TokenType == JsonTokenType.String)
                    tap.TakeServiceTier(reader.ValueSpan);
                else
                    isError |= IsError(ref reader, name);
            }

            tap.IsUsageOnlyEvent = hasUsage && choices == 0 && !isError;
            if (isError)
                tap.Error = before ?? ErrorReader.Read(0, data); // which says more than a finish_reason "error" beside it
            else if (!hasChoices && !hasUsage)
                tap.Error ??= ErrorReader.InPlaceOfAnswer(data);
        }
        catch (JsonException)
        {
            tap.Error ??= NotJson(isStream);
        }
    }

    private static bool IsError(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("error"u8))
        {
            var isError = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
            reader.Skip();
            return isError;
        }

        if (name.SequenceEqual("object"u8))
            return reader.TokenType == JsonTokenType.String && reader.TextIs("error"u8);
        if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
            return IsBaseRespError(ref reader);
        reader.Skip();
        return false;
    }

    /// <summary>Whether MiniMax's <c>base_resp</c> at the reader's position tells a failure; moves to its end.</summary>
    internal static bool IsBaseRespError(ref Utf8JsonReader reader)
    {
        var failed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.TextIs("status_code"u8);
            reader.Read();
            failed |= isCode && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var code) && code != 0;
            reader.Skip();
        }

        return failed;
    }

    private static int Choices(ref Utf8JsonReader reader, AnswerTap tap)
    {
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if ((name.SequenceEqual("delta"u8) || name.SequenceEqual("message"u8)) && reader.TokenType == JsonTokenType.StartObject)
                    Delta(ref reader, tap);
                else if (name.SequenceEqual("finish_reason"u8) && reader.TokenType == JsonTokenType.String)
                    Finish(reader.ValueSpan, tap);
                else if (name.SequenceEqual("text"u8) && reader.TokenType == JsonTokenType.String) // legacy completions
                    tap.HasContent |= reader.ValueSpan.Length > 0;
                else if (name.SequenceEqual("usage"u8)) // Kimi reports inside the choice
                    TakeUsage(ref reader, tap);
                else
                    reader.Skip();
            }
        }

        return count;
    }

    private static void Finish(ReadOnlySpan<byte> word, AnswerTap tap)
    {
        if (word.IsEmpty) // some relays send "" until the end
            return;
        var reason = OpenAIChatStopReasons.Read(word);
        tap.StopReason = reason;
        if (reason == StopReason.Error)
            tap.Error ??= OpenAIChatStopReasons.BrokenOff(System.Text.Encoding.UTF8.GetString(word));
        tap.IsComplete = tap.Error is null;
    }

    private static void Delta(ref Utf8JsonReader reader, AnswerTap tap)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var isContent = name.SequenceEqual("content"u8) || name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8) || name.SequenceEqual("refusal"u8);
            var isCall = name.SequenceEqual("tool_calls"u8) || name.SequenceEqual("function_call"u8);
            if (isContent)
                tap.HasContent |= reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0 || reader.TokenType == JsonTokenType.StartArray && !IsEmptyArray(reader);
            else if (isCall || name.SequenceEqual("reasoning_details"u8) || name.SequenceEqual("images"u8))
                HasItems(ref reader, tap, isCall);
            else if (name.SequenceEqual("audio"u8))
                tap.HasContent |= reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
        }
    }

    private static void HasItems(ref Utf8JsonReader reader, AnswerTap tap, bool isCall)
    {
        if (reader.TokenType == JsonTokenType.StartObject && IsNamed(reader) || reader.TokenType == JsonTokenType.StartArray && !IsEmptyArray(reader))
        {
            tap.HasContent = true;
            tap.HasToolCall |= isCall;
        }
    }

    // A legacy function_call without a name is none.
    private static bool IsNamed(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.TextIs("name"u8);
            reader.Read();
            if (isName)
                return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0;
            reader.Skip();
        }

        return false;
    }

    /// <summary>Whether the array at the reader's position is empty. Takes the reader by value: a copy that looks ahead.</summary>
    internal static bool IsEmptyArray(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndArray;

    private static bool TakeUsage(ref Utf8JsonReader reader, AnswerTap tap)
    {
        if (OpenAIChatUsage.Read(ref reader) is not { } usage)
            return false;
        tap.Usage = usage;
        return true;
    }

    private static void Vendor(ref Utf8JsonReader reader, AnswerTap tap)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.TextIs("usage"u8);
            reader.Read();
            if (isUsage)
                TakeUsage(ref reader, tap);
            else
                reader.Skip();
        }
    }

    /// <summary>The string at the reader's position; empty for anything else, which is skipped.</summary>
    internal static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.ValueIsEscaped ? Json.JsonText.FromToken(QuotedCopy(reader.ValueSpan)).ToString() : System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        reader.Skip();
        return "";
    }

    private static byte[] QuotedCopy(ReadOnlySpan<byte> contents) => [(byte)'"', .. contents, (byte)'"'];

    internal static WireError NotJson(bool isStream) => new()
    {
        Class = ErrorClass.Server,
        Message = isStream ? "The upstream sent an event that is not valid JSON." : "The upstream's answer is not a valid JSON object.",
        Code = isStream ? "upstream_invalid_event" : "upstream_invalid_body",
    };
}
