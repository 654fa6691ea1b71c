using Trivet.Core.Routing;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Relay.Hedging;

/// <summary>When a request is asked for a second time, and of whom.</summary>
/// <param name="Config">What the route allows.</param>
/// <param name="Budget">What is left of it.</param>
/// <param name="Primary">Who is asked first.</param>
/// <param name="Candidate">Who is asked beside it: it shares neither upstream nor host nor vendor with the first.</param>
/// <param name="After">As long as the first is usually fast enough.</param>
/// <param name="WorstNano">What the loser may cost, in the budget's currency: its input. Its output has not begun when it loses.</param>
internal sealed record HedgePlan(HedgeConfig Config, HedgeBudget Budget, Offering Primary, Offering Candidate, TimeSpan After, long WorstNano);
