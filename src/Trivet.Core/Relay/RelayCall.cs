using System.Buffers;
using Trivet.Core.Conversations;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Replay;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses.Streams;

namespace Trivet.Core.Relay;

/// <summary>Everything that one request needs while it lives. Pooled: buffers, scan and lists are used again by later requests.</summary>
internal sealed class RelayCall : IDisposable
{
    private RequestBodyContent? _sent;
    private bool _isReadByOthers;

    private readonly ClientOutput _ownOutput = new();
    private readonly Limits.Reservation _ownReservation = new();

    public RelayCall() => (Output, Reservation) = (_ownOutput, _ownReservation);

    public IClientExchange Client { get; private set; } = null!;

    public IWireFormat Format { get; private set; } = null!;

    public GatewaySnapshot Snapshot { get; private set; } = null!;

    /// <summary>Null until authenticated.</summary>
    public KeyEntry? Key { get; set; }

    /// <summary>What the path says; null where the body says it.</summary>
    public PathTarget? Target { get; set; }

    public string RequestId { get; private set; } = "";

    /// <summary>The time provider's timestamp at arrival.</summary>
    public long StartedTimestamp { get; private set; }

    /// <summary>Unix milliseconds at arrival.</summary>
    public long StartedMs { get; private set; }

    /// <summary>The client's body, kept whole because a retry must send it again.</summary>
    public PooledBuffer Body { get; } = new();

    public RequestScan Scan { get; } = new();

    /// <summary>Null until resolved.</summary>
    public ResolvedRoute? Route { get; set; }

    public string RouteReason { get; set; } = "";

    /// <summary>The policy that the client or its key asks for; null: the route's.</summary>
    public PolicyConfig? Policy { get; set; }

    /// <summary>The prompt piece by piece, as prompt caches hold it; empty where no policy asks.</summary>
    public PromptChain Prompt { get; } = new();

    /// <summary>What the request is for, as far as it was asked.</summary>
    public RequestTask Task { get; set; }

    /// <summary>Candidates in the order in which they are tried.</summary>
    public List<Offering> Order { get; } = [];

    /// <summary>Those of them for whom the policy had to give up floors.</summary>
    public Routing.Policies.RelaxedLevels Relaxed { get; } = new();

    /// <summary>The same for all requests of one conversation; 0 where there is none.</summary>
    public ulong SessionHash { get; set; }

    /// <summary>The session as the client named it; empty where it did not.</summary>
    public string SessionId { get; set; } = "";

    public LossPolicyOverride Loss { get; set; }

    /// <summary>The request in no protocol's words; read when the first attempt needs it.</summary>
    public CanonicalRequest? Canonical { get; set; }

    /// <summary>What is known of the conversation's old thoughts; null until a translation needs it.</summary>
    public ReplayPlan? ReplayPlan { get; set; }

    /// <summary>Where thoughts are kept; null where this process keeps none.</summary>
    public ReplayMemory? Replay { get; set; }

    /// <summary>Where responses are kept; null where this process keeps none.</summary>
    public ResponseMemory? Responses { get; set; }

    /// <summary>The kept conversation that the request goes on from, where an upstream keeps it as well and the body still says only what is new.</summary>
    public IReadOnlyList<StoredResponse>? Previous { get; set; }

    /// <summary>What is needed of the request to keep its response; null where it is not to be kept, or is already.</summary>
    public KeptRequest? Kept { get; set; }

    /// <summary>An upstream refused the thoughts in the conversation: it is asked again without any.</summary>
    public bool IsStripped { get; set; }

    /// <summary>The answer that was not what the request demanded, while its upstream is asked once more; null for none.</summary>
    public UnfitAnswer? Unfit { get; set; }

    /// <summary>What the scan found of foreign thoughts was found anew for one attempt, so it has to be for the next as well.</summary>
    public bool IsThoughtScanOwn { get; set; }

    public PassThroughEdits Edits { get; } = new();

    /// <summary>A translated request, or a whole answer of the upstream.</summary>
    public PooledBuffer Scratch { get; } = new();

    /// <summary>What is ready for the client and not yet sent.</summary>
    public PooledBuffer Held { get; } = new();

    public AnswerTap Tap { get; } = new();

    public ClientOutput Output { get; private set; }

    /// <summary>Content of an attempt of this call is out.</summary>
    public bool IsCommitted => ReferenceEquals(Output.CommittedBy, this);

    /// <summary>The other call of a race for the client: the hedge of this one, or the one that this hedges. Null where there is no race.</summary>
    public RelayCall? Rival { get; private set; }

    /// <summary>It was begun because the other was slow.</summary>
    public bool IsHedge { get; private set; }

    /// <summary>The other's content is out.</summary>
    public bool HasLost => Rival is not null && Output.CommittedBy is { } winner && !ReferenceEquals(winner, this);

    /// <summary>The process is being stopped, and no attempt begins.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Who counts what its body takes; null where nobody does.</summary>
    public LoadGate? Load { get; set; }

    /// <summary>What it takes, as far as it is counted.</summary>
    public long BodyBytesHeld { get; set; }

    /// <summary>The deadlines of the attempt that runs; null while none does.</summary>
    public AttemptClock? Clock { get; set; }

    /// <summary>The client has left: nobody takes what is written.</summary>
    public bool IsClientGone => Output.IsGone || Client.Aborted.IsCancellationRequested;

    /// <summary>The answer broke off and others go on with it; null as a rule.</summary>
    public Continuation? Continuation { get; set; }

    /// <summary>Room for requests that are kept while their answers stream; null where none are.</summary>
    public RequestRetention? Retention { get; set; }

    /// <summary>What the request takes of it.</summary>
    public long RetainedBytes { get; set; }

    /// <summary>How much of <see cref="Held"/> the client has already.</summary>
    public int HeldSent { get; set; }

    /// <summary>The number behind that of the last event that the client got, where its protocol numbers them.</summary>
    public int EventsSent { get; set; }

    /// <summary>The items of a Responses stream that passes through; null for others.</summary>
    public OpenAIResponsesFrame? Frame { get; set; }

    public VerbatimError? UpstreamErrorBody { get; set; }

    public int AttemptCount { get; set; }

    /// <summary>The last attempt's record, not yet booked: it goes into one record with the request.</summary>
    public Metering.AttemptRecord? LastAttempt { get; set; }

    /// <summary>Its slot, free when it is booked.</summary>
    public int LastSlot { get; set; } = Ledger.Spool.InFlightSlots.None;

    /// <summary>What is set aside for it.</summary>
    public Limits.Reservation Reservation { get; private set; }

    /// <summary>Whose leases it is spent from.</summary>
    public string Holder { get; set; } = "";

    /// <summary>What upstreams report beside our estimates; null where nobody learns that.</summary>
    public Metering.TokenLearner? Tokens { get; set; }

    /// <summary>Reckons what it may cost; set once and kept, because a new one would be allocated for each request.</summary>
    public Func<Limits.CostAsk?>? Ask { get; set; }

    /// <summary>What translations lost, of the attempt that was answered.</summary>
    public string Lost { get; set; } = "";

    public void Begin(IClientExchange client, IWireFormat format, GatewaySnapshot snapshot, string requestId, long startedTimestamp, long startedMs, PathTarget? target = null)
    {
        (Client, Format, Snapshot, RequestId, StartedTimestamp, StartedMs) = (client, format, snapshot, requestId, startedTimestamp, startedMs);
        Target = target;
        Output.Begin(client, target?.Form == StreamForm.Array);
    }

    /// <summary>Its content is what the client gets. False where the other call of a race was first; the loser is cancelled.</summary>
    public bool TryCommit()
    {
        if (!Output.TryCommit(this))
            return false;
        Rival?.Clock?.Stop(Failures.FailureKind.GatewayAbandoned);
        return true;
    }

    /// <summary>
    /// The same request once more, to race this one: what an attempt changes is its own, the client and the money are shared. Only while this one is held from
    /// committing, since with that the body goes.
    /// </summary>
    public RelayCall BeginHedge()
    {
        var hedge = new RelayCall { IsHedge = true, Rival = this };
        hedge.Begin(Client, Format, Snapshot, RequestId, StartedTimestamp, StartedMs, Target);
        (hedge.Output, hedge.Reservation) = (Output, Reservation);
        hedge.Body.Write(Body.WrittenSpan);
        hedge.TryScan(out _);
        (hedge.Key, hedge.Route, hedge.RouteReason, hedge.SessionHash, hedge.SessionId, hedge.Loss) = (Key, Route, RouteReason, SessionHash, SessionId, Loss);
        (hedge.Replay, hedge.Responses, hedge.Kept, hedge.Tokens, hedge.Retention, hedge.Holder, hedge.AttemptCount) = (Replay, Responses, Kept, Tokens, Retention, Holder, AttemptCount);
        (hedge.Policy, hedge.Task) = (Policy, Task);
        if (Prompt.Prefix.Length > 0)
            hedge.Prompt.Read(hedge.Body.WrittenSpan, hedge.Scan); // whoever wins has the warm cache
        hedge.Order.AddRange(Order);
        hedge.Relaxed.AddRange(Relaxed);
        Rival = hedge;
        return hedge;
    }

    /// <summary>The race is over, and both calls are at rest: what the request came to is what the hedge came to.</summary>
    public void Adopt(RelayCall hedge)
    {
        (RouteReason, Lost, LastAttempt, LastSlot, AttemptCount) = (hedge.RouteReason, hedge.Lost, hedge.LastAttempt, hedge.LastSlot, hedge.AttemptCount);
        (Tap.Usage, Tap.Beside) = (hedge.Tap.Usage, hedge.Tap.Beside);
    }

    /// <summary>The process is being stopped, and does not wait for this request any longer. Called from any thread.</summary>
    public void Stop()
    {
        IsStopped = true;
        Clock?.Stop(Failures.FailureKind.GatewayStopping);
        Rival?.Clock?.Stop(Failures.FailureKind.GatewayStopping);
    }

    /// <summary>Scans the body and adds what the path says. False with an error where it is none.</summary>
    public bool TryScan(out WireError? error)
    {
        if (!Format.TryScan(Body.WrittenMemory, Scan, out error))
            return false;
        if (AmbiguousFields.Find(Body.WrittenSpan, Scan.Fields) is { } name)
        {
            error = new WireError { Class = ErrorClass.InvalidRequest, Status = 400, Message = $"{name}: the field stands twice, or is written so that it could be read in two ways.", Param = name };
            return false;
        }

        if (Target is { } target)
            (Scan.Model, Scan.Stream) = (target.Model, target.Form != StreamForm.Whole);
        return true;
    }

    /// <summary>The contents that were sent; looked at before their buffers are used again.</summary>
    public RequestBodyContent? Sent
    {
        get => _sent;
        set
        {
            _isReadByOthers |= _sent is { IsBusy: true };
            _sent = value;
        }
    }

    // An upstream that answered before it had read everything may still be reading, also while the next one is asked.
    private bool IsBeingRead => _isReadByOthers || _sent is { IsBusy: true };

    /// <summary>Empties <see cref="Scratch"/>. What an upstream that answered early may still be reading of it is left to it.</summary>
    public void ClearScratch()
    {
        if (IsBeingRead)
            Scratch.Abandon();
        else
            Scratch.Clear();
    }

    /// <summary>Keeps the request while its answer streams, if there is room for it.</summary>
    public bool TryKeepRequest()
    {
        var bytes = Body.Length + Scratch.Length;
        if (Retention?.TryTake(bytes) != true)
            return false;
        RetainedBytes = bytes;
        return true;
    }

    /// <summary>Gives back what only a retry would need. A slow stream then holds no request.</summary>
    public void ReleaseRequest()
    {
        Retention?.Return(RetainedBytes);
        RetainedBytes = 0;
        ReleaseHeld();
        (Canonical, ReplayPlan) = (null, null);
        Edits.Clear();
        if (IsBeingRead)
        {
            Body.Abandon();
            Scratch.Abandon();
        }
        else
        {
            Body.Dispose();
            Scratch.Dispose();
        }

        (_sent, _isReadByOthers) = (null, false);
    }

    private void ReleaseHeld()
    {
        if (BodyBytesHeld == 0)
            return;
        Load!.Release(BodyBytesHeld);
        BodyBytesHeld = 0;
    }

    /// <summary>Makes the object new for the next request.</summary>
    public void Reset()
    {
        ReleaseHeld();
        if (IsBeingRead || RetainedBytes > 0)
            ReleaseRequest();
        (_sent, _isReadByOthers) = (null, false);
        Body.Clear();
        Scratch.Clear();
        Held.Clear();
        Scan.Reset();
        Tap.Reset();
        Edits.Clear();
        Order.Clear();
        Relaxed.Clear();
        Prompt.Clear();
        (Policy, Task) = (null, RequestTask.Chat);
        _ownOutput.End();
        (Load, IsStopped) = (null, false);
        (Output, Reservation, Rival, IsHedge, Clock) = (_ownOutput, _ownReservation, null, false, null);
        (Client, Format, Snapshot, Key, Route, Canonical, UpstreamErrorBody, LastAttempt, Target) = (null!, null!, null!, null, null, null, null, null, null);
        (ReplayPlan, Replay, IsStripped, IsThoughtScanOwn) = (null, null, false, false);
        (Responses, Previous, Kept, Unfit) = (null, null, null, null);
        (LastSlot, Holder) = (Ledger.Spool.InFlightSlots.None, "");
        (Continuation, EventsSent, Frame, HeldSent, Retention) = (null, 0, null, 0, null);
        (RequestId, RouteReason, SessionId, Lost, SessionHash, AttemptCount, Loss) = ("", "", "", "", 0, 0, LossPolicyOverride.None);
    }

    public void Dispose()
    {
        Body.Dispose();
        Scratch.Dispose();
        Held.Dispose();
    }
}

/// <summary>What <c>x-trivet-loss</c> asks for.</summary>
internal enum LossPolicyOverride : byte
{
    None,
    Allow,
    Safe,
    Strict,
}

/// <summary>An upstream's error answer as it came, for clients of the same protocol: agents match its wording.</summary>
internal sealed record VerbatimError(int Status, string ContentType, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Headers);
