using System.Globalization;
using System.Text.Json;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// Chat's <c>usage</c> and the six counters. By the spec prompt tokens include cached ones and completion tokens include reasoning; vendors that
/// count otherwise are told by arithmetic, never by name (see <see cref="Counts.ToUsage"/>).
/// </summary>
public static class OpenAIChatUsage
{
    /// <summary>Reads the usage object at the reader's position, which moves to its end. Null where the value is no object or names no tokens.</summary>
    public static Usage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var counts = new Counts();
        ReadObject(ref reader, ref counts, Place.Top);
        return counts.Any ? counts.ToUsage() : null;
    }

    /// <summary>Writes the usage object.</summary>
    public static void Write(Utf8JsonWriter writer, in Usage usage)
    {
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, usage.InputTotal);
        writer.WriteNumber("completion_tokens"u8, usage.OutputTotal);
        writer.WriteNumber("total_tokens"u8, usage.InputTotal + usage.OutputTotal);
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CacheRead);
        if (usage.CacheWrite5m + usage.CacheWrite1h > 0)
            writer.WriteNumber("cache_write_tokens"u8, usage.CacheWrite5m + usage.CacheWrite1h);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.OutputReasoning);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void ReadObject(ref Utf8JsonReader reader, ref Counts counts, Place place)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number)
                counts.Set(name, place, ReadCount(ref reader));
            else if (reader.TokenType == JsonTokenType.String && long.TryParse(reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                counts.Set(name, place, count); // relays that format their JSON by hand
            else if (reader.TokenType == JsonTokenType.StartObject && place == Place.Top && PlaceOf(name) is { } inner)
                ReadObject(ref reader, ref counts, inner);
            else
                reader.Skip();
        }
    }

    private static Place? PlaceOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("prompt_tokens_details"u8) || name.SequenceEqual("input_tokens_details"u8))
            return Place.Prompt;
        if (name.SequenceEqual("completion_tokens_details"u8) || name.SequenceEqual("output_tokens_details"u8))
            return Place.Completion;
        return name.SequenceEqual("cache_creation"u8) ? Place.CacheCreation : null;
    }

    private static long ReadCount(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var count))
            return Math.Max(0, count);
        return reader.TryGetDouble(out var number) && number is >= 0 and < 1e15 ? (long)number : 0; // "12.0" has been seen
    }

    internal enum Place : byte
    {
        Top,
        Prompt,
        Completion,
        CacheCreation,
    }

    /// <summary>The numbers as the vendor states them.</summary>
    internal struct Counts
    {
        private long _prompt;
        private long _completion;
        private long _total;
        private long _cacheRead;
        private long _cacheWrite;
        private long _cacheWrite1h;
        private long _reasoning;

        public bool Any { get; private set; }

        /// <summary>Takes a number by its name and place; names that are none of these are ignored.</summary>
        public void Set(ReadOnlySpan<byte> name, Place place, long count)
        {
            if (place == Place.Completion)
            {
                if (name.SequenceEqual("reasoning_tokens"u8))
                    _reasoning = count;
            }
            else if (place == Place.CacheCreation)
            {
                if (name.SequenceEqual("ephemeral_1h_input_tokens"u8))
                    _cacheWrite1h = count;
            }
            else if (name.SequenceEqual("cached_tokens"u8) || name.SequenceEqual("prompt_cache_hit_tokens"u8) || name.SequenceEqual("cache_read_input_tokens"u8))
            {
                _cacheRead = Math.Max(_cacheRead, count); // said twice by DeepSeek and Kimi, and one of the two may be 0
            }
            else if (name.SequenceEqual("cache_write_tokens"u8) || name.SequenceEqual("cache_creation_input_tokens"u8) || name.SequenceEqual("cached_creation_tokens"u8) || name.SequenceEqual("cache_creation_tokens"u8))
            {
                _cacheWrite = Math.Max(_cacheWrite, count);
            }
            else if (place == Place.Top)
            {
                SetTop(name, count);
            }
        }

        private void SetTop(ReadOnlySpan<byte> name, long count)
        {
            if (name.SequenceEqual("prompt_tokens"u8) || name.SequenceEqual("input_tokens"u8) && _prompt == 0)
                (_prompt, Any) = (count, true);
            else if (name.SequenceEqual("completion_tokens"u8) || name.SequenceEqual("output_tokens"u8) && _completion == 0)
                (_completion, Any) = (count, true);
            else if (name.SequenceEqual("total_tokens"u8))
                _total = count;
            else if (name.SequenceEqual("reasoning_tokens"u8))
                _reasoning = count;
        }

        /// <summary>
        /// <para>
        /// Reasoning beside the completion instead of inside it: xAI, where total = prompt + completion + reasoning (openai-chat-146 to 151); Gemini's
        /// OpenAI layer, which names no reasoning but leaves it in the total (041); Vercel, whose total leaves it out although its cost counts it
        /// (140, 143): there more reasoning than completion proves it. One token more is an off-by-one of OpenRouter's (125), not proof.
        /// </para>
        /// <para>Cache reads beyond the prompt prove a prompt that excludes them (008; relays in front of Anthropic).</para>
        /// </summary>
        public readonly Usage ToUsage()
        {
            var beside = Math.Max(0, _total - _prompt - _completion);
            var prompt = _cacheRead + _cacheWrite > _prompt ? _prompt + _cacheRead + _cacheWrite : _prompt;
            var (text, reasoning) = (_completion - _reasoning, _reasoning);
            if (beside > 0 && beside >= _reasoning)
                (text, reasoning) = (_completion, _reasoning == 0 ? beside : _reasoning);
            else if (_reasoning > _completion + 1)
                text = _completion;
            else if (_reasoning > _completion)
                (text, reasoning) = (0, _completion);
            return new Usage
            {
                InputUncached = Math.Max(0, prompt - _cacheRead - _cacheWrite),
                CacheRead = _cacheRead,
                CacheWrite5m = Math.Max(0, _cacheWrite - _cacheWrite1h),
                CacheWrite1h = _cacheWrite1h,
                OutputText = text,
                OutputReasoning = reasoning,
            };
        }
    }
}
