using System.Text.Json.Nodes;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

/// <summary>A price as written: <c>{ factor: 0.38 }</c>, or <c>{ currency: USD, per_million: { input: 0.3, … } }</c>.</summary>
internal sealed class PriceShape : Shape<PriceConfig>
{
    private static readonly ObjectShape<PriceDraft> Table = Keys();

    public override bool TryRead(ReadContext context, Place place, out PriceConfig value)
    {
        value = new PriceConfig();
        if (!Table.TryRead(context, place, out var draft)) return false;

        var rates = draft.PerMillion is not null || draft.PerRequest is not null;
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
            ? new PriceConfig { FactorMillionths = factor }
            : new PriceConfig { Currency = draft.Currency, Rates = (draft.PerMillion ?? new MeterRates()) with { PerRequestPico = draft.PerRequest } };
        return true;
    }

    public override JsonObject Schema() => Table.Schema();

    private static ObjectShape<PriceDraft> Keys()
    {
        // A rate per million tokens with six places is a whole number of pico-units per token; a price per request has twelve.
        var rate = Shapes.Decimal(6);
        var meters = new ObjectShape<MeterRates>(() => new MeterRates())
            .Key("input", "Prompt tokens.", rate, (rates, value) => rates with { InputPico = value })
            .Key("cache_read", "Prompt tokens read from a cache.", rate, (rates, value) => rates with { CacheReadPico = value })
            .Key("cache_write_5m", "Prompt tokens written to a cache for five minutes.", rate, (rates, value) => rates with { CacheWrite5mPico = value })
            .Key("cache_write_1h", "Prompt tokens written to a cache for an hour.", rate, (rates, value) => rates with { CacheWrite1hPico = value })
            .Key("output", "Answer tokens.", rate, (rates, value) => rates with { OutputPico = value })
            .Key("reasoning", "Reasoning tokens. Default: as output.", rate, (rates, value) => rates with { ReasoningPico = value });
        var currency = new ScalarShape<string>(
            "a currency code such as USD or CNY",
            text => (text.Length == 3 && text.All(char.IsAsciiLetterUpper), text),
            () => new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Z]{3}$" });
        return new ObjectShape<PriceDraft>(() => new PriceDraft())
            .Key("factor", "Of the catalogue's price.", Shapes.Decimal(6), (draft, value) => draft with { Factor = value })
            .Key("currency", "Of the rates: USD, CNY.", currency, (draft, value) => draft with { Currency = value })
            .Key("per_million", "Rates per million tokens. What is not given is unknown, not free.", meters, (draft, value) => draft with { PerMillion = value })
            .Key("per_request", "For each request, beside its tokens.", Shapes.Decimal(12), (draft, value) => draft with { PerRequest = value });
    }
}
