using Trivet.Core.Scorecards;

namespace Trivet.Core.Admin.Upstreams;

/// <summary>Why an upstream could go, the gravest first.</summary>
public enum DropReason
{
    /// <summary>Audits found that it serves something else than it sells, under one name at least.</summary>
    FoundOut,

    /// <summary>Too many of its attempts fail.</summary>
    Failing,

    /// <summary>Another serves the same names, is measured to be as good to within a hundredth, and costs less.</summary>
    Outdone,

    /// <summary>Nothing was asked of it, while others were busy. It may stand in for them when they fail, which is a use too: the operator knows.</summary>
    Idle,
}

/// <summary>An upstream that could go, and what speaks for it.</summary>
/// <param name="Upstream">Which.</param>
/// <param name="Reason">Why.</param>
/// <param name="Traffic">What it did in the time that was looked at.</param>
/// <param name="FailedShare">Of its attempts, with its interval.</param>
/// <param name="BetterAt">For <see cref="DropReason.Outdone"/>: who does the same for less. Null otherwise.</param>
/// <param name="TimesDearer">For <see cref="DropReason.Outdone"/>: its price over that one's.</param>
/// <param name="OnlyHere">Names that clients may ask for and nobody else serves: what would be lost. Those that name the upstream itself are not among them.</param>
public sealed record UpstreamVerdict(string Upstream, DropReason Reason, UpstreamTraffic Traffic, Estimate FailedShare, string? BetterAt, double? TimesDearer, IReadOnlyList<string> OnlyHere)
{
    /// <summary>For <see cref="DropReason.FoundOut"/>: the models that audits have quarantined there. It is they that are not what is sold; of the others nothing is said.</summary>
    public IReadOnlyList<string> Quarantined { get; init; } = [];

    /// <summary>How many of its models clients may ask for by name.</summary>
    public int Models { get; init; }
}

/// <summary>One candidate of a name, as it is compared: an offering with its price in the currency of all.</summary>
/// <param name="View">How it stands.</param>
/// <param name="PriceNano">What a million tokens cost; null where that is not known.</param>
public sealed record ComparedOffering(OfferingView View, long? PriceNano);

/// <summary>
/// Says which upstreams deserve no more traffic, on evidence: what audits found, what fails beyond doubt, what another does as well for less. It advises; nobody is switched off by it.
/// An upstream that cannot be told from the others by what is measured is not named.
/// </summary>
public static class UpstreamReview
{
    /// <summary>The whole lower end of the interval must be above this share: one attempt in ten.</summary>
    private const double FailingShare = 0.1;

    /// <summary>Of fewer attempts nothing is said: one bad minute is not a bad upstream.</summary>
    private const long AttemptsMin = 10;

    /// <summary>A price this much higher is worth a word.</summary>
    private const double DearerMin = 1.2;

    /// <summary>Fewer attempts than this say nothing about who is idle.</summary>
    private const long BusyAttempts = 50;

    /// <param name="traffic">What each enabled upstream did in the time that is looked at; those without traffic with none.</param>
    /// <param name="names">The candidates of each name that clients may ask for and that is not one upstream's by its form.</param>
    public static IReadOnlyList<UpstreamVerdict> Of(IReadOnlyDictionary<string, UpstreamTraffic> traffic, IReadOnlyDictionary<string, IReadOnlyList<ComparedOffering>> names)
    {
        var all = traffic.Values.Sum(one => one.Attempts);
        var verdicts = new List<UpstreamVerdict>();
        foreach (var (upstream, own) in traffic)
        {
            var views = names.Values.SelectMany(candidates => candidates).Where(candidate => Name(candidate) == upstream).Select(candidate => candidate.View).ToList();
            var failed = Intervals.Share(own.Failed, own.Attempts, 0);
            var onlyHere = names.Where(name => name.Value.Count > 0 && name.Value.All(candidate => Name(candidate) == upstream)).Select(name => name.Key).Order(StringComparer.Ordinal).ToList();
            var outdone = Outdone(upstream, names.Values);
            var quarantined = views.Where(view => view.Standing == AuditStanding.Quarantined).Select(view => view.Offering.Model).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            DropReason? reason = quarantined.Count > 0 ? DropReason.FoundOut
                : own.Attempts >= AttemptsMin && failed.Low > FailingShare ? DropReason.Failing
                : outdone is not null ? DropReason.Outdone
                : own.Attempts == 0 && all >= BusyAttempts ? DropReason.Idle
                : null;
            if (reason is { } found)
                verdicts.Add(new UpstreamVerdict(upstream, found, own, failed, found == DropReason.Outdone ? outdone!.Value.By : null, found == DropReason.Outdone ? outdone!.Value.Times : null, onlyHere)
                {
                    Quarantined = quarantined,
                    Models = views.Select(view => view.Offering.Model).Distinct(StringComparer.Ordinal).Count(),
                });
        }

        return [.. verdicts.OrderBy(verdict => verdict.Reason).ThenByDescending(verdict => verdict.FailedShare.IsKnown ? verdict.FailedShare.Low : 0).ThenByDescending(verdict => verdict.TimesDearer).ThenBy(verdict => verdict.Upstream, StringComparer.Ordinal)];
    }

    // One other upstream that has an answer to every name this one serves in company; of several, the cheapest for it.
    private static (string By, double Times)? Outdone(string upstream, IEnumerable<IReadOnlyList<ComparedOffering>> names)
    {
        var shared = names.Where(candidates => candidates.Any(candidate => Name(candidate) == upstream) && candidates.Any(candidate => Name(candidate) != upstream)).ToList();
        if (shared.Count == 0)
            return null;
        var rivals = shared.SelectMany(candidates => candidates).Select(Name).Where(name => name != upstream).Distinct(StringComparer.Ordinal);
        var found = rivals
            .Select(rival => (By: rival, Times: shared.Select(candidates => TimesDearer(candidates.First(candidate => Name(candidate) == upstream), candidates.FirstOrDefault(candidate => Name(candidate) == rival))).ToList()))
            .Where(rival => rival.Times.TrueForAll(times => times is not null))
            .Select(rival => (rival.By, Times: rival.Times.Min(times => times!.Value)))
            .OrderByDescending(rival => rival.Times).ThenBy(rival => rival.By, StringComparer.Ordinal).ToList();
        return found.Count == 0 ? null : found[0];
    }

    // Null unless the other costs less, answers, and is not known to be worse at anything; what is not known of it counts against it.
    private static double? TimesDearer(ComparedOffering own, ComparedOffering? other)
    {
        if (other is null || other.View.State != OfferingState.Well || other.View.Standing != AuditStanding.Clean || own.PriceNano is not > 0 || other.PriceNano is not > 0)
            return null;
        var times = (double)own.PriceNano / other.PriceNano.Value;
        return times >= DearerMin && IsNoWorse(other.View.Stability, own.View.Stability) && IsNoWorse(other.View.Quality, own.View.Quality) ? times : null;
    }

    // Not worse as far as is measured of both: its interval reaches the other's, and it is the better of the two or within a hundredth of it.
    private static bool IsNoWorse(Estimate rival, Estimate own) => rival.IsKnown && own.IsKnown && rival.High >= own.Low && rival.Value >= own.Value - 0.01;

    private static string Name(ComparedOffering candidate) => candidate.View.Offering.Upstream.Name;
}
