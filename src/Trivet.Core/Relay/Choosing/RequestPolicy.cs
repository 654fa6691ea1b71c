using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Difficulty;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Relay.Choosing;

/// <summary>Which policy decides a request (the client's header, else what the file says of its key, else what is kept with the key, else the route's), and what the policy is asked.</summary>
internal static class RequestPolicy
{
    /// <summary>By which a client asks for one.</summary>
    public const string Header = "x-trivet-policy";

    /// <summary>
    /// Takes the policy that the client or its key asks for. A name that is unknown is the client's mistake, or that of who gave the key a policy which is gone: a policy may be what keeps data in a region, so the
    /// request does not go without it.
    /// </summary>
    public static Failure? Choose(RelayCall call)
    {
        if (call.Client.Header(Header) is { Length: > 0 } asked)
            return Take(call, Header, ResponseHeaders.Ascii(RecordText.Cut(asked)));
        call.Policy = call.Snapshot.PolicyOfKey(call.Key!.Id, call.Key.Name);
        if (call.Policy?.Broken is { } why)
            return new Failure(FailureKind.GatewayNoCandidate) { Detail = $"The policy '{call.Policy.Name}': {why}." };
        return call.Policy is null && call.Key.Policy is { Length: > 0 } kept ? Take(call, "this key's policy", kept) : null;
    }

    /// <summary>Why a name leads nowhere: nobody has it, or its route is broken, which is the operator's to mend and never a reason to go another way.</summary>
    public static Failure Unserved(GatewaySnapshot snapshot, string model) => snapshot.BrokenRoute(model) is { } broken
        ? new Failure(FailureKind.GatewayNoCandidate) { Detail = broken }
        : new Failure(FailureKind.ClientModelUnknown) { Detail = $"It was '{RecordText.Cut(model)}'." };

    private static Failure? Take(RelayCall call, string whose, string name)
    {
        if (call.Snapshot.Policies.TryGetValue(name, out var policy))
        {
            call.Policy = policy;
            return null;
        }

        return new Failure(FailureKind.ClientRequestInvalid) { Detail = $"{whose}: {call.Snapshot.PolicyProblem(name)}" };
    }

    /// <summary>The question to routing. A prompt is cut into pieces only where a policy weighs what its cache is worth, between several.</summary>
    public static RoutingQuestion Ask(RelayCall call, DifficultyGate difficulty)
    {
        var question = new RoutingQuestion(call.SessionHash, call.StartedMs, call.Scan.Features, call.Format.Protocol);
        if ((call.Policy ?? call.Route!.Evidence) is not { } policy)
            return question;
        if (call.Route!.Candidates.Length > 1)
            call.Prompt.Read(call.Body.WrittenSpan, call.Scan);
        if (policy.Tasks.Count > 0 || policy.Aim is PolicyAim.Best or PolicyAim.Exchange)
            call.Task = RequestTasks.Of(call);
        return question with
        {
            Policy = policy,
            PromptTokens = call.Scan.InputTokensEstimate,
            MaxOutputTokens = call.Scan.MaxOutputTokens,
            IsStream = call.Scan.Stream,
            Prompt = call.Prompt.Prefix,
            WritesCache = call.Prompt.HasBreakpoints,
            Task = call.Task,
            IsHard = policy.Difficulty is { } config ? difficulty.IsHard(config, LastQuestion.Of(call.Body.WrittenMemory, call.Scan)) : null,
            Fx = call.Snapshot.Prices.Fx,
            Draw = (ulong)Random.Shared.NextInt64(),
        };
    }
}
