using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>
/// Anthropic's usage object ⇄ six disjoint counters. <c>input_tokens</c> leaves cache reads and writes out; <c>output_tokens</c> holds the thoughts.
/// In a stream, <c>message_start</c> states the input and <c>message_delta</c> repeats or corrects it (absent in older recordings), cumulative.
/// </summary>
public static class AnthropicMessagesUsage
{
    /// <summary>Before the names of the usage object's own fields.</summary>
    internal const string Prefix = "usage.";

    /// <summary>The field that counts what the vendor's own tools did.</summary>
    internal const string ServerTools = "server_tool_use";

    /// <summary>Reads the object at the reader's position (which moves to its end) on top of what was known before.</summary>
    public static Usage Read(ref Utf8JsonReader reader, Usage? previous)
    {
        var fields = new Fields();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return previous ?? default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TextIs("input_tokens"u8))
                fields.Input = ReadCount(ref reader);
            else if (reader.TextIs("cache_read_input_tokens"u8))
                fields.CacheRead = ReadCount(ref reader);
            else if (reader.TextIs("cache_creation_input_tokens"u8))
                fields.CacheWrite = ReadCount(ref reader);
            else if (reader.TextIs("output_tokens"u8))
                fields.Output = ReadCount(ref reader);
            else if (reader.TextIs("cache_creation"u8))
                ReadCacheCreation(ref reader, ref fields);
            else if (reader.TextIs("output_tokens_details"u8))
                ReadDetails(ref reader, ref fields);
            else
                SkipValue(ref reader);
        }

        return fields.ApplyTo(previous ?? default);
    }

    /// <summary>The tier of service that a usage object names, without quotes; empty for none. Takes the reader by value: a copy that looks ahead.</summary>
    internal static ReadOnlySpan<byte> ServiceTierOf(Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> tier = default;
        while (reader.TokenType != JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTier = reader.TextIs("service_tier"u8);
            reader.Read();
            if (isTier && reader.TokenType == JsonTokenType.String)
                tier = reader.ValueSpan;
            reader.Skip();
        }

        return tier;
    }

    /// <summary>
    /// How often the vendor's own tools ran, as the usage object says it (<c>server_tool_use</c>): the raw object, empty where none did. Takes the reader by value: a
    /// copy that looks ahead.
    /// </summary>
    internal static ReadOnlySpan<byte> ServerToolsOf(Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        while (reader.TokenType != JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTools = reader.TextIs("server_tool_use"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isTools && reader.TokenType == JsonTokenType.StartObject)
                return HasCount(ref reader) ? json[start..(int)reader.BytesConsumed] : default;
            reader.Skip();
        }

        return default;
    }

    /// <summary>
    /// What a compaction before the answer took, which the counters leave out though it is billed: <c>iterations</c> of the type <c>compaction</c>
    /// (platform.claude.com/docs/en/build-with-claude/compaction; 55,096 tokens beside 181 in anthropic-messages-097). Takes the reader by value: a copy that looks ahead.
    /// </summary>
    internal static Usage CompactionOf(Utf8JsonReader reader)
    {
        var sum = default(Usage);
        while (reader.TokenType != JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIterations = reader.TextIs("iterations"u8);
            reader.Read();
            if (!isIterations || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject && IsCompaction(reader))
                    sum = sum.Plus(Read(ref reader, null));
                else
                    reader.Skip();
            }
        }

        return sum;
    }

    private static bool IsCompaction(Utf8JsonReader iteration)
    {
        while (iteration.Read() && iteration.TokenType == JsonTokenType.PropertyName)
        {
            var isType = iteration.TextIs("type"u8);
            iteration.Read();
            if (isType)
                return iteration.TokenType == JsonTokenType.String && iteration.TextIs("compaction"u8);
            iteration.Skip();
        }

        return false;
    }

    private static bool HasCount(ref Utf8JsonReader counts)
    {
        var hasCount = false;
        while (counts.Read() && counts.TokenType == JsonTokenType.PropertyName)
        {
            counts.Read();
            hasCount |= counts.TokenType == JsonTokenType.Number && counts.TryGetInt64(out var count) && count > 0;
            counts.Skip();
        }

        return hasCount;
    }

    /// <summary>Writes the object of a whole answer or of <c>message_start</c>.</summary>
    public static void Write(in Usage usage, Utf8JsonWriter writer, ReadOnlySpan<byte> serviceTierToken = default, RawJson serverTools = default)
    {
        writer.WriteStartObject();
        WriteCounters(usage, writer);
        writer.WriteStartObject("cache_creation"u8);
        writer.WriteNumber("ephemeral_5m_input_tokens"u8, usage.CacheWrite5m);
        writer.WriteNumber("ephemeral_1h_input_tokens"u8, usage.CacheWrite1h);
        writer.WriteEndObject();
        if (serverTools.IsNull)
            writer.WriteNull(ServerTools);
        else
            serverTools.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(ServerTools));
        writer.WritePropertyName("service_tier"u8);
        if (IsTier(serviceTierToken))
            writer.WriteRawValue(serviceTierToken, skipInputValidation: true);
        else
            writer.WriteNullValue();
        writer.WriteNull("inference_geo"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes the object of <c>message_delta</c>: cumulative, cache counters repeated.</summary>
    public static void WriteDelta(in Usage usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteCounters(usage, writer);
        writer.WriteNull("server_tool_use"u8);
        writer.WriteEndObject();
    }

    private static void WriteCounters(in Usage usage, Utf8JsonWriter writer)
    {
        writer.WriteNumber("input_tokens"u8, usage.InputUncached);
        writer.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite5m + usage.CacheWrite1h);
        writer.WriteNumber("cache_read_input_tokens"u8, usage.CacheRead);
        writer.WriteNumber("output_tokens"u8, usage.OutputTotal);
        if (usage.OutputReasoning > 0)
        {
            writer.WriteStartObject("output_tokens_details"u8);
            writer.WriteNumber("thinking_tokens"u8, usage.OutputReasoning);
            writer.WriteEndObject();
        }
    }

    private static bool IsTier(ReadOnlySpan<byte> token) =>
        token.SequenceEqual("\"standard\""u8) || token.SequenceEqual("\"priority\""u8) || token.SequenceEqual("\"batch\""u8);

    private static void ReadCacheCreation(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TextIs("ephemeral_5m_input_tokens"u8))
                fields.Write5m = ReadCount(ref reader);
            else if (reader.TextIs("ephemeral_1h_input_tokens"u8))
                fields.Write1h = ReadCount(ref reader);
            else
                SkipValue(ref reader);
        }
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TextIs("thinking_tokens"u8))
                fields.Thinking = ReadCount(ref reader);
            else
                SkipValue(ref reader);
        }
    }

    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetInt64(out var count) ? Math.Max(0, count) : reader.TryGetDouble(out var number) && number is >= 0 and < 1e15 ? (long)number : null;
        reader.Skip();
        return null;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private ref struct Fields
    {
        public long? Input;
        public long? CacheRead;
        public long? CacheWrite;
        public long? Write5m;
        public long? Write1h;
        public long? Output;
        public long? Thinking;

        public readonly Usage ApplyTo(Usage usage)
        {
            // A last event with zeros beside a first event with numbers is a vendor that fills in only one of them, not a correction.
            if (Input > 0 || CacheRead > 0 || CacheWrite > 0 || Write5m > 0 || Write1h > 0)
            {
                usage.InputUncached = Input ?? usage.InputUncached;
                usage.CacheRead = CacheRead ?? usage.CacheRead;
                if (Write5m is not null || Write1h is not null)
                    (usage.CacheWrite5m, usage.CacheWrite1h) = (Write5m ?? 0, Write1h ?? 0);
                if (CacheWrite is { } total && total != usage.CacheWrite5m + usage.CacheWrite1h)
                {
                    usage.CacheWrite1h = Math.Min(usage.CacheWrite1h, total);
                    usage.CacheWrite5m = total - usage.CacheWrite1h;
                }
            }

            if (Output is not null || Thinking is not null)
            {
                var output = Output ?? usage.OutputTotal;
                usage.OutputReasoning = Math.Min(Thinking ?? usage.OutputReasoning, output);
                usage.OutputText = output - usage.OutputReasoning;
            }

            return usage;
        }
    }
}
