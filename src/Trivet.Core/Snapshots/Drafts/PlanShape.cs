using System.Text.Json.Nodes;
using Trivet.Core.Catalogue;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>A plan as written: <c>{ fee: 49, currency: CNY, windows: [{ every: 5h, requests: 600 }], multipliers: { glm-5.3: 3 } }</c>.</summary>
internal sealed class PlanShape : Shape<PlanConfig>
{
    private static readonly ObjectShape<PlanConfig> Table = Keys();

    public override bool TryRead(ReadContext context, Place place, out PlanConfig value)
    {
        if (!Table.TryRead(context, place, out value))
            return false;
        if (value.FeeNano is not null != value.Currency.Length > 0)
        {
            context.Problem(place, $"{place} needs fee and currency together");
            return false;
        }

        foreach (var window in value.Windows.Where(window => window is { Requests: null, Tokens: null }))
        {
            context.Problem(place, $"{place}: the window of {window.Every.TotalHours} hours says neither requests nor tokens");
            return false;
        }

        value = value with { Windows = [.. value.Windows.OrderBy(window => window.Every)] };
        return true;
    }

    public override JsonObject Schema() => Table.Schema();

    private static ObjectShape<PlanConfig> Keys()
    {
        var count = Shapes.Int(1, int.MaxValue);
        var window = new ObjectShape<PlanWindow>(() => new PlanWindow(default, null, null))
            .Key("every", "The span: 5h, 168h for a week.", Shapes.Duration, (window, value) => window with { Every = value }, required: true)
            .Key("requests", "Requests in it.", count, (window, value) => window with { Requests = value })
            .Key("tokens", "Tokens in it, a whole number.", Shapes.Decimal(0), (window, value) => window with { Tokens = value });
        return new ObjectShape<PlanConfig>(() => new PlanConfig())
            .Key("fee", "For a month.", Shapes.Decimal(9), (plan, value) => plan with { FeeNano = value })
            .Key("currency", "Of the fee.", RateShapes.Currency, (plan, value) => plan with { Currency = value })
            .Key("windows", "What it gives in a span of time.", new ListShape<PlanWindow>(window), (plan, value) => plan with { Windows = value })
            .Key("spread", "false: policies use its quotas as fast as requests come, instead of spreading them over their windows. Default true.", Shapes.Bool, (plan, value) => plan with { IsSpread = value })
            .Key("multipliers", "How many times a request or a token of a model counts; * for the others.", new MapShape<long>(Shapes.Decimal(6)), (plan, value) => plan with { MultiplierMillionths = value });
    }
}
