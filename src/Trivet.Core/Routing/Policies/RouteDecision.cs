using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Yaml;

namespace Trivet.Core.Routing.Policies;

/// <summary>One decision in full: who could have served, what each was expected to come to, and why the first is first. For people; made on demand.</summary>
public sealed record RouteDecision
{
    /// <summary>The policy that decided; <c>in-order</c> and <c>weighted</c> go by what the operator wrote, whatever the figures.</summary>
    public required string Policy { get; init; }

    /// <summary>What it aims at; null where it weighs nothing.</summary>
    public PolicyAim? Aim { get; init; }

    /// <summary>Of all costs.</summary>
    public required string Currency { get; init; }

    /// <summary>What the request was taken for.</summary>
    public RequestTask Task { get; init; }

    /// <summary>As the request's record would have it.</summary>
    public required string Reason { get; init; }

    /// <summary>In the order in which they would be tried; those that are not admitted last.</summary>
    public required IReadOnlyList<CandidateFacts> Candidates { get; init; }

    internal static IReadOnlyList<CandidateFacts> Facts(ReadOnlySpan<Candidate> candidates, List<Offering> order, long nowMs)
    {
        var facts = new List<CandidateFacts>(candidates.Length);
        foreach (ref readonly var candidate in candidates)
        {
            var place = order.IndexOf(candidate.Offering);
            var card = candidate.Health.Card;
            facts.Add(new CandidateFacts
            {
                Offering = candidate.Offering.Id,
                Place = place < 0 ? null : place + 1,
                FloorsFailed = DecisionText.Words(candidate.Failed),
                FloorsGivenUp = candidate.Level == Candidate.Never ? 0 : candidate.Level,
                Standing = PolicyWords.Of(candidate.Standing),
                CanDoIt = candidate.Covers,
                CostNano = double.IsNaN(candidate.CostNano) ? null : (long)Math.Round(candidate.CostNano),
                Seconds = candidate.Seconds,
                FirstContentSeconds = candidate.FirstContent,
                Availability = candidate.Availability,
                AvailabilityMeasured = card.Availability(nowMs),
                Quality = candidate.Quality,
                QualityMeasured = card.Quality(nowMs),
                Approval = candidate.Approval,
                InputTokens = (long)Math.Round(candidate.InputTokens),
                CachedTokens = (long)Math.Round(candidate.CachedTokens),
                OutputTokens = (long)Math.Round(candidate.OutputTokens),
                Priors = Words(candidate.Unmeasured),
                IsIncumbent = candidate.IsIncumbent,
                Loss = candidate.Loss,
            });
        }

        facts.Sort((one, other) => (one.Place ?? int.MaxValue).CompareTo(other.Place ?? int.MaxValue));
        return facts;
    }

    private static string Words(Evidence kinds) => string.Join(", ", Shapes.Words<Evidence>().Where(word => word.Value != Evidence.None && kinds.HasFlag(word.Value)).Select(word => word.Key));
}

/// <summary>A candidate of one decision.</summary>
public sealed record CandidateFacts
{
    /// <summary><c>upstream/model</c>.</summary>
    public required string Offering { get; init; }

    /// <summary>When it is tried, from 1; null: not at all.</summary>
    public int? Place { get; init; }

    /// <summary>Floors that it does not meet, in words; empty for none.</summary>
    public required string FloorsFailed { get; init; }

    /// <summary>How many floors the policy gives up for it.</summary>
    public int FloorsGivenUp { get; init; }

    /// <summary>well, fails often, suspicious, failed last, rests, quarantined.</summary>
    public required string Standing { get; init; }

    /// <summary>It can do what the request needs.</summary>
    public bool CanDoIt { get; init; }

    /// <summary>Expected cost, the warm cache and failed attempts counted; null where its price is not known.</summary>
    public long? CostNano { get; init; }

    /// <summary>Expected time until the answer is complete.</summary>
    public double Seconds { get; init; }

    /// <summary>Of that, to the first content.</summary>
    public double FirstContentSeconds { get; init; }

    /// <summary>As reckoned with: what was measured, with the policy's prior blended in.</summary>
    public double Availability { get; init; }

    /// <summary>As measured, with its interval.</summary>
    public Estimate AvailabilityMeasured { get; init; }

    /// <summary>As reckoned with.</summary>
    public double Quality { get; init; }

    /// <summary>As measured, with its interval.</summary>
    public Estimate QualityMeasured { get; init; }

    /// <summary>The share of answers for this task that people like, as reckoned with.</summary>
    public double Approval { get; init; }

    /// <summary>Expected prompt tokens, as this upstream counts them.</summary>
    public long InputTokens { get; init; }

    /// <summary>Of those, expected to be read from its cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Expected tokens of the answer.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What is a prior and not measured, in words; empty for nothing.</summary>
    public required string Priors { get; init; }

    /// <summary>The conversation was answered here last.</summary>
    public bool IsIncumbent { get; init; }

    /// <summary>What the aim makes of it; the smaller the better.</summary>
    public double Loss { get; init; }
}
