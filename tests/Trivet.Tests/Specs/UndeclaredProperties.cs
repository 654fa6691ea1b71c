using System.Text.Json.Nodes;

namespace Trivet.Tests.Specs;

/// <summary>
/// Finds properties that no branch of a schema declares. JSON Schema lets them pass where it does not forbid them; a vendor's server need not, and a
/// misspelt name is one of them.
/// </summary>
internal sealed class UndeclaredProperties(JsonObject document)
{
    private const int DepthMax = 40;

    /// <summary>Paths of the properties that are declared nowhere.</summary>
    public IReadOnlyList<string> Find(string schema, JsonNode? value)
    {
        var found = new List<string>();
        Walk([document["components"]!["schemas"]![schema]!], value, "$", found, 0);
        return found;
    }

    private void Walk(List<JsonNode> schemas, JsonNode? value, string path, List<string> found, int depth)
    {
        if (depth > DepthMax || value is null or JsonValue)
            return;
        var rules = new List<JsonObject>();
        foreach (var schema in schemas)
            Spread(schema, rules, 0);
        if (value is JsonArray items)
        {
            var inner = rules.Select(r => r["items"]).OfType<JsonNode>().ToList();
            for (var i = 0; i < items.Count && inner.Count > 0; i++)
                Walk(inner, items[i], $"{path}[{i}]", found, depth + 1);
            return;
        }

        var declaring = rules.Where(r => r["properties"] is JsonObject { Count: > 0 } && Fits(r, value)).ToList();
        if (declaring.Count == 0 || rules.Any(IsOpen))
            return;
        foreach (var (name, inner) in value.AsObject())
        {
            var declared = declaring.Select(r => r["properties"]![name]).OfType<JsonNode>().ToList();
            if (declared.Count == 0)
                found.Add($"{path}.{name}: is declared nowhere");
            else
                Walk(declared, inner, $"{path}.{name}", found, depth + 1);
        }
    }

    // A branch whose constants say otherwise is not the one that is meant.
    private static bool Fits(JsonObject rules, JsonNode value)
    {
        foreach (var name in (string[])["type", "role"])
        {
            if (rules["properties"]![name]?["enum"] is JsonArray words && value[name] is { } said && !words.Any(word => JsonNode.DeepEquals(word, said)))
                return false;
        }

        return true;
    }

    private static bool IsOpen(JsonObject rules) => rules["additionalProperties"] is JsonObject || rules["additionalProperties"] is JsonValue flag && flag.GetValue<bool>();

    private void Spread(JsonNode schema, List<JsonObject> rules, int depth)
    {
        if (schema is not JsonObject one || depth > DepthMax)
            return;
        rules.Add(one);
        if ((string?)one["$ref"] is { } reference)
            Spread(document["components"]!["schemas"]![reference.Split('/')[^1]]!, rules, depth + 1);
        foreach (var word in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var branch in one[word] as JsonArray ?? [])
                Spread(branch!, rules, depth + 1);
        }
    }
}
