using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.Tests.Wire;

/// <summary>Compares JSON by meaning: the order of properties does not count, null is absence, numbers count by value.</summary>
internal static class JsonMeaning
{
    public static JsonNode Parse(ReadOnlySpan<byte> utf8) => JsonNode.Parse(utf8)!;

    public static void AssertSame(JsonNode? expected, JsonNode? actual, string what)
    {
        if (Difference(expected, actual, "$") is { } difference)
            Assert.Fail($"{what}: {difference}\nexpected {expected?.ToJsonString()}\nactual   {actual?.ToJsonString()}");
    }

    /// <summary>The first difference as text; null where there is none.</summary>
    public static string? Difference(JsonNode? expected, JsonNode? actual, string path)
    {
        if (expected is null || actual is null)
            return expected is null && actual is null ? null : $"{path}: {expected?.ToJsonString() ?? "null"} became {actual?.ToJsonString() ?? "null"}";
        if (expected is JsonObject a && actual is JsonObject b)
        {
            foreach (var name in a.Select(p => p.Key).Union(b.Select(p => p.Key)))
            {
                if (Difference(a[name], b[name], $"{path}.{name}") is { } inner)
                    return inner;
            }

            return null;
        }

        if (expected is JsonArray x && actual is JsonArray y)
        {
            if (x.Count != y.Count)
                return $"{path}: {x.Count} elements became {y.Count}";
            for (var i = 0; i < x.Count; i++)
            {
                if (Difference(x[i], y[i], $"{path}[{i}]") is { } inner)
                    return inner;
            }

            return null;
        }

        return Scalar(expected) == Scalar(actual) ? null : $"{path}: {expected.ToJsonString()} became {actual.ToJsonString()}";
    }

    private static string Scalar(JsonNode node) => node.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number => double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture).ToString("R"),
        System.Text.Json.JsonValueKind.String => "\"" + node.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    public static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);
}
