using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trivet.Tests.Specs;

/// <summary>
/// Validates JSON against the schemas of an OpenAPI document: the part of JSON Schema that the vendors' specifications use. Words that it does not know
/// are ignored, but for those that would make it too kind: they throw. Where no branch of a choice fits, the faults of the nearest one are named.
/// </summary>
internal sealed class JsonSchemaValidator(JsonObject document)
{
    private const int DepthMax = 200;

    private static readonly string[] Unsupported = ["if", "unevaluatedProperties", "patternProperties", "prefixItems", "dependentRequired", "dependentSchemas", "contains"];

    private readonly JsonObject _schemas = document["components"]!["schemas"]!.AsObject();

    /// <summary>What speaks against the value, each with its path; empty where nothing does.</summary>
    public IReadOnlyList<string> Validate(string schema, JsonNode? value)
    {
        var faults = new List<string>();
        Check(_schemas[schema] ?? throw new ArgumentException($"There is no schema {schema}."), value, "$", faults, 0);
        return faults;
    }

    private void Check(JsonNode schema, JsonNode? value, string path, List<string> faults, int depth)
    {
        if (depth > DepthMax)
            throw new InvalidOperationException($"The schema at {path} refers to itself.");
        if (schema is JsonValue flag)
        {
            if (!flag.GetValue<bool>())
                faults.Add($"{path}: nothing may stand here");
            return;
        }

        var rules = schema.AsObject();
        foreach (var word in Unsupported)
        {
            if (rules.ContainsKey(word))
                throw new NotSupportedException($"{word} at {path}");
        }

        if (value is null && rules["nullable"] is JsonValue nullable && nullable.GetValue<bool>())
            return;
        if ((string?)rules["$ref"] is { } reference)
            Check(Resolve(reference), value, path, faults, depth + 1);
        foreach (var part in rules["allOf"] as JsonArray ?? [])
            Check(part!, value, path, faults, depth + 1);
        Choice(rules, "anyOf", value, path, faults, depth);
        Choice(rules, "oneOf", value, path, faults, depth);
        if (rules["not"] is { } not && Faults(not, value, path, depth).Count == 0)
            faults.Add($"{path}: is what it must not be");
        Type(rules, value, path, faults);
        Values(rules, value, path, faults);
        if (value is JsonObject many)
            Properties(rules, many, path, faults, depth);
        else if (value is JsonArray items)
            Items(rules, items, path, faults, depth);
        else if (value is JsonValue scalar)
            Scalar(rules, scalar, path, faults);
    }

    private List<string> Faults(JsonNode schema, JsonNode? value, string path, int depth)
    {
        var faults = new List<string>();
        Check(schema, value, path, faults, depth + 1);
        return faults;
    }

    // oneOf is taken as anyOf: the vendors' branches overlap everywhere (a plain string beside an enumeration).
    private void Choice(JsonObject rules, string word, JsonNode? value, string path, List<string> faults, int depth)
    {
        if (rules[word] is not JsonArray branches)
            return;
        if (Discriminated(rules, branches, value) is { } chosen)
        {
            Check(chosen, value, path, faults, depth + 1);
            return;
        }

        List<string>? nearest = null;
        foreach (var branch in branches)
        {
            var found = Faults(branch!, value, path, depth);
            if (found.Count == 0)
                return;
            if (nearest is null || Distance(found, path) < Distance(nearest, path))
                nearest = found;
        }

        faults.AddRange(nearest ?? []);
    }

    // A branch that fails further inside, and less, is the one that was meant.
    private static double Distance(List<string> faults, string path) => faults.Count(f => f.StartsWith(path + ":", StringComparison.Ordinal)) * 10 + faults.Count;

    private JsonNode? Discriminated(JsonObject rules, JsonArray branches, JsonNode? value)
    {
        if (rules["discriminator"]?["propertyName"] is not JsonValue property || value is not JsonObject many || many[(string)property!] is not JsonValue said)
            return null;
        if (rules["discriminator"]!["mapping"]?[said.ToString()] is JsonValue mapped)
            return Resolve((string)mapped!);
        foreach (var branch in branches)
        {
            if (Constant(branch!, (string)property!)?.Contains(said.ToString()) == true)
                return branch;
        }

        return null;
    }

    private List<string>? Constant(JsonNode branch, string property)
    {
        var target = (string?)branch["$ref"] is { } reference ? Resolve(reference) : branch;
        var rules = target["properties"]?[property];
        return rules?["const"] is { } one ? [one.ToString()] : rules?["enum"] is JsonArray many ? [.. many.Select(m => m?.ToString() ?? "")] : null;
    }

    private JsonNode Resolve(string reference)
    {
        JsonNode node = document;
        foreach (var step in reference.TrimStart('#', '/').Split('/'))
            node = node[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)] ?? throw new InvalidOperationException($"{reference} leads nowhere.");
        return node;
    }

    private static void Type(JsonObject rules, JsonNode? value, string path, List<string> faults)
    {
        string[] types = rules["type"] switch
        {
            JsonArray many => [.. many.Select(t => (string)t!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (types.Length > 0 && !types.Any(type => Is(type, value)))
            faults.Add($"{path}: {Kind(value)} where {string.Join(" or ", types)} is wanted");
    }

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => Kind(value) == "string",
        "boolean" => Kind(value) is "true" or "false",
        "number" => Kind(value) == "number",
        "integer" => Kind(value) == "number" && value!.GetValue<double>() % 1 == 0,
        _ => throw new NotSupportedException($"type {type}"),
    };

    private static string Kind(JsonNode? value) => value is null ? "null" : value.GetValueKind().ToString().ToLowerInvariant();

    private static void Values(JsonObject rules, JsonNode? value, string path, List<string> faults)
    {
        if (rules.TryGetPropertyValue("const", out var constant) && !JsonNode.DeepEquals(constant, value))
            faults.Add($"{path}: {Short(value)} where {Short(constant)} is wanted");
        if (rules["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            faults.Add($"{path}: {Short(value)} is none of {string.Join(' ', words.Select(Short))}");
    }

    private void Properties(JsonObject rules, JsonObject value, string path, List<string> faults, int depth)
    {
        foreach (var name in rules["required"] as JsonArray ?? [])
        {
            if (!value.ContainsKey((string)name!))
                faults.Add($"{path}: {name} is missing");
        }

        if ((int?)rules["maxProperties"] is { } max && value.Count > max)
            faults.Add($"{path}: {value.Count} properties");
        var known = rules["properties"] as JsonObject;
        foreach (var (name, inner) in value)
        {
            if (known?[name] is { } schema)
                Check(schema, inner, $"{path}.{name}", faults, depth + 1);
            else if (rules["additionalProperties"] is JsonObject other)
                Check(other, inner, $"{path}.{name}", faults, depth + 1);
            else if (rules["additionalProperties"] is JsonValue allowed && !allowed.GetValue<bool>())
                faults.Add($"{path}: {name} is not known");
            if (rules["propertyNames"] is { } names)
                Check(names, name, $"{path}.{name} (name)", faults, depth + 1);
        }
    }

    private void Items(JsonObject rules, JsonArray value, string path, List<string> faults, int depth)
    {
        if ((int?)rules["minItems"] is { } min && value.Count < min || (int?)rules["maxItems"] is { } max && value.Count > max)
            faults.Add($"{path}: {value.Count} items");
        if (rules["items"] is not { } schema)
            return;
        for (var i = 0; i < value.Count; i++)
            Check(schema, value[i], $"{path}[{i}]", faults, depth + 1);
    }

    private static void Scalar(JsonObject rules, JsonValue value, string path, List<string> faults)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = value.GetValue<double>();
            if ((double?)rules["minimum"] is { } min && number < min || (double?)rules["maximum"] is { } max && number > max || rules["exclusiveMinimum"] is JsonValue above && number <= (double)above)
                faults.Add($"{path}: {number.ToString(CultureInfo.InvariantCulture)} is out of bounds");
        }
        else if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = (string)value!;
            if ((int?)rules["minLength"] is { } min && text.Length < min || (long?)rules["maxLength"] is { } max && text.Length > max)
                faults.Add($"{path}: {text.Length} characters");
            if ((string?)rules["pattern"] is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)))
                faults.Add($"{path}: {Short(value)} does not match {pattern}");
        }
    }

    private static string Short(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length > 60 ? text[..60] + "…" : text;
    }
}
