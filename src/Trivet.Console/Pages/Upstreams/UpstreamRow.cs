using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Core.Upstreams;
using Trivet.WebConsole.Components;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Upstreams;

/// <summary>A line of the list of upstreams.</summary>
/// <param name="Upstream">Which.</param>
/// <param name="Views">Its offerings.</param>
/// <param name="Day">Its traffic of the last day.</param>
/// <param name="LastFailure">Null where none failed in a day.</param>
internal sealed record UpstreamRow(UpstreamConfig Upstream, IReadOnlyList<OfferingView> Views, UpstreamTraffic Day, AttemptRecord? LastFailure)
{
    public OfferingState State => Upstream.Enabled ? Words.Together([.. Views.Select(view => view.State)]) : OfferingState.Disabled;

    /// <summary>The gravest that audits hold against any of its offerings.</summary>
    public AuditStanding Standing => Views.Count == 0 ? AuditStanding.Clean : Views.Max(view => view.Standing);

    /// <summary>Over all offerings, each by how much is known of it; the interval holds all of theirs.</summary>
    public Estimate Stability => Together(view => view.Stability);

    public Estimate Quality => Together(view => view.Quality);

    public TimeSpan? FirstContentP50 => Views.Select(view => view.FirstContentP50).Where(time => time is not null).Min();

    /// <summary>The requests of which an attempt at an upstream failed.</summary>
    public static string FailedAttempts(string upstream, string since) =>
        PageLink.To("requests").With("since", since).With("upstream", upstream).With("failure", RequestQuery.AnyFailure).ToString();

    private Estimate Together(Func<OfferingView, Estimate> of)
    {
        var known = Views.Select(of).Where(estimate => estimate.IsKnown).ToList();
        if (known.Count == 0)
            return Estimate.Unknown;
        var weight = known.Sum(estimate => estimate.Weight);
        return new Estimate(known.Sum(estimate => estimate.Value * estimate.Weight) / weight, known.Min(estimate => estimate.Low), known.Max(estimate => estimate.High), weight, known.Max(estimate => estimate.LastMs));
    }
}
