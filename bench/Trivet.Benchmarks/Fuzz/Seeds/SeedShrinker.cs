using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>Makes a recording small without changing its shape: long texts are cut, long lists lose their middle, and of many events alike a few stay.</summary>
internal static class SeedShrinker
{
    private const int TextCharsMax = 32;
    private const int ElementsMax = 3;
    private const int EventsAlikeMax = 2;
    private const int EventsMax = 14;

    /// <summary>Null where it is no JSON.</summary>
    public static byte[]? Json(byte[] bytes)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(Shrink(JsonNode.Parse(bytes)));
        }
        catch (JsonException)
        {
            return bytes.Length <= 2_000 ? bytes : null;
        }
    }

    public static byte[] Events(byte[] bytes)
    {
        var kept = new List<string>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var events = Encoding.UTF8.GetString(bytes).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < events.Length; i++)
        {
            var lines = events[i].Split('\n').Select(line => line.StartsWith("data: {", StringComparison.Ordinal) ? "data: " + Text(line[6..]) : line).ToList();
            var shape = string.Join('\n', lines.Select(line => line.StartsWith("data: {", StringComparison.Ordinal) ? ShapeOf(JsonNode.Parse(line[6..])) : line));
            var isEnd = i >= events.Length - 2;
            if (!isEnd && (seen[shape] = seen.GetValueOrDefault(shape) + 1) > EventsAlikeMax || !isEnd && kept.Count >= EventsMax)
                continue;
            kept.Add(string.Join('\n', lines) + "\n\n");
        }

        return Encoding.UTF8.GetBytes(string.Concat(kept));
    }

    private static string Text(string json)
    {
        try
        {
            return Shrink(JsonNode.Parse(json))!.ToJsonString();
        }
        catch (JsonException)
        {
            return "{}";
        }
    }

    private static JsonNode? Shrink(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Shrink(member.Value))));
            case JsonArray elements:
                var kept = elements.Where((_, i) => i < ElementsMax - 1 || i == elements.Count - 1);
                return new JsonArray([.. kept.Select(Shrink)]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                var text = (string)value!;
                return text.Length <= TextCharsMax || text.StartsWith('{') && text.Length < 4 * TextCharsMax ? value.DeepClone() : JsonValue.Create(Cut(text));
            default:
                return node?.DeepClone();
        }
    }

    private static string Cut(string text) => text[..(char.IsHighSurrogate(text[TextCharsMax - 1]) ? TextCharsMax - 1 : TextCharsMax)];

    // Names and kinds, not values; a type's word counts.
    private static string ShapeOf(JsonNode? node) => node switch
    {
        JsonObject members => "{" + string.Join(',', members.Select(member => member.Key + (member.Key is "type" ? "=" + member.Value : ShapeOf(member.Value)))) + "}",
        JsonArray elements => "[" + string.Join(',', elements.Select(ShapeOf)) + "]",
        null => "0",
        _ => node.GetValueKind() == JsonValueKind.String ? "s" : "v",
    };
}
