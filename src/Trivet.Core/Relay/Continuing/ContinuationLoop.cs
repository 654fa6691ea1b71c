using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// Goes on with an answer that broke off after some of it had reached the client: at the other candidates in their order, then at the same one, then at those once
/// more that failed for no reason of the request's before they said anything. Each is asked in the way that promises most: to go on from what the client has where
/// its vendor says that it can, else anew, and where that answer begins otherwise, by a turn that tells it to go on.
/// </summary>
internal sealed class ContinuationLoop(AttemptLoop attempts, HealthBoard health, TimeProvider time)
{
    /// <summary>Null when the client has its whole answer; else what broke it off first, of which the client has been told.</summary>
    public async Task<Failure?> RunAsync(RelayCall call, int position, RetryConfig retry)
    {
        var going = call.Continuation!;
        var candidates = Candidates(call, position);
        var others = candidates.Count;
        for (var i = 0; i < candidates.Count && !going.IsTold && call.AttemptCount < retry.TriesMax; i++)
        {
            if (i >= others && !await attempts.ComeBackAsync(call, candidates[i], retry))
                continue;
            if (await GoOnAsync(call, going, candidates[i], retry) is not { } failure)
                return null;
            if (call.Client.Aborted.IsCancellationRequested)
                return new Failure(FailureKind.ClientGone);
            if (i < others && failure.Rule is { Bill: BillAdvice.Nothing, Retry: RetryAdvice.HereOnce or RetryAdvice.ElsewhereElseHere })
                candidates.Add(candidates[i]);
        }

        if (!going.IsTold)
            await TellAsync(call, going);
        return going.Failure;
    }

    private List<Offering> Candidates(RelayCall call, int position)
    {
        Independence.Prefer(call.Order, position, health, call.Relaxed);
        return [.. call.Order[(position + 1)..], call.Order[position]];
    }

    // Null when the client has the rest of the answer.
    private async Task<Failure?> GoOnAsync(RelayCall call, Continuation going, Offering offering, RetryConfig retry)
    {
        var card = health.For(offering.Id);
        var way = FirstWay(call, going, offering, card);
        while (true)
        {
            going.Count(call.LastAttempt!);
            going.Way = way;
            var had = going.Answer.Text().Length;
            if (await attempts.GoOnAsync(call, offering) is not { } failure)
            {
                call.RouteReason += $", continued at {offering.Id}";
                return null;
            }

            if (way == ContinuationWay.Prefill && failure.Kind == FailureKind.UpstreamRequestRefused)
                (card.RefusesPrefill, way) = (true, ContinuationWay.Anew);
            else if (way == ContinuationWay.Anew && failure.Kind == FailureKind.GatewayAbandoned)
                way = ContinuationWay.Turn;
            else if (going.IsTold || !Continuation.Helps(failure) || going.Answer.Text().Length == had)
                return failure;
            // else it came further and broke off again: once more, from there
            if (call.AttemptCount >= retry.TriesMax)
                return failure;
        }
    }

    private static ContinuationWay FirstWay(RelayCall call, Continuation going, Offering offering, OfferingHealth card)
    {
        var text = going.Answer.Text();
        var endpoint = UpstreamProtocols.ChooseFor(offering.Upstream, call.Format.Protocol);
        return endpoint is not null && !card.RefusesPrefill && going.TakesPrefill(call, offering.Quirks(endpoint.Protocol)) && text is [.., > (byte)' '] // a blank at the end is refused by those who take one
            ? ContinuationWay.Prefill
            : ContinuationWay.Anew;
    }

    private async ValueTask TellAsync(RelayCall call, Continuation going)
    {
        await call.Output.EnterAsync(time);
        try
        {
            going.Reopen(call, going.First);
            going.Answer.Next!.OnError(going.Failure.ToWireError());
            await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted);
            call.Held.Clear();
        }
        finally
        {
            call.Output.Exit();
        }
    }
}
