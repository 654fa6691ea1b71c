using System.Collections.Concurrent;
using Trivet.Core.Diagnostics;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Hedging;

/// <summary>
/// The first attempt of a request on a route that hedges. When its upstream has taken longer than it usually does and no content has come, one independent candidate
/// is asked the same; whose content comes first is the answer, the other is cancelled and booked. The two are calls of their own that share the client and the
/// money; <see cref="ClientOutput.TryCommit"/> decides between them.
/// </summary>
internal sealed class HedgedAttempt(UpstreamStates upstreams, HealthBoard health, Bookkeeper books, TrivetMetrics metrics, TimeProvider time)
{
    /// <summary>Nobody is that fast that less would tell slow from well.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    /// <summary>A request is kept twice while it is hedged.</summary>
    private const int BodyBytesMax = 8 << 20;

    private readonly ConcurrentDictionary<string, HedgeBudget> _budgets = new(StringComparer.Ordinal);
    private readonly SlowSessions _slow = new();

    /// <summary>A conversation whose upstream was slow lately goes where it was answered.</summary>
    public void Reorder(RelayCall call)
    {
        if (call.Order.Count > 1 && call.Order[0] is var first && _slow.Reorder(call.SessionHash, call.Order, NowMs, offering => IsFit(call, offering, NowMs)))
            call.RouteReason = $"{first.Upstream.Name} was slow";
    }

    /// <summary>How the request is hedged; null where it cannot be.</summary>
    public HedgePlan? Plan(RelayCall call, HedgeConfig config)
    {
        if (call.Previous is not null || call.Order.Count < 2 || call.Body.Length > BodyBytesMax)
            return null;
        var budget = _budgets.GetOrAdd(call.Route!.Name, static _ => new HedgeBudget());
        budget.Earn(config);
        var primary = call.Order[0];
        if (health.For(primary.Id).FirstContent.UsualSlowest(call.Scan.Stream, call.Scan.InputTokensEstimate) is not { } usual || Candidate(call, primary) is not { } candidate)
            return null;
        return InputCost(call, primary, config) is { } one && InputCost(call, candidate, config) is { } other
            ? new HedgePlan(config, budget, primary, candidate, usual > Least ? usual : Least, Math.Max(one, other))
            : null; // what cannot be bounded is not spent
    }

    /// <summary>Runs it. The call stands afterwards as after one attempt: its last record is that of the attempt whose answer counts, every other is booked.</summary>
    public async Task<AttemptOutcome> RunAsync(AttemptLoop attempts, RelayCall call, HedgePlan plan, RetryConfig retry)
    {
        var primary = attempts.AttemptAsync(call, plan.Primary, hasOthers: true);
        await WaitAsync(primary, plan.After);
        if (primary.IsCompleted || await TryBeginAsync(call, plan) is not { } hedge)
            return await primary;
        try
        {
            var second = attempts.AttemptAsync(hedge, plan.Candidate, hasOthers: false);
            await Task.WhenAll(primary, second); // who commits stops the other, so the loser ends at once
            metrics.Hedged(plan.Primary, plan.Candidate, hedge.IsCommitted);
            var (first, other) = (await primary, await second);
            return hedge.IsCommitted ? await WonAsync(attempts, call, hedge, plan, other, retry) : Lost(call, hedge, plan, first, other);
        }
        finally
        {
            hedge.Reset();
            hedge.Dispose();
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async ValueTask WaitAsync(Task primary, TimeSpan wait)
    {
        using var ended = new CancellationTokenSource();
        await Task.WhenAny(primary, Task.Delay(wait, time, ended.Token));
        await ended.CancelAsync();
    }

    // While the output is entered the first cannot commit, and with that give its request back.
    private async ValueTask<RelayCall?> TryBeginAsync(RelayCall call, HedgePlan plan)
    {
        if (call.IsClientGone || call.Tap.HasContent || !plan.Budget.TryTake(plan.Config, plan.WorstNano, NowMs))
            return null;
        await call.Output.EnterAsync(time);
        try
        {
            // One that is still being made ready has no number yet; with what it waits for (a picture, the database) another would not be faster.
            if (!call.Output.IsCommitted && call is { AttemptCount: > 0, Clock: not null, IsStopped: false })
            {
                var hedge = call.BeginHedge();
                hedge.RouteReason += $", hedged at {plan.Candidate.Id}";
                return hedge;
            }
        }
        finally
        {
            call.Output.Exit();
        }

        plan.Budget.Return(plan.WorstNano);
        return null;
    }

    private async Task<AttemptOutcome> WonAsync(AttemptLoop attempts, RelayCall call, RelayCall hedge, HedgePlan plan, AttemptOutcome outcome, RetryConfig retry)
    {
        _slow.Note(call.SessionHash, plan.Primary, plan.Candidate, NowMs);
        Book(call, plan);
        if (outcome.Failure is not null && hedge.Continuation is not null && !call.IsClientGone)
            outcome = outcome with { Failure = await new ContinuationLoop(attempts, health, time).RunAsync(hedge, hedge.Order.IndexOf(plan.Candidate), retry) };
        call.Adopt(hedge);
        return outcome;
    }

    private AttemptOutcome Lost(RelayCall call, RelayCall hedge, HedgePlan plan, AttemptOutcome first, AttemptOutcome other)
    {
        if (!other.WasSent)
        {
            plan.Budget.Return(plan.WorstNano);
            return first;
        }

        Book(hedge, plan);
        call.AttemptCount = hedge.AttemptCount;
        if (!call.IsCommitted && call.Order.Count > 2)
            call.Order.Remove(plan.Candidate); // both failed: those that were not asked are next
        return first;
    }

    private void Book(RelayCall loser, HedgePlan plan)
    {
        if (loser.LastAttempt is { } record)
        {
            books.Book(record);
            plan.Budget.Settle(plan.WorstNano, record.CostNano is { } cost ? In(loser, plan.Config, cost, record.Currency) ?? plan.WorstNano : plan.WorstNano);
        }

        books.Done(loser.LastSlot);
        (loser.LastAttempt, loser.LastSlot) = (null, Ledger.Spool.InFlightSlots.None);
    }

    private Offering? Candidate(RelayCall call, Offering primary)
    {
        var now = NowMs;
        for (var i = 1; i < call.Order.Count; i++)
        {
            var offering = call.Order[i];
            if (Independence.IsFull(primary, offering) && IsFit(call, offering, now))
                return offering;
        }

        return null;
    }

    private bool IsFit(RelayCall call, Offering offering, long nowMs)
    {
        var card = health.For(offering.Id);
        return card.Card.Standing != AuditStanding.Quarantined && call.Relaxed.LevelOf(offering) <= call.Relaxed.LevelOf(call.Order[0]) && card.IsReady(nowMs) && !card.IsDoubtful(nowMs) && upstreams.For(offering.Upstream).HasReady(offering.Model, nowMs, not: null)
            && Capabilities.Cover(offering, call.Scan.Features, call.Format.Protocol);
    }

    private static long? InputCost(RelayCall call, Offering offering, HedgeConfig config)
    {
        var quote = AttemptBooking.Price(call.Snapshot, offering, new Usage { InputUncached = call.Scan.InputTokensEstimate }, call.StartedMs, Catalogue.ServiceTier.Standard);
        return quote.BilledNano is { } nano ? In(call, config, nano, quote.Currency) : null;
    }

    private static long? In(RelayCall call, HedgeConfig config, long nano, string currency)
    {
        if (nano == 0 || currency == config.Currency)
            return nano;
        return call.Snapshot.Prices.Fx.RateNano(currency, config.Currency, call.StartedMs) is { } rate ? Limits.ExchangeMath.Up(nano, rate) : null;
    }
}
