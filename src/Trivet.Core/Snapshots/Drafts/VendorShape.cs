using System.Text.Json.Nodes;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

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
