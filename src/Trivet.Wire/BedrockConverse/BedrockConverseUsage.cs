using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse;

/// <summary>
/// Bedrock's <c>usage</c> and the six counters. <c>inputTokens</c> leaves cache reads and writes out: total = input + output + both (bedrock-converse-007).
/// Thoughts are inside <c>outputTokens</c> and not told apart.
/// </summary>
public static class BedrockConverseUsage
{
    /// <summary>Reads the object; null where it counts nothing.</summary>
    public static Usage? Read(RawJson value)
    {
        var fields = new JsonFields();
        fields.Push(value);
        if (fields.Find(0, "inputTokens"u8).Integer is null && fields.Find(0, "outputTokens"u8).Integer is null)
            return null;
        var usage = new Usage
        {
            InputUncached = Count(fields.Find(0, "inputTokens"u8)),
            CacheRead = Count(fields.Find(0, "cacheReadInputTokens"u8)),
            OutputText = Count(fields.Find(0, "outputTokens"u8)),
        };
        var written = Count(fields.Find(0, "cacheWriteInputTokens"u8));
        var hour = Math.Min(written, HourLong(fields.Find(0, "cacheDetails"u8)));
        (usage.CacheWrite5m, usage.CacheWrite1h) = (written - hour, hour);
        return usage;
    }

    // cacheDetails: [{ "ttl": "5m" | "1h", "inputTokens": n }] (CacheDetail), where a model has both.
    private static long HourLong(JsonField details)
    {
        var hour = 0L;
        foreach (var detail in BedrockConverseFields.Elements(details))
        {
            var fields = new JsonFields();
            fields.Push(detail);
            if (fields.Find(0, "ttl"u8).Text.ValueEquals("1h"u8))
                hour += Count(fields.Find(0, "inputTokens"u8));
        }

        return hour;
    }

    private static long Count(JsonField field) => Math.Max(0, field.Integer ?? 0);
}
