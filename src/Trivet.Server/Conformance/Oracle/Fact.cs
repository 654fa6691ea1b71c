using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Server.Conformance.Oracle;

/// <summary>One thing that was asked for, in no protocol's words.</summary>
/// <param name="Name">What; the sandbox's log uses the same names.</param>
/// <param name="Value">As text; JSON within it in one order and without white space.</param>
/// <param name="IsLoose">Put together from several pieces: white space between them says nothing.</param>
internal sealed record Fact(string Name, string Value, bool IsLoose = false)
{
    private const int NameCharsKept = 48;

    /// <summary>Part of what is said, where order matters.</summary>
    public bool IsSpoken => Name.StartsWith("system", StringComparison.Ordinal) || Name.StartsWith("user.", StringComparison.Ordinal) || Name.StartsWith("assistant.", StringComparison.Ordinal);

    public bool Says(Fact other) =>
        Name == other.Name && (Value == other.Value || (IsLoose || other.IsLoose) && Collapsed(Value) == Collapsed(other.Value) || IsNumber(Value, other.Value) || Name == "tool.server");

    public override string ToString() => Value.Length > 60 ? $"{Name} {Value[..60]}…" : $"{Name} {Value}";

    /// <summary>Values that hold JSON behind a name are made comparable.</summary>
    public static Fact Of(string name, string value)
    {
        if (name == "tier" && value is ("standard_only" or "default"))
            value = "standard"; // three names of what all vendors have
        var at = name.EndsWith(".call", StringComparison.Ordinal) || name == "tool.schema" ? value.IndexOf(' ', StringComparison.Ordinal) + 1 : name is "format.schema" or "metadata" or "logit_bias" or "safety" ? 0 : -1;
        return new Fact(name, at < 0 ? Shortened(name, value) : Shortened(name, value[..at]) + Normal(value[at..]));
    }

    // A name that is too long for a protocol may be known there by a shorter one, as long as it comes back as itself.
    private static string Shortened(string name, string value)
    {
        if (!name.StartsWith("tool", StringComparison.Ordinal) && !name.EndsWith(".call", StringComparison.Ordinal) && !name.EndsWith(".result", StringComparison.Ordinal) && name != "choice")
            return value;
        var end = value.AsSpan().IndexOfAny(' ', ':', '#');
        return end <= NameCharsKept ? value : value[..NameCharsKept] + value[end..];
    }

    /// <summary>JSON with its properties in one order; what is no JSON stays as it is.</summary>
    public static string Normal(string json)
    {
        try
        {
            return Sorted(JsonNode.Parse(json))?.ToJsonString() ?? "null";
        }
        catch (JsonException)
        {
            return json;
        }
    }

    public static bool IsObject(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject many => new JsonObject(many.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static bool IsNumber(string one, string other) => double.TryParse(one, out var a) && double.TryParse(other, out var b) && Math.Abs(a - b) < 1e-9;

    private static string Collapsed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
