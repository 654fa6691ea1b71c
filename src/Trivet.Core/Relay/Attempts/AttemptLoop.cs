using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Hedging;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>Tries the candidates of a request in their order until one answers. What may be tried after a failure is the failure table's to say.</summary>
internal sealed class AttemptLoop(UpstreamStates upstreams, UpstreamRequest requests, HealthBoard health, RecoveryLoop recovery, Bookkeeper books, RoutingLessons lessons, TrivetMetrics metrics, TimeProvider time, ILogger log)
{
    private readonly AttemptRunner _runner = new(books, lessons, time);
    private readonly HedgedAttempt _hedging = new(upstreams, health, books, metrics, time);

    /// <summary>One attempt that goes on with an answer: null when the client has the rest of it.</summary>
    public async Task<Failure?> GoOnAsync(RelayCall call, Offering offering)
    {
        var begun = await BeginAsync(call, offering, refused: null, hasOthers: false);
        return begun.Failure ?? End(call, begun, await _runner.RunAsync(call, begun.Attempt!, begun.Message!));
    }

    /// <summary>Null when the client has its answer.</summary>
    public async Task<Failure?> RunAsync(RelayCall call)
    {
        Failure? failure = null;
        CredentialState? refused = null;
        var retry = call.Route!.Retry ?? call.Snapshot.Config.Retry;
        FindOut(call);
        var hedge = PlanHedge(call);
        List<Offering>? again = null;
        var (position, triesHere) = (0, 0);
        while (position < call.Order.Count && call.AttemptCount < retry.TriesMax)
        {
            var offering = call.Order[position];
            var isAgain = again?.Contains(offering) == true;
            var hasOthers = HasOthers(call.Order, position, again);
            if (isAgain && !await ComeBackAsync(call, offering, retry))
            {
                if (call.Client.Aborted.IsCancellationRequested)
                    return new Failure(FailureKind.ClientGone);
                position++;
                continue;
            }

            Failure? failed;
            CredentialState? credential;
            bool wasSent;
            if (hedge is null)
            {
                var begun = await BeginAsync(call, offering, refused, hasOthers);
                (wasSent, credential) = (begun.Failure is null, begun.Credential);
                failed = begun.Failure ?? End(call, begun, await _runner.RunAsync(call, begun.Attempt!, begun.Message!));
            }
            else
            {
                (failed, credential, wasSent) = await _hedging.RunAsync(this, call, hedge, retry);
                hedge = null; // of the first attempt alone
            }

            if (failed is null)
                return null;
            if (wasSent || failure is null)
                failure = failed;
            if (call.Client.Aborted.IsCancellationRequested)
                return failure;
            if (call.Output.IsCommitted)
                return call.Continuation is null ? failure : await new ContinuationLoop(this, health, time).RunAsync(call, position, retry);

            triesHere += isAgain ? 2 : 1;
            var move = wasSent ? Decide(call, failed, offering, credential, triesHere, hasOthers, retry) : NextMove.On;
            if (move.Where == NextPlace.Nowhere)
                return failure;
            if (move.Wait > TimeSpan.Zero && !await WaitAsync(move.Wait, call.Client.Aborted))
                return new Failure(FailureKind.ClientGone);
            refused = move.OtherKey ? credential : null;
            if (move.Where == NextPlace.Here)
                continue;
            if (hasOthers && !isAgain && wasSent && failed.Rule.Retry == RetryAdvice.ElsewhereElseHere)
            {
                (again ??= []).Add(offering);
                call.Order.Add(offering);
            }

            if (failed.Rule is { Fault: FaultSide.Upstream, Scorecard: not ScorecardEffect.Limited })
                Independence.Prefer(call.Order, position, health, call.Relaxed);
            if (failed.Rule.Retry == RetryAdvice.LargerContext)
                position = SkipSameModel(call.Order, position, offering.Model);
            else
                position++;
            (triesHere, refused, call.IsStripped, call.Unfit) = (0, null, false, null);
        }

        return failure ?? new Failure(FailureKind.GatewayNoCandidate);
    }

    /// <summary>Whether an offering that broke off once, for no reason of the request's, is asked again now that nobody else is left: not one that is down, nor beyond its upstream's budget of retries.</summary>
    public async ValueTask<bool> ComeBackAsync(RelayCall call, Offering offering, RetryConfig retry) =>
        !health.For(offering.Id).IsDown && upstreams.For(offering.Upstream).Retries.TryTake(retry.BudgetFloor) && await WaitAsync(RetryRules.BeforeComingBack(), call.Client.Aborted);

    private NextMove Decide(RelayCall call, Failure failure, Offering offering, CredentialState? credential, int triesHere, bool hasOthers, RetryConfig retry)
    {
        switch (failure.Rule.Retry)
        {
            case RetryAdvice.HereWithoutThoughts:
                if (call.IsStripped)
                    return NextMove.On;
                call.IsStripped = true;
                if (failure.UpstreamError is { } error && ReasoningRefusals.IsDemand(error))
                    call.Replay?.NoteDemand(offering.Id);
                return NextMove.Here(TimeSpan.Zero);
            case RetryAdvice.HereToldWhy:
                if (call.Unfit is not { IsAskedAgain: false } unfit)
                    return NextMove.On;
                call.Unfit = unfit with { IsAskedAgain = true };
                return NextMove.Here(TimeSpan.Zero);
            default:
                var upstream = upstreams.For(offering.Upstream);
                var hasOtherCredential = triesHere < upstream.Credentials.Count && upstream.HasReady(offering.Model, NowMs, not: credential);
                return RetryRules.Decide(failure, retry, triesHere, hasOthers, hasOtherCredential, upstream.Retries);
        }
    }

    private HedgePlan? PlanHedge(RelayCall call)
    {
        if (call.Route!.Route?.Hedge is not { } config)
            return null;
        _hedging.Reorder(call);
        return call.AttemptCount == 0 ? _hedging.Plan(call, config) : null;
    }

    /// <summary>One attempt, as a task of its own that may run beside another.</summary>
    public async Task<AttemptOutcome> AttemptAsync(RelayCall call, Offering offering, bool hasOthers)
    {
        var begun = await BeginAsync(call, offering, refused: null, hasOthers);
        var failed = begun.Failure ?? End(call, begun, await _runner.RunAsync(call, begun.Attempt!, begun.Message!));
        return new AttemptOutcome(failed, begun.Credential, begun.Failure is null);
    }

    // All that comes before an attempt is sent. A failure: it is not.
    private async ValueTask<Begun> BeginAsync(RelayCall call, Offering offering, CredentialState? refused, bool hasOthers)
    {
        await SocketThreads.LeaveForAsync(call.Body.Length); // a database or another attempt may have brought it back
        var now = NowMs;
        if (UpstreamProtocols.ChooseFor(offering.Upstream, call.Format.Protocol) is not { } endpoint)
            return new Begun { Failure = new Failure(FailureKind.GatewayNoCandidate) };
        var upstream = upstreams.For(offering.Upstream);
        var demands = AnswerChecks.Of(call, offering, endpoint.Protocol);
        var attempt = new Attempt
        {
            Id = RequestIds.NewAttempt(call.RequestId, call.AttemptCount + 1),
            Ordinal = call.AttemptCount + 1,
            Offering = offering,
            Upstream = upstream,
            Credential = upstream.PickCredential(call.SessionHash, offering.Model, now, refused),
            Endpoint = endpoint,
            StartedTimestamp = time.GetTimestamp(),
            StartedMs = now,
            FirstContentLimit = FirstContentLimits.For(call, offering, health.For(offering.Id).FirstContent, hasOthers),
            Demands = demands,
            IsPassThrough = endpoint.Protocol == call.Format.Protocol && demands == AnswerDemands.None && !MediaInlining.IsNeeded(call, offering, endpoint) && !NeedsEnforcing(call, offering) && call.Continuation is not { Way: not ContinuationWay.Anew },
        };
        var (message, refusal) = await requests.BuildAsync(call, attempt);
        if (refusal is not null)
            return new Begun { Failure = refusal, Attempt = attempt };

        if (call.LastAttempt is { } failed)
            books.Book(failed);
        else
            upstream.Retries.Earn(call.Snapshot.Config.Retry.BudgetPercent);
        books.Done(call.LastSlot);
        (call.LastAttempt, call.LastSlot) = (null, Ledger.Spool.InFlightSlots.None);
        if (!AttemptBooking.TryBegin(call, attempt, books))
            return new Begun { Failure = new Failure(FailureKind.GatewayCannotBook), Attempt = attempt };
        ScoreSampling.Begin(health, attempt);
        PassiveChecks.Begin(call, attempt, health.For(offering.Id).Card);
        call.AttemptCount++;
        call.Tap.Reset();
        call.UpstreamErrorBody = null;
        return new Begun { Attempt = attempt, Message = message, Span = TrivetTracing.StartAttempt(call, attempt) };
    }

    private Failure? End(RelayCall call, in Begun begun, Failure? failure)
    {
        Learn(call, begun.Attempt!, failure, begun.Span);
        return failure;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    // What the vendor ignores, Trivet keeps, and what it refuses Trivet says otherwise: for both the conversation must be read.
    private static bool NeedsEnforcing(RelayCall call, Offering offering)
    {
        var (features, quirks) = (call.Scan.Features, offering.Quirks(call.Format.Protocol));
        return features.HasFlag(RequestFeatures.StopSequences) && quirks.StopSequences == Support.Ignored
            || features.HasFlag(RequestFeatures.SystemInConversation) && quirks.MidConversationSystem == false
            || features.HasFlag(RequestFeatures.SingleToolCall) && quirks.ParallelSwitch == Support.Ignored;
    }

    private void Learn(RelayCall call, Attempt attempt, Failure? failure, Activity? span)
    {
        var durationMs = (long)time.GetElapsedTime(attempt.StartedTimestamp).TotalMilliseconds;
        if (failure is null)
        {
            Praise(call, attempt);
            call.Lost = attempt.Lost;
        }
        else
        {
            Blame(call, attempt, failure);
            lessons.Failed(call, attempt, failure);
            // Never the upstream's message: vendors quote the prompt and, some of them, the key that they refuse.
            RelayLog.AttemptFailed(log, failure.Rule.Level, call.RequestId, attempt.Ordinal, attempt.Offering.Id, failure.Kind, attempt.HttpStatus, failure.Internal ?? failure.UpstreamError?.Code ?? "");
        }

        var record = AttemptBooking.Record(call, attempt, failure, durationMs);
        (call.LastAttempt, call.LastSlot) = (record, attempt.Slot);
        ScoreSampling.Note(health, call, attempt, record, failure, NowMs);
        if (failure is null)
        {
            AttemptBooking.Learn(call, attempt);
            PassiveChecks.End(call, attempt, health.For(attempt.Offering.Id).Card, NowMs);
        }
        else if (failure.Kind == FailureKind.UpstreamUnfit)
        {
            PassiveChecks.EndUnfit(health.For(attempt.Offering.Id).Card, NowMs);
        }

        metrics.AttemptEnded(attempt, record, failure);
        TrivetTracing.EndAttempt(span, record, failure);
    }

    private void Praise(RelayCall call, Attempt attempt)
    {
        var card = health.For(attempt.Offering.Id);
        card.Succeeded(NowMs);
        if (attempt.TimeToFirstContentMs is { } firstContentMs)
            card.FirstContent.Record(call.Scan.Stream, call.Scan.InputTokensEstimate, firstContentMs);
        attempt.Credential?.Succeeded(attempt.Offering.Model);
        lessons.Answered(call, attempt);
    }

    private void Blame(RelayCall call, Attempt attempt, Failure failure)
    {
        var (offering, credential) = (attempt.Offering, attempt.Credential);
        if (failure.Kind == FailureKind.GatewayAbandoned && call is { IsHedge: false, Rival.IsCommitted: true } && health.For(offering.Id) is var silent && silent.Overtaken())
            recovery.Watch(silent, offering, attempt.Endpoint, credential?.Credential);
        if (failure.Rule.Scorecard == ScorecardEffect.Limited)
        {
            if (failure.Kind is FailureKind.UpstreamCredentialRefused or FailureKind.UpstreamBillingExhausted)
            {
                credential?.Refused(failure.Kind, NowMs);
                if (credential is not null)
                    recovery.Watch(credential, offering, attempt.Endpoint);
            }
            else
            {
                credential?.Limited(offering.Model, failure.RetryAfter, NowMs);
            }

            if (attempt.Upstream.HasReady(offering.Model, NowMs, not: credential))
                return; // the offering is there, with another key
        }

        var card = health.For(offering.Id);
        if (card.Failed(failure, NowMs))
            recovery.Watch(card, offering, attempt.Endpoint, credential?.Credential);
        else if (card.LastFailureMs > 0)
            recovery.Check(card, offering, attempt.Endpoint, credential?.Credential);
    }

    // Those that failed a while ago and were not asked since, or have been out too often, stand behind the others: a probe tells when that is over, and no request has to.
    private void FindOut(RelayCall call)
    {
        if (call.Order.Count == 1)
            return;
        var now = NowMs;
        foreach (var offering in call.Order)
        {
            var card = health.For(offering.Id);
            var isDoubtful = card.IsDoubtful(now) && !card.IsDown;
            if (!(isDoubtful || card.TryRecheck(now)) || UpstreamProtocols.ChooseFor(offering.Upstream, call.Format.Protocol) is not { } endpoint)
                continue;
            var credential = upstreams.For(offering.Upstream).PickCredential(call.SessionHash, offering.Model, now, null)?.Credential;
            if (isDoubtful)
                recovery.Watch(card, offering, endpoint, credential);
            else
                recovery.Recheck(card, offering, endpoint, credential);
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait, CancellationToken aborted)
    {
        try
        {
            await Task.Delay(wait, time, aborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Behind this one, those that were not asked yet.
    private static bool HasOthers(List<Offering> order, int position, List<Offering>? again)
    {
        while (++position < order.Count)
        {
            if (again?.Contains(order[position]) != true)
                return true;
        }

        return false;
    }

    private static int SkipSameModel(List<Offering> order, int position, string model)
    {
        do
        {
            position++;
        }
        while (position < order.Count && string.Equals(order[position].Model, model, StringComparison.Ordinal));
        return position;
    }

    /// <summary>An attempt that is ready to be sent, or why it is not.</summary>
    private readonly struct Begun
    {
        public Failure? Failure { get; init; }

        public Attempt? Attempt { get; init; }

        public HttpRequestMessage? Message { get; init; }

        public Activity? Span { get; init; }

        public CredentialState? Credential => Attempt?.Credential;
    }
}

/// <summary>What came of an attempt.</summary>
/// <param name="Failure">Null when the client has its answer.</param>
/// <param name="Credential">The credential that it was sent with; null for none.</param>
/// <param name="WasSent">False: it was given up before.</param>
internal readonly record struct AttemptOutcome(Failure? Failure, CredentialState? Credential, bool WasSent);
