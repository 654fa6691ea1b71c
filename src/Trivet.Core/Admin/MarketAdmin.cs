using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Admin;

/// <summary>A model of the catalogue, beside what is measured of it here.</summary>
/// <param name="Model">As the catalogue has it.</param>
/// <param name="InputPico">Of a prompt token without a cache, in the list's currency; null where it is not known.</param>
/// <param name="OutputPico">Of an answer token.</param>
/// <param name="Currency">Of the list; empty without one.</param>
/// <param name="BasketNano">What a million tokens cost by the list, three of four of them prompt, in the list's currency.</param>
/// <param name="Here">Offerings of this installation that sell it, as they are measured.</param>
public sealed record MarketModel(CatalogueModel Model, long? InputPico, long? OutputPico, string Currency, long? BasketNano, IReadOnlyList<OfferingView> Here);

/// <summary>The last month of traffic at another model's list price.</summary>
/// <param name="Model">Which.</param>
/// <param name="Currency">Of its list.</param>
/// <param name="Nano">What it would have come to; null where the list does not price all that was used.</param>
public sealed record Repriced(CatalogueModel Model, string Currency, long? Nano);

/// <summary>A month of one's own traffic: what it cost, and what it would have at other prices.</summary>
/// <param name="Models">At the list price of each.</param>
/// <param name="SpentNano">What it really cost, by currency.</param>
/// <param name="Tokens">How many went in and out.</param>
/// <param name="Unpriced">Attempts whose cost is not known; they are in no sum.</param>
public sealed record RepricedMonth(IReadOnlyList<Repriced> Models, IReadOnlyDictionary<string, long> SpentNano, long Tokens, long Unpriced);

/// <summary>Compares models for people: what the catalogue says of them, what is measured here, what one's own traffic would cost.</summary>
public sealed class MarketAdmin(OfferingBoard offerings, ITrafficStore traffic, TimeProvider time)
{
    private static readonly MeterCounts Basket = new() { Input = 3000, Output = 1000, Requests = 1 };
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private const long BasketsInAMillion = 250;

    private GatewaySnapshot Snapshot => offerings.Snapshot;

    /// <summary>Models whose name or vendor holds a text; those that are gone left out.</summary>
    public IReadOnlyList<MarketModel> List(string? vendor, string? text, bool onlyHere)
    {
        var here = Snapshot.Config.Upstreams.Where(upstream => upstream.Enabled).SelectMany(offerings.Of)
            .Where(view => view.Offering.Price.Model is not null).ToLookup(view => view.Offering.Price.Model!.QualifiedId, StringComparer.Ordinal);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var admin = new CatalogueAdmin(Snapshot.Config.Catalogue);
        return
        [
            .. from model in admin.List(vendor, text)
               where model.Id != "*" && !(model.RetiredOn <= today) && (!onlyHere || here.Contains(model.QualifiedId))
               select View(model, admin.ListPrice(model, null, null), [.. here[model.QualifiedId]]),
        ];
    }

    /// <summary>
    /// What the last thirty days' tokens would have come to at the list prices of these models: prompts, cache reads and writes, answers and thoughts as they were counted then.
    /// Lengths are not known of sums, so that tiers by length count as for short ones; another model would also have used another number of tokens.
    /// </summary>
    public async ValueTask<StoreOutcome<RepricedMonth>> RepriceAsync(IEnumerable<CatalogueModel> models, CancellationToken cancellationToken)
    {
        var sums = await traffic.HoursAsync(TrafficBy.Nothing, (time.GetUtcNow() - Month).ToUnixTimeMilliseconds(), null, cancellationToken);
        if (sums.Fault is { } fault)
            return fault;
        var used = new MeterCounts
        {
            Input = sums.Value.Sum(sum => sum.InputUncachedTokens),
            CacheRead = sums.Value.Sum(sum => sum.InputCacheReadTokens),
            CacheWrite5m = sums.Value.Sum(sum => sum.InputCacheWrite5mTokens),
            CacheWrite1h = sums.Value.Sum(sum => sum.InputCacheWrite1hTokens),
            Output = sums.Value.Sum(sum => sum.OutputTextTokens),
            Reasoning = sums.Value.Sum(sum => sum.OutputReasoningTokens),
            Requests = sums.Value.Sum(sum => sum.Attempts - sum.Failed),
        };
        var admin = new CatalogueAdmin(Snapshot.Config.Catalogue);
        var now = time.GetUtcNow();
        return new RepricedMonth(
            [.. models.Select(model => Reprice(model, admin.ListPrice(model, null, null), used, now))],
            sums.Value.Where(sum => sum.Currency.Length > 0).ToDictionary(sum => sum.Currency, sum => sum.CostNano, StringComparer.Ordinal),
            used.Input + used.CacheRead + used.CacheWrite5m + used.CacheWrite1h + used.Output + used.Reasoning, sums.Value.Sum(sum => sum.Unpriced));
    }

    private MarketModel View(CatalogueModel model, OfferingPrice list, IReadOnlyList<OfferingView> here)
    {
        var now = time.GetUtcNow();
        var rates = list.RecordAt(now, ServiceTier.Standard)?.Steps[0].Rates;
        var quote = Snapshot.Prices.Price(list, Basket, now, ServiceTier.Standard);
        return new MarketModel(model, rates?.InputPico, rates?.OutputPico, list.ListCurrency, quote.ListNano * BasketsInAMillion, here);
    }

    // Each meter by itself at the rates of short prompts: a month's sum has no length.
    private static Repriced Reprice(CatalogueModel model, OfferingPrice list, MeterCounts used, DateTimeOffset now)
    {
        if (list.RecordAt(now, ServiceTier.Standard) is not { } record)
            return new Repriced(model, list.ListCurrency, null);
        var rates = record.Steps[0].Rates;
        long nano = 0;
        for (var meter = Meter.Input; meter <= Meter.SearchCall; meter++)
        {
            var count = used.Of(meter);
            if (count == 0)
                continue;
            if (rates.RateOf(meter) is not { } rate)
                return new Repriced(model, list.ListCurrency, null);
            nano = PriceMath.Add(nano, PriceMath.LegNano(rate, count, PriceMath.Millionths));
        }

        return new Repriced(model, list.ListCurrency, nano);
    }
}
