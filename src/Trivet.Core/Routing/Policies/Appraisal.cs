using Trivet.Core.Catalogue;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing.Policies;

/// <summary>
/// What one offering is expected to come to for one request: money with the warm cache and failed attempts in it, seconds, quality; and which floors it does not meet. Reads what was measured, and the policy's priors
/// where nothing was.
/// </summary>
internal static class Appraisal
{
    /// <summary>What a failed attempt costs of its prompt's price: most that fail before content are not billed, those that break off are.</summary>
    private const double FailedShare = 0.5;

    /// <summary>Output tokens where neither this offering nor any other candidate has answered.</summary>
    private const double OutputTokensPrior = 500;

    /// <summary>Where people have said nothing of anybody; only differences count.</summary>
    private const double ApprovalPrior = 0.9;

    /// <summary>Verdicts that the usual approval counts as.</summary>
    private const double ApprovalWeight = 10;

    private const double PicoPerNano = 1000;

    /// <summary>Fills in what is measured of every candidate, with the priors where nothing is.</summary>
    public static void Measure(Span<Candidate> candidates, PolicyConfig policy, in RoutingQuestion question)
    {
        var (output, ratio, approval) = (default(Mean), default(Mean), default(Mean));
        foreach (ref var candidate in candidates)
        {
            Measure(ref candidate, policy.Priors, question);
            output.Add(candidate.OutputTokens);
            ratio.Add(candidate.InputRatio);
            approval.Add(candidate.Health.Card.Tasks.Read(question.Task, question.NowMs).Value);
        }

        // Of whom nothing is known, what the others do is expected: with a prior of its own it would look cheaper or dearer than them for being new.
        var (usualOutput, usualRatio, usualApproval) = (output.Or(OutputTokensPrior), ratio.Or(1), approval.Or(ApprovalPrior));
        var when = DateTimeOffset.FromUnixTimeMilliseconds(question.NowMs);
        foreach (ref var candidate in candidates)
        {
            if (double.IsNaN(candidate.OutputTokens))
                candidate.OutputTokens = usualOutput;
            if (question.MaxOutputTokens is { } most && most < candidate.OutputTokens)
                candidate.OutputTokens = most;
            if (double.IsNaN(candidate.InputRatio))
                candidate.InputRatio = usualRatio;
            var said = candidate.Health.Card.Tasks.Read(question.Task, question.NowMs);
            candidate.Approval = said.IsKnown ? ((usualApproval * ApprovalWeight) + (said.Value * said.Weight)) / (ApprovalWeight + said.Weight) : usualApproval;
            candidate.InputTokens = question.PromptTokens * candidate.InputRatio;
            candidate.CachedTokens = Math.Min(question.Prompt.TokensOf(candidate.WarmPieces) * candidate.Memory.Cache.Phi * candidate.InputRatio, candidate.InputTokens);
            Expect(ref candidate, policy, question, when);
            candidate.Failed = FloorsFailed(candidate, policy.Floors, question);
        }
    }

    private static void Measure(ref Candidate candidate, PolicyPriors priors, in RoutingQuestion question)
    {
        var (card, memory) = (candidate.Health.Card, candidate.Memory);
        candidate.Unmeasured = Evidence.None;
        candidate.Availability = Blend(card.Availability(question.NowMs), priors.Availability, PolicyPriors.AvailabilityWeight, Evidence.Availability, ref candidate.Unmeasured);
        candidate.Quality = Blend(card.Quality(question.NowMs), priors.Quality, PolicyPriors.QualityWeight, Evidence.Quality, ref candidate.Unmeasured);
        if (card.QualityLately.FallenFrom(candidate.Quality) is { } fallen)
            candidate.Quality = fallen; // it has changed: what it was for days says nothing any more
        candidate.FirstContent = Blend(card.FirstContentMs(question.IsStream, question.PromptTokens, 0.5, question.NowMs), priors.FirstContent.TotalMilliseconds, PolicyPriors.FirstContentWeight, Evidence.FirstContent, ref candidate.Unmeasured) / 1000;
        (candidate.OutputTokens, candidate.InputRatio) = (memory.OutputTokens, memory.InputRatio);
        if (double.IsNaN(candidate.OutputTokens))
            candidate.Unmeasured |= Evidence.Output;
        candidate.WarmPieces = question.Prompt.Length == 0 ? 0 : memory.Cache.WarmPieces(question.Prompt, question.NowMs);
    }

    private static void Expect(ref Candidate candidate, PolicyConfig policy, in RoutingQuestion question, DateTimeOffset when)
    {
        // What this process has seen; before that, what is kept of other days and nodes.
        var perSecond = candidate.Memory.TokensPerSecond;
        if (double.IsNaN(perSecond))
            perSecond = candidate.Health.Card.OutputTokensPerSecond(question.NowMs) is { IsKnown: true, Value: > 0 } kept ? kept.Value : double.NaN;
        if (double.IsNaN(perSecond))
        {
            perSecond = policy.Priors.TokensPerSecond;
            candidate.Unmeasured |= Evidence.Speed;
        }

        // Before the attempt that answers, (1 − a)/a others fail: each takes about as long as a first content does, and may be billed.
        var failures = (1 - candidate.Availability) / candidate.Availability;
        candidate.Seconds = (candidate.FirstContent * (1 + failures)) + (candidate.OutputTokens / perSecond);

        var rates = ExpectedRates.Of(candidate.Offering.Price, when, (long)candidate.InputTokens, (long)candidate.OutputTokens);
        var exchange = question.Rate(candidate.Offering.Price.Currency, policy.Currency);
        if (!rates.IsKnown || double.IsNaN(exchange))
        {
            candidate.CostNano = double.NaN;
            candidate.Unmeasured |= Evidence.Price;
            return;
        }

        var cold = candidate.InputTokens - candidate.CachedTokens;
        var input = (cold * (question.WritesCache ? rates.CacheWrite : rates.Input)) + (candidate.CachedTokens * rates.CacheRead);
        var whole = input + (candidate.OutputTokens * rates.Output) + rates.PerRequest;
        candidate.CostNano = (whole + (failures * FailedShare * ((candidate.InputTokens * rates.Input) + rates.PerRequest))) / PicoPerNano * exchange;
    }

    private static Floor FloorsFailed(in Candidate candidate, PolicyFloors floors, in RoutingQuestion question)
    {
        var failed = Floor.None;
        if (candidate.Quality < floors.Quality)
            failed |= Floor.Quality;
        if (candidate.Availability < floors.Availability)
            failed |= Floor.Availability;
        if (floors.FirstContent is { } first && candidate.FirstContent > first.TotalSeconds)
            failed |= Floor.FirstContent;

        // What is not known to be cheap enough is not: an unknown price is no price of zero.
        if (floors.PerRequestNano is { } perRequest && !(candidate.CostNano <= perRequest))
            failed |= Floor.PricePerRequest;
        if (floors.PerMillionNano is { } perMillion && !(candidate.CostNano * 1_000_000 <= perMillion * (candidate.InputTokens + candidate.OutputTokens)))
            failed |= Floor.PricePerMillion;
        if (floors.ContextTokens is { } context && !(candidate.Offering.Price.Model?.ContextTokensMax >= context))
            failed |= Floor.Context;
        if (floors.Capabilities != 0 && !Capabilities.Cover(candidate.Offering, floors.Capabilities, question.ClientProtocol))
            failed |= Floor.Capabilities;
        return failed | Places(candidate.Offering, floors);
    }

    /// <summary>The floors of where a request may go at all; those hold whatever policy a client asks for.</summary>
    public static Floor Places(Offering offering, PolicyFloors floors)
    {
        var failed = Floor.None;
        if (floors.Regions.Count > 0 && !Has(floors.Regions, offering.Upstream.Region))
            failed |= Floor.Regions;
        if ((floors.Vendors.Count > 0 && !Has(floors.Vendors, offering.Upstream.Vendor)) || Has(floors.VendorsDenied, offering.Upstream.Vendor))
            failed |= Floor.Vendors;
        return failed;
    }

    private static bool Has(IReadOnlyList<string> words, string? word)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (string.Equals(words[i], word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static double Blend(in Scorecards.Estimate measured, double prior, double weight, Evidence which, ref Evidence unmeasured)
    {
        if (!measured.IsKnown)
        {
            unmeasured |= which;
            return prior;
        }

        return ((prior * weight) + (measured.Value * measured.Weight)) / (weight + measured.Weight);
    }

    /// <summary>A mean of what is known.</summary>
    private struct Mean
    {
        private double _sum;
        private int _count;

        public void Add(double value)
        {
            if (double.IsNaN(value))
                return;
            _sum += value;
            _count++;
        }

        public readonly double Or(double unknown) => _count > 0 ? _sum / _count : unknown;
    }
}
