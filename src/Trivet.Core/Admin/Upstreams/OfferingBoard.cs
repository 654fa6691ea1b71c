using Trivet.Core.Catalogue;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Admin.Upstreams;

/// <summary>How an offering is at this moment, in the words that routing acts by.</summary>
public enum OfferingState
{
    /// <summary>Nothing was asked of it since this node started.</summary>
    NotAsked,

    /// <summary>It answers.</summary>
    Well,

    /// <summary>It has failed often over the last hours.</summary>
    Unsteady,

    /// <summary>The last that is known of it is a failure, a while ago.</summary>
    Doubtful,

    /// <summary>It failed just now, or is limited; it is tried last for a moment.</summary>
    Resting,

    /// <summary>It failed so often in a row that only a probe brings it back.</summary>
    Down,

    /// <summary>Its upstream is switched off.</summary>
    Disabled,
}

/// <summary>One offering as people look at it: how it is, what was measured of it on this node, what it costs.</summary>
/// <param name="Offering">Which.</param>
/// <param name="State">How it is.</param>
/// <param name="Stability">The share of attempts that are answered, whole and in usual time.</param>
/// <param name="Quality">The share of answers that pass the passive checks.</param>
/// <param name="Standing">What audits have concluded.</param>
/// <param name="FirstContentP50">The median time to the first content, of the shortest prompts that enough is known of; null while too few are.</param>
/// <param name="FirstContentP95">The time within which nineteen of twenty begin.</param>
/// <param name="BasketNano">What a million tokens cost, three of four of them prompt, in <paramref name="Currency"/>; null where that is not known.</param>
/// <param name="Currency">Of what is billed.</param>
/// <param name="ListNano">The same by the vendor's list, in <paramref name="ListCurrency"/>.</param>
/// <param name="ListCurrency">Of the list.</param>
/// <param name="Card">All that is measured of it.</param>
public sealed record OfferingView(
    Offering Offering, OfferingState State, Estimate Stability, Estimate Quality, AuditStanding Standing, TimeSpan? FirstContentP50, TimeSpan? FirstContentP95,
    long? BasketNano, string Currency, long? ListNano, string ListCurrency, ScorecardSnapshot Card);

/// <summary>What is known of offerings on this node, beside what they cost.</summary>
public sealed class OfferingBoard(SnapshotHolder snapshots, HealthBoard health, TimeProvider time)
{
    /// <summary>A prompt of three thousand tokens and an answer of one: no tier of length begins below it.</summary>
    private static readonly MeterCounts Basket = new() { Input = 3000, Output = 1000, Requests = 1 };

    private const long BasketsInAMillion = 250;
    private const int AskedMax = 50;
    private static readonly long[] PromptTokens = [1_000, 10_000, 50_000, 100_000]; // one within each length that times are kept by

    /// <summary>The configuration in force.</summary>
    public GatewaySnapshot Snapshot => snapshots.Current;

    /// <summary>The models of an upstream that are named, patterns not among them.</summary>
    public IReadOnlyList<OfferingView> Of(UpstreamConfig upstream) => Of(upstream, []);

    /// <summary>The same and those that were asked for beside them: what a pattern offers is known by its traffic.</summary>
    public IReadOnlyList<OfferingView> Of(UpstreamConfig upstream, IEnumerable<string> asked) =>
        [.. upstream.Models.Where(model => !model.Contains('*', StringComparison.Ordinal)).Union(asked.Where(model => model.Length > 0).Distinct(StringComparer.Ordinal).Take(AskedMax), StringComparer.Ordinal).Select(model => View(Snapshot.OfferingOf(upstream, model)))];

    /// <summary>The candidates of a route, in the operator's order.</summary>
    public IReadOnlyList<OfferingView> Of(ResolvedRoute route) => [.. route.Candidates.Select(View)];

    /// <summary>The candidates of every name that clients may ask for, with prices in one currency; names that name their upstream are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ComparedOffering>> Compare(string currency)
    {
        var known = new Dictionary<string, ComparedOffering>(StringComparer.Ordinal);
        var names = new Dictionary<string, IReadOnlyList<ComparedOffering>>(StringComparer.Ordinal);
        foreach (var name in Snapshot.Models.Where(model => !model.IsDiscoveryAlias).Select(model => model.Id))
        {
            if (Snapshot.TryResolve(name, out var route) && route.Match != RouteMatch.Qualified)
                names[name] = [.. route.Candidates.Where(offering => offering.Upstream.Enabled).Select(Compared)];
        }

        return names;

        ComparedOffering Compared(Offering offering)
        {
            if (known.TryGetValue(offering.Id, out var found))
                return found;
            var view = View(offering);
            return known[offering.Id] = new ComparedOffering(view, InCurrency(view.BasketNano, view.Currency, currency));
        }
    }

    /// <summary>One offering.</summary>
    public OfferingView View(Offering offering)
    {
        var now = time.GetUtcNow();
        var nowMs = now.ToUnixTimeMilliseconds();
        var known = health.For(offering.Id);
        var quote = Snapshot.Prices.Price(offering.Price, Basket, now, ServiceTier.Standard);
        return new OfferingView(
            offering, StateOf(offering, known, nowMs), known.Card.Stability(nowMs), known.Card.Quality(nowMs), known.Card.Standing,
            Known(known.FirstContent, 0.5), Known(known.FirstContent, 0.95),
            quote.IsComplete ? quote.BilledNano * BasketsInAMillion : null, quote.Currency, quote.ListNano * BasketsInAMillion, quote.ListCurrency, known.Card.Read(offering.Id, nowMs));
    }

    /// <summary>An amount in another currency at today's rate of the configuration; null where there is none.</summary>
    public long? InCurrency(long? nano, string from, string to) =>
        nano is { } amount && from.Length > 0 ? from == to ? amount : Snapshot.Prices.Fx.Convert(amount, from, to, time.GetUtcNow())?.Nano : null;

    // Of the shortest prompts that enough is known of: what is asked with long ones only is known by those.
    private static TimeSpan? Known(FirstContentTimes times, double share) =>
        PromptTokens.Select(tokens => times.Quantile(isStream: true, tokens, share)).FirstOrDefault(time => time is not null)
        ?? PromptTokens.Select(tokens => times.Quantile(isStream: false, tokens, share)).FirstOrDefault(time => time is not null);

    private static OfferingState StateOf(Offering offering, OfferingHealth known, long nowMs)
    {
        if (!offering.Upstream.Enabled)
            return OfferingState.Disabled;
        if (known.IsDown)
            return OfferingState.Down;
        if (!known.IsReady(nowMs))
            return OfferingState.Resting;
        if (known.IsDoubtful(nowMs))
            return OfferingState.Doubtful;
        if (known.Steadiness.IsUnsteady(nowMs))
            return OfferingState.Unsteady;
        return known.Card.Availability(nowMs).IsKnown ? OfferingState.Well : OfferingState.NotAsked;
    }
}
