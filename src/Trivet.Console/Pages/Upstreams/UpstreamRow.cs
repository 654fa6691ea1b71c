using Trivet.Core.Admin;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Core.Upstreams;
using Trivet.WebConsole.Components;

namespace Trivet.WebConsole.Pages.Upstreams;

/// <summary>A line of the list of upstreams.</summary>
/// <param name="Upstream">Which.</param>
/// <param name="Views">Its offerings.</param>
/// <param name="Day">Its traffic of the last day.</param>
/// <param name="LastFailure">Null where none failed in a day.</param>
internal sealed record UpstreamRow(UpstreamConfig Upstream, IReadOnlyList<OfferingView> Views, UpstreamTraffic Day, AttemptRecord? LastFailure)
{
    public OfferingState State => Upstream.Enabled ? Words.Together([.. Views.Select(view => view.State)]) : OfferingState.Disabled;

    /// <summary>Of the offering that is known best.</summary>
    public Estimate Stability => Best(view => view.Stability);

    public Estimate Quality => Best(view => view.Quality);

    public TimeSpan? FirstContentP50 => Views.Select(view => view.FirstContentP50).Where(time => time is not null).Min();

    private Estimate Best(Func<OfferingView, Estimate> of) => Views.Count == 0 ? Estimate.Unknown : Views.Select(of).MaxBy(estimate => estimate.Weight);
}
