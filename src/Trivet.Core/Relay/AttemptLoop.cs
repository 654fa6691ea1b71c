using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay;

/// <summary>Tries the candidates of a request in their order until one answers. What may be tried after a failure is the failure table's to say.</summary>
internal sealed class AttemptLoop(UpstreamStates upstreams, UpstreamRequest requests, HealthBoard health, Bookkeeper books, TrivetMetrics metrics, TimeProvider time, ILogger log)
{
    /// <summary>Tries in all.</summary>
    private const int TriesMax = 6;

    /// <summary>Tries of one offering that asks for no wait and names none.</summary>
    private const int LimitedTriesMax = 3;

    /// <summary>A wait up to this is waited out, because the prompt cache at this upstream is warm; a longer one goes elsewhere.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(3);

    private readonly AttemptRunner _runner = new(time);

    /// <summary>Null when the client has its answer.</summary>
    public async Task<Failure?> RunAsync(RelayCall call)
    {
        Failure? failure = null;
        CredentialState? refused = null;
        var (position, triesHere) = (0, 0);
        while (position < call.Order.Count && call.AttemptCount < TriesMax)
        {
            var offering = call.Order[position];
            var next = await AttemptAsync(call, offering, refused);
            if (next.Failure is null)
                return null;
            if (next.WasSent || failure is null)
                failure = next.Failure;
            if (call.Output.IsCommitted || call.Client.Aborted.IsCancellationRequested)
                return failure;

            triesHere++;
            refused = next.Credential;
            var move = next.WasSent ? Decide(call, next.Failure, offering, next.Credential, triesHere, isLast: position == call.Order.Count - 1) : Move.On;
            if (move.Stop)
                return failure;
            if (move.Wait > TimeSpan.Zero && !await WaitAsync(move.Wait, call.Client.Aborted))
                return new Failure(FailureKind.ClientGone);
            if (move.Here)
                continue;
            if (next.Failure.Rule.Retry == RetryAdvice.LargerContext)
                position = SkipSameModel(call.Order, position, offering.Model);
            else
                position++;
            (triesHere, refused, call.IsStripped) = (0, null, false);
        }

        return failure ?? new Failure(FailureKind.GatewayNoCandidate);
    }

    private Move Decide(RelayCall call, Failure failure, Offering offering, CredentialState? credential, int triesHere, bool isLast)
    {
        switch (failure.Rule.Retry)
        {
            case RetryAdvice.Never:
                return Move.End;
            case RetryAdvice.HereOnce:
                return triesHere == 1 ? Move.Again(Jitter(TimeSpan.FromMilliseconds(100))) : Move.On;
            case RetryAdvice.HereWithoutThoughts:
                if (call.IsStripped)
                    return Move.On;
                call.IsStripped = true;
                if (failure.UpstreamError is { } error && ReasoningRefusals.IsDemand(error))
                    call.Replay?.NoteDemand(offering.Id);
                return Move.Again(TimeSpan.Zero);
            case RetryAdvice.ElsewhereElseHere:
                return isLast && triesHere == 1 ? Move.Again(Jitter(TimeSpan.FromMilliseconds(100))) : Move.On;
            case RetryAdvice.OtherCredential:
                return HasOtherCredential(offering, credential, triesHere) ? Move.Again(TimeSpan.Zero) : Move.On;
            case RetryAdvice.AfterWait:
                if (HasOtherCredential(offering, credential, triesHere))
                    return Move.Again(TimeSpan.Zero);
                if (failure.RetryAfter is { } asked)
                    return asked <= WaitMax && triesHere <= 2 ? Move.Again(asked + Jitter(TimeSpan.FromMilliseconds(50))) : Move.On;
                return isLast && triesHere < LimitedTriesMax ? Move.Again(Jitter(TimeSpan.FromMilliseconds(600 << (triesHere - 1)))) : Move.On;
            default:
                return Move.On;
        }
    }

    private bool HasOtherCredential(Offering offering, CredentialState? used, int triesHere)
    {
        var credentials = upstreams.For(offering.Upstream).Credentials;
        if (triesHere >= credentials.Count)
            return false;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var credential in credentials)
        {
            if (credential != used && credential.IsReady(nowMs))
                return true;
        }

        return false;
    }

    private async Task<Outcome> AttemptAsync(RelayCall call, Offering offering, CredentialState? refused)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (UpstreamProtocols.ChooseFor(offering.Upstream, call.Format.Protocol) is not { } endpoint)
            return new Outcome(new Failure(FailureKind.GatewayNoCandidate), null, WasSent: false);
        var upstream = upstreams.For(offering.Upstream);
        var attempt = new Attempt
        {
            Id = RequestIds.NewAttempt(call.RequestId, call.AttemptCount + 1),
            Ordinal = call.AttemptCount + 1,
            Offering = offering,
            Upstream = upstream,
            Credential = upstream.PickCredential(call.SessionHash, now, refused),
            Endpoint = endpoint,
            StartedTimestamp = time.GetTimestamp(),
            StartedMs = now,
            IsPassThrough = endpoint.Protocol == call.Format.Protocol && !MediaInlining.IsNeeded(call, offering, endpoint) && !NeedsEnforcing(call, offering),
        };
        var (message, refusal) = await requests.BuildAsync(call, attempt);
        if (refusal is not null)
            return new Outcome(refusal, attempt.Credential, WasSent: false);

        if (call.LastAttempt is { } failed)
            books.Book(failed);
        call.LastAttempt = null;
        call.AttemptCount++;
        call.Tap.Reset();
        call.UpstreamErrorBody = null;
        var span = TrivetTracing.StartAttempt(call, attempt);
        var failure = await _runner.RunAsync(call, attempt, message!);
        Learn(call, attempt, failure, span);
        return new Outcome(failure, attempt.Credential, WasSent: true);
    }

    // What the vendor ignores, Trivet keeps; for that the answer must be read.
    private static bool NeedsEnforcing(RelayCall call, Offering offering) =>
        call.Scan.Features.HasFlag(RequestFeatures.StopSequences) && offering.Quirks(call.Format.Protocol).StopSequences == Support.Ignored;

    private void Learn(RelayCall call, Attempt attempt, Failure? failure, Activity? span)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var durationMs = (long)time.GetElapsedTime(attempt.StartedTimestamp).TotalMilliseconds;
        if (failure is null)
        {
            health.For(attempt.Offering.Id).Succeeded();
            attempt.Credential?.Succeeded();
            call.Lost = attempt.Lost;
        }
        else
        {
            health.For(attempt.Offering.Id).Failed(failure, nowMs);
            if (failure.Kind is FailureKind.UpstreamCredentialRefused or FailureKind.UpstreamBillingExhausted)
                attempt.Credential?.Refused(failure.Kind, nowMs);
            // Never the upstream's message: vendors quote the prompt and, some of them, the key that they refuse.
            RelayLog.AttemptFailed(log, failure.Rule.Level, call.RequestId, attempt.Ordinal, attempt.Offering.Id, failure.Kind, attempt.HttpStatus, failure.Internal ?? failure.UpstreamError?.Code ?? "");
        }

        var record = AttemptBooking.Record(call, attempt, failure, durationMs);
        call.LastAttempt = record;
        metrics.AttemptEnded(attempt, record, failure);
        TrivetTracing.EndAttempt(span, record, failure);
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

    // Full jitter around the wait: half to one and a half of it.
    private static TimeSpan Jitter(TimeSpan wait) => wait * (0.5 + Random.Shared.NextDouble());

    private static int SkipSameModel(List<Offering> order, int position, string model)
    {
        do
        {
            position++;
        }
        while (position < order.Count && string.Equals(order[position].Model, model, StringComparison.Ordinal));
        return position;
    }

    private readonly record struct Outcome(Failure? Failure, CredentialState? Credential, bool WasSent);

    private readonly record struct Move(bool Stop, bool Here, TimeSpan Wait)
    {
        public static Move End => new(true, false, TimeSpan.Zero);

        public static Move On => default;

        public static Move Again(TimeSpan wait) => new(false, true, wait);
    }
}
