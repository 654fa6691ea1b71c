using System.Text.Json.Nodes;
using Trivet.Core.Catalogue;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>A price as written: <c>{ factor: 0.38 }</c>, or <c>{ currency: USD, per_million: { input: 0.3, … } }</c>.</summary>
internal sealed class PriceShape : Shape<PriceConfig>
{
    private static readonly ObjectShape<PriceDraft> Table = Keys();

    public override bool TryRead(ReadContext context, Place place, out PriceConfig value)
    {
        value = new PriceConfig();
        if (!Table.TryRead(context, place, out var draft)) return false;

        var rates = draft.PerMillion is not null || draft.PerRequest is not null || draft.PerSearch is not null;
        var message = (draft.Factor, rates, draft.Currency) switch
        {
            ({ }, true, _) or ({ }, _, { }) => $"{place} is either a factor or absolute rates, not both",
            (null, false, _) => $"{place} says nothing: write factor, or currency with per_million",
            (null, true, null) => $"{place} needs the key 'currency': USD, CNY",
            _ => null,
        };
        if (message is not null)
        {
            context.Problem(place, message);
            return false;
        }

        value = draft.Factor is { } factor
            ? new PriceConfig { FactorMillionths = factor, ListOf = draft.Of }
            : new PriceConfig { Currency = draft.Currency, Rates = (draft.PerMillion ?? new MeterRates()) with { PerRequestPico = draft.PerRequest, SearchCallPico = draft.PerSearch }, ListOf = draft.Of };
        return true;
    }

    public override JsonObject Schema() => Table.Schema();

    private static ObjectShape<PriceDraft> Keys() => new ObjectShape<PriceDraft>(() => new PriceDraft())
        .Key("factor", "Of the catalogue's price.", Shapes.Decimal(6), (draft, value) => draft with { Factor = value })
        .Key("of", "Whose price in the catalogue it is a factor of, or is compared with: a vendor, or vendor/model. Default: the upstream's vendor, and for a relay the model's maker.", Shapes.Text, (draft, value) => draft with { Of = value })
        .Key("currency", "Of the rates: USD, CNY.", RateShapes.Currency, (draft, value) => draft with { Currency = value })
        .Key("per_million", "Rates per million tokens. What is not given is unknown, not free.", RateShapes.PerMillion, (draft, value) => draft with { PerMillion = value })
        .Key("per_request", "For each request, beside its tokens.", RateShapes.PerCall, (draft, value) => draft with { PerRequest = value })
        .Key("per_search", "For each search that the vendor does.", RateShapes.PerCall, (draft, value) => draft with { PerSearch = value });
}
