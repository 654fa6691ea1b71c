using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Trivet.Core.Scorecards;

/// <summary>A scorecard as JSON: slots by name, so that a program of another version reads those that it knows.</summary>
internal static class KeptCardJson
{
    private static readonly ScoreLeg[] Legs = Enum.GetValues<ScoreLeg>();

    /// <summary>The text.</summary>
    public static string Write(KeptCard card)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("last_ms");
            foreach (var leg in Legs)
                json.WriteNumberValue(card.Sums.LastMs(leg));
            json.WriteEndArray();
            json.WriteString("currency", card.Currency);
            json.WriteString("standing", card.Standing.ToString());
            json.WriteString("warning", card.Warning);
            json.WriteStartObject("sums");
            foreach (var slot in ScoreSlots.All)
                WriteSlot(json, slot.Name, card.Sums[slot]);
            json.WriteEndObject();
            json.WriteStartArray("first_content");
            foreach (var counts in card.FirstContent)
                WriteCounts(json, counts);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, as it stood at a time; null where it is none.</summary>
    public static KeptCard? Read(string text, long asOfMs)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var sums = ScoreSums.At(asOfMs);
            foreach (var leg in Legs)
                sums.Touch(leg, root.GetProperty("last_ms")[(int)leg].GetInt64());
            foreach (var slot in ScoreSlots.All)
            {
                if (root.GetProperty("sums").TryGetProperty(slot.Name, out var numbers))
                    ReadSlot(numbers, sums[slot]);
            }

            var counts = new int[]?[FirstContentTimes.PlaceCount];
            foreach (var (place, pairs) in root.GetProperty("first_content").EnumerateArray().Take(counts.Length).Index())
                counts[place] = ReadCounts(pairs);
            return new KeptCard(sums, counts)
            {
                Currency = root.GetProperty("currency").GetString() ?? "",
                Standing = Enum.TryParse<AuditStanding>(root.GetProperty("standing").GetString(), out var standing) ? standing : AuditStanding.Clean,
                Warning = root.GetProperty("warning").GetString(),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static void WriteSlot(Utf8JsonWriter json, string name, ReadOnlySpan<double> numbers)
    {
        if (numbers.IndexOfAnyExcept(0) < 0)
            return;
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void ReadSlot(JsonElement numbers, Span<double> into)
    {
        var at = 0;
        foreach (var number in numbers.EnumerateArray())
        {
            if (at < into.Length)
                into[at++] = number.GetDouble();
        }
    }

    // Pairs of a bucket and its count; most buckets are empty.
    private static void WriteCounts(Utf8JsonWriter json, int[]? counts)
    {
        if (counts is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            if (counts[bucket] == 0)
                continue;
            json.WriteNumberValue(bucket);
            json.WriteNumberValue(counts[bucket]);
        }

        json.WriteEndArray();
    }

    private static int[]? ReadCounts(JsonElement pairs)
    {
        if (pairs.ValueKind == JsonValueKind.Null)
            return null;
        var counts = new int[FirstContentTimes.BucketCount];
        for (var i = 0; i + 1 < pairs.GetArrayLength(); i += 2)
        {
            if (pairs[i].GetInt32() is >= 0 and < FirstContentTimes.BucketCount and var bucket)
                counts[bucket] = pairs[i + 1].GetInt32();
        }

        return counts;
    }
}
