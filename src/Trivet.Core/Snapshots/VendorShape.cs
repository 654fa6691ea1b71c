using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Snapshots;

/// <summary>The name of a vendor that has a profile.</summary>
internal sealed class VendorShape : Shape<string>
{
    public override bool TryRead(ReadContext context, Place place, out string value)
    {
        if (!context.TryText(place, "the name of a vendor", out value)) return false;
        if (VendorProfiles.TryGet(value, out _)) return true;
        context.Problem(place, $"unknown vendor {ReadContext.Written(place)} in {place}{Nearest.Hint(value, [.. VendorProfiles.Names])}");
        return false;
    }

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. VendorProfiles.Names.Select(name => JsonValue.Create(name))]) };
}

/// <summary>Anything, kept as JSON. Scalars stay text.</summary>
internal sealed class JsonShape : Shape<JsonElement>
{
    public override bool TryRead(ReadContext context, Place place, out JsonElement value)
    {
        value = JsonSerializer.SerializeToElement(Convert(place.Node));
        return true;
    }

    public override JsonObject Schema() => new() { ["type"] = "object" };

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(child => KeyValuePair.Create(child.Key.ToString(), Convert(child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => null,
        _ => JsonValue.Create(node.ToString()),
    };
}
