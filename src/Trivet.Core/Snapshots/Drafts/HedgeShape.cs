using System.Text.Json.Nodes;
using Trivet.Core.Catalogue;
using Trivet.Core.Routing;
using Trivet.Core.Yaml;
using YamlDotNet.RepresentationModel;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>Hedging as written: <c>true</c>, <c>false</c>, or <c>{ share: 20, spend: 1, currency: USD }</c>.</summary>
internal sealed class HedgeShape : Shape<HedgeConfig>
{
    private static readonly ObjectShape<HedgeConfig> Table = new ObjectShape<HedgeConfig>(() => new HedgeConfig())
        .Key("share", "The most requests that are hedged, in percent of the route's. Default 20.", Shapes.Int(1, 100), (hedge, value) => hedge with { SharePercent = value })
        .Key("spend", "The most that attempts which lost may cost in a day (UTC), on each node. Default 1.", Shapes.Decimal(9), (hedge, value) => hedge with { SpendNano = value })
        .Key("currency", "Of spend. Default USD.", RateShapes.Currency, (hedge, value) => hedge with { Currency = value });

    public override bool TryRead(ReadContext context, Place place, out HedgeConfig value)
    {
        if (place.Node is not YamlScalarNode)
            return Table.TryRead(context, place, out value);
        var ok = Shapes.Bool.TryRead(context, place, out var isEnabled);
        value = new HedgeConfig { IsEnabled = isEnabled };
        return ok;
    }

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(Shapes.Bool.Schema(), Table.Schema()) };
}
