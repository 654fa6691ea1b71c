using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;

namespace Trivet.Tests.Admin;

/// <summary>Which upstream deserves no more traffic, and that nobody is accused without evidence.</summary>
public sealed class UpstreamReviewTests
{
    [Fact]
    public void Upstreams_that_do_as_well_as_each_other_for_about_the_same_are_all_kept() =>
        Assert.Empty(Review(Traffic(("a", 100, 2), ("b", 100, 3)), Name("m", At("a", 1000), At("b", 1100))));

    [Fact]
    public void One_that_fails_beyond_doubt_is_named_with_its_share()
    {
        var verdict = Assert.Single(Review(Traffic(("a", 100, 1), ("b", 40, 12)), Name("m", At("a", 1000), At("b", 1000))));

        Assert.Equal(("b", DropReason.Failing), (verdict.Upstream, verdict.Reason));
        Assert.Equal(0.3, verdict.FailedShare.Value, 6);
        Assert.InRange(verdict.FailedShare.Low, 0.1, 0.3);
        Assert.Empty(verdict.OnlyHere);
    }

    [Fact]
    public void Two_failures_of_five_are_no_proof() =>
        Assert.Empty(Review(Traffic(("a", 100, 1), ("b", 5, 2)), Name("m", At("a", 1000), At("b", 1000))));

    [Fact]
    public void One_that_costs_more_for_nothing_better_is_outdone_by_the_cheapest_that_is_as_good()
    {
        var verdict = Assert.Single(Review(Traffic(("dear", 100, 0), ("good", 100, 0), ("fair", 100, 0)), Name("m", At("dear", 6000), At("good", 1000), At("fair", 1100))));

        Assert.Equal(("dear", DropReason.Outdone, "good"), (verdict.Upstream, verdict.Reason, verdict.BetterAt));
        Assert.Equal(6, verdict.TimesDearer!.Value, 6);
    }

    [Fact]
    public void A_dear_one_that_is_measured_to_be_steadier_or_better_is_kept()
    {
        var steady = new Estimate(0.999, 0.99, 1, 500, 0);
        var shaky = new Estimate(0.9, 0.86, 0.93, 500, 0);

        Assert.Empty(Review(Traffic(("dear", 100, 0), ("cheap", 100, 8)), Name("m", At("dear", 6000, stability: steady), At("cheap", 1000, stability: shaky))));
        Assert.Empty(Review(Traffic(("dear", 100, 0), ("cheap", 100, 0)), Name("m", At("dear", 6000, quality: steady), At("cheap", 1000, quality: shaky))));
    }

    [Fact]
    public void A_cheaper_one_of_which_nothing_is_known_or_that_is_down_or_suspicious_outdoes_nobody()
    {
        foreach (var rival in (ComparedOffering[])[At("cheap", 100, stability: Estimate.Unknown), At("cheap", 100, state: OfferingState.Down), At("cheap", 100, standing: AuditStanding.DownWeighted), At("cheap", null)])
            Assert.Empty(Review(Traffic(("dear", 100, 0), ("cheap", 30, 0)), Name("m", At("dear", 6000), rival)));
    }

    [Fact]
    public void A_dear_one_of_which_nothing_is_known_is_not_said_to_be_outdone() =>
        Assert.Empty(Review(Traffic(("dear", 0, 0), ("cheap", 30, 0)), Name("m", At("dear", 6000, stability: Estimate.Unknown, quality: Estimate.Unknown), At("cheap", 1000))));

    [Fact]
    public void Who_is_dearer_for_one_name_and_alone_with_another_loses_what_only_it_serves()
    {
        var verdict = Assert.Single(Review(Traffic(("dear", 100, 0), ("good", 100, 0)), Name("m", At("dear", 6000), At("good", 1000)), Name("special", At("dear", 9000))));

        Assert.Equal(["special"], verdict.OnlyHere);
    }

    [Fact]
    public void Audits_weigh_more_than_failures_and_failures_more_than_prices()
    {
        var verdicts = Review(
            Traffic(("cheat", 100, 0), ("flaky", 100, 60), ("dear", 100, 0), ("good", 100, 0)),
            Name("m", At("cheat", 500, standing: AuditStanding.Quarantined), At("flaky", 1000, state: OfferingState.Unsteady), At("dear", 6000), At("good", 1000)));

        Assert.Equal(["cheat", "flaky", "dear"], verdicts.Select(verdict => verdict.Upstream));
        Assert.Equal([DropReason.FoundOut, DropReason.Failing, DropReason.Outdone], verdicts.Select(verdict => verdict.Reason));
    }

    [Fact]
    public void An_audit_accuses_the_models_that_it_looked_at_and_not_the_others_of_the_upstream()
    {
        var verdict = Assert.Single(Review(
            Traffic(("relay", 100, 0), ("good", 100, 0)),
            Name("big", At("relay", 500, standing: AuditStanding.Quarantined, model: "big"), At("good", 1000, model: "big")), Name("small", At("relay", 500, model: "small"), At("good", 550, model: "small"))));

        Assert.Equal(("relay", DropReason.FoundOut, 2), (verdict.Upstream, verdict.Reason, verdict.Models));
        Assert.Equal(["big"], verdict.Quarantined);
    }

    [Fact]
    public void Nobody_is_idle_while_nothing_is_asked_of_anyone()
    {
        Assert.Empty(Review(Traffic(("a", 3, 0), ("b", 0, 0)), Name("m", At("a", 1000), At("b", 1000))));
        Assert.Equal(DropReason.Idle, Assert.Single(Review(Traffic(("a", 300, 0), ("b", 0, 0)), Name("m", At("a", 1000), At("b", 1000)))).Reason);
    }

    private static IReadOnlyList<UpstreamVerdict> Review(IReadOnlyDictionary<string, UpstreamTraffic> traffic, params KeyValuePair<string, IReadOnlyList<ComparedOffering>>[] names) => UpstreamReview.Of(traffic, names.ToDictionary());

    private static Dictionary<string, UpstreamTraffic> Traffic(params (string Name, long Attempts, long Failed)[] upstreams) =>
        upstreams.ToDictionary(one => one.Name, one => new UpstreamTraffic(one.Attempts, one.Failed, new Dictionary<string, long>(), new Dictionary<string, long>()));

    private static KeyValuePair<string, IReadOnlyList<ComparedOffering>> Name(string name, params ComparedOffering[] candidates) => KeyValuePair.Create<string, IReadOnlyList<ComparedOffering>>(name, candidates);

    private static ComparedOffering At(string upstream, long? price, Estimate? stability = null, Estimate? quality = null, OfferingState state = OfferingState.Well, AuditStanding standing = AuditStanding.Clean, string model = "m")
    {
        var offering = new Offering(new UpstreamConfig { Name = upstream, Profile = VendorProfiles.Get("custom"), Endpoints = [] }, model);
        var usual = new Estimate(0.99, 0.97, 1, 300, 0);
        return new ComparedOffering(new OfferingView(offering, state, stability ?? usual, quality ?? usual, standing, null, null, price, "USD", null, "", new Scorecard().Read(offering.Id, 0)), price);
    }
}
