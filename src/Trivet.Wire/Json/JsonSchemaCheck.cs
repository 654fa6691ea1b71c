using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Trivet.Wire.Json;

/// <summary>
/// Holds JSON against a JSON schema: the words that vendors' structured output knows (docs/wire.md lists them). A word that is not known here lets the value
/// pass, and so does a schema that is none: what is found is a fault for certain, what is not found may be one.
/// </summary>
public static class JsonSchemaCheck
{
    private const int DepthMax = 128;

    /// <summary>A pattern of a client's that backtracks for ever must not hold a request.</summary>
    private static readonly TimeSpan PatternTimeMax = TimeSpan.FromMilliseconds(100);

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DepthMax };

    /// <summary>What speaks against the text, with the place in it; null where nothing does.</summary>
    /// <param name="schema">The schema, raw.</param>
    /// <param name="text">What should be JSON that fits it, UTF-8.</param>
    public static string? Fault(ReadOnlyMemory<byte> schema, ReadOnlyMemory<byte> text)
    {
        JsonDocument value;
        try
        {
            value = JsonDocument.Parse(JsonTokens.WithWholePairs(text), Options);
        }
        catch (JsonException)
        {
            return "it is not one JSON value and nothing else";
        }

        using (value)
        {
            try
            {
                using var rules = JsonDocument.Parse(JsonTokens.WithWholePairs(schema), Options);
                return new Check(rules.RootElement).Fault(rules.RootElement, value.RootElement, "$", 0);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private readonly struct Check(JsonElement root)
    {
        // A schema that branches into itself is no deeper than others and has no end: beyond so many steps nothing is said against the text.
        private const int StepsMax = 50_000;
        private const int StepsPerPattern = 2_500;

        private readonly JsonElement _root = root;
        private readonly int[] _steps = [StepsMax];

        public string? Fault(JsonElement schema, JsonElement value, string path, int depth)
        {
            Take(1);
            if (schema.ValueKind == JsonValueKind.False)
                return $"{path} must not be there";
            if (schema.ValueKind != JsonValueKind.Object || depth > DepthMax)
                return null;
            if (Text(schema, "$ref") is { } reference && Resolve(reference) is { } target && Fault(target, value, path, depth + 1) is { } referred)
                return referred;
            if (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True)
                return null;
            return Type(schema, value, path) ?? Values(schema, value, path) ?? Choices(schema, value, path, depth) ?? value.ValueKind switch
            {
                JsonValueKind.Object => Members(schema, value, path, depth),
                JsonValueKind.Array => Items(schema, value, path, depth),
                JsonValueKind.String => Letters(schema, value.GetString()!, path),
                JsonValueKind.Number => Bounds(schema, value, path),
                _ => null,
            };
        }

        // Only within the schema itself: #, #/$defs/…, #/definitions/….
        private JsonElement? Resolve(string reference)
        {
            if (!reference.StartsWith('#'))
                return null;
            var node = _root;
            foreach (var step in reference.Split('/').Skip(1))
            {
                var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node))
                    return null;
            }

            return node;
        }

        private string? Choices(JsonElement schema, JsonElement value, string path, int depth)
        {
            foreach (var part in Array(schema, "allOf"))
            {
                if (Fault(part, value, path, depth + 1) is { } fault)
                    return fault;
            }

            foreach (var word in (string[])["anyOf", "oneOf"])
            {
                var (fits, nearest) = (0, default(string));
                foreach (var branch in Array(schema, word))
                {
                    var fault = Fault(branch, value, path, depth + 1);
                    fits += fault is null ? 1 : 0;
                    nearest = Nearer(nearest, fault, path);
                }

                if (fits == 0 && nearest is not null)
                    return $"{nearest} (nor does another of its alternatives fit)";
                if (fits > 1 && word == "oneOf")
                    return $"{path} fits {fits} of alternatives that exclude each other";
            }

            return schema.TryGetProperty("not", out var not) && Fault(not, value, path, depth + 1) is null ? $"{path} is what it must not be" : null;
        }

        // What an alternative of the value's own kind misses says more than that another kind was wanted; a longer path got further into the value.
        private static string? Nearer(string? one, string? other, string path)
        {
            if (one is null || other is null)
                return one ?? other;
            var isOfOtherKind = $"{path} is ";
            return (one.StartsWith(isOfOtherKind, StringComparison.Ordinal), other.StartsWith(isOfOtherKind, StringComparison.Ordinal)) switch
            {
                (true, false) => other,
                (false, true) => one,
                _ => other.Length > one.Length ? other : one,
            };
        }

        private string? Members(JsonElement schema, JsonElement value, string path, int depth)
        {
            foreach (var name in Array(schema, "required"))
            {
                if (name.ValueKind == JsonValueKind.String && !value.TryGetProperty(name.GetString()!, out _))
                    return $"{path} has no '{name.GetString()}'";
            }

            var known = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object ? properties : default;
            var hasPatterns = schema.TryGetProperty("patternProperties", out _);
            var rest = schema.TryGetProperty("additionalProperties", out var additional) && !hasPatterns ? additional : default;
            var count = 0;
            foreach (var member in value.EnumerateObject())
            {
                count++;
                var isKnown = known.ValueKind == JsonValueKind.Object && known.TryGetProperty(member.Name, out var rules);
                rules = isKnown ? known.GetProperty(member.Name) : rest;
                if (!isKnown && rest.ValueKind == JsonValueKind.False)
                    return $"{path} may not have '{member.Name}'";
                if (Fault(rules, member.Value, $"{path}.{member.Name}", depth + 1) is { } fault)
                    return fault;
            }

            return Count(schema, "minProperties", "maxProperties", count, $"{path} has {count} members");
        }

        private string? Items(JsonElement schema, JsonElement value, string path, int depth)
        {
            var count = value.GetArrayLength();
            if (Count(schema, "minItems", "maxItems", count, $"{path} has {count} items") is { } wrong)
                return wrong;
            var prefix = Array(schema, "prefixItems").ToList();
            var rest = schema.TryGetProperty("items", out var items) ? items : default;
            var i = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (Fault(i < prefix.Count ? prefix[i] : rest, item, $"{path}[{i}]", depth + 1) is { } fault)
                    return fault;
                i++;
            }

            return null;
        }

        private static string? Type(JsonElement schema, JsonElement value, string path)
        {
            if (!schema.TryGetProperty("type", out var type))
                return null;
            List<string> types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)] : type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [];
            return types.Count == 0 || types.Exists(t => Is(t.ToLowerInvariant(), value)) ? null : $"{path} is {Named(value)} and must be {string.Join(" or ", types)}";
        }

        // Gemini writes types in capitals.
        private static bool Is(string type, JsonElement value) => type switch
        {
            "null" => value.ValueKind == JsonValueKind.Null,
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.GetDouble() % 1 == 0,
            _ => true,
        };

        private static string Named(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "boolean" : value.ValueKind.ToString().ToLowerInvariant();

        private static string? Values(JsonElement schema, JsonElement value, string path)
        {
            if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
                return $"{path} must be {Short(constant)}";
            return schema.TryGetProperty("enum", out var words) && words.ValueKind == JsonValueKind.Array && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)) ? $"{path} is {Short(value)}, which is none of {Short(words)}" : null;
        }

        private void Take(int steps)
        {
            if ((_steps[0] -= steps) < 0)
                throw new JsonException("The schema takes too many steps.");
        }

        private string? Letters(JsonElement schema, string text, string path)
        {
            var length = new StringInfo(text).LengthInTextElements;
            if (Count(schema, "minLength", "maxLength", length, $"{path} has {length} letters") is { } wrong)
                return wrong;
            if (Text(schema, "pattern") is not { } pattern)
                return null;
            Take(StepsPerPattern); // it may take a tenth of a second
            try
            {
                return Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, PatternTimeMax) ? null : $"{path} does not match {pattern}";
            }
            catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
            {
                return null; // a pattern of another dialect, or one that never ends
            }
        }

        private static string? Bounds(JsonElement schema, JsonElement value, string path)
        {
            var number = value.GetDouble();
            var isOut = Number(schema, "minimum") is { } min && number < min || Number(schema, "maximum") is { } max && number > max
                || Number(schema, "exclusiveMinimum") is { } above && number <= above || Number(schema, "exclusiveMaximum") is { } below && number >= below;
            if (isOut)
                return $"{path} is {Short(value)}, which is out of bounds";
            return Number(schema, "multipleOf") is { } step && step > 0 && Math.Abs(number / step - Math.Round(number / step)) > 1e-9 ? $"{path} is no multiple of {step.ToString(CultureInfo.InvariantCulture)}" : null;
        }

        private static string? Count(JsonElement schema, string least, string most, int count, string fault) => Number(schema, least) > count || Number(schema, most) < count ? fault : null;

        private static double? Number(JsonElement schema, string name) => schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

        private static string? Text(JsonElement schema, string name) => schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private static IEnumerable<JsonElement> Array(JsonElement schema, string name) => schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

        private static string Short(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : value.GetRawText();
    }
}
