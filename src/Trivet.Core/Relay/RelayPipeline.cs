using Microsoft.Extensions.Logging;
using Trivet.Core.Conversations;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Replay;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Difficulty;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay;

/// <summary>
/// The whole life of a request (DESIGN.md §4): 1 the endpoint calls in, 2 authenticate, 3 read and scan, 4 admit, 5 route, 6 attempt, 7 stream, 8 settle.
/// </summary>
public sealed class RelayPipeline : IAsyncDisposable
{
    private readonly RelayCallPool _pool = new();
    private readonly TimeProvider _time;
    private readonly AttemptLoop _attempts;
    private readonly KeepAliveWatch _keepAlive;
    private readonly Router _router;
    private readonly Bookkeeper _books;
    private readonly ReplayMemory _replay;
    private readonly ResponseMemory _responses;
    private readonly LimitGate _limits;
    private readonly LoadGate _load;
    private readonly TokenLearner _tokens;
    private readonly RequestRetention _retention = new();
    private readonly DifficultyGate _difficulty;
    private readonly FeedbackDesk? _feedback;
    private readonly PayloadRecorder? _payloads;
    private readonly TrivetMetrics _metrics;
    private readonly ILogger _log;

    /// <summary>One per process.</summary>
    public RelayPipeline(UpstreamStates upstreams, MediaFetcher media, HealthBoard health, RecoveryLoop recovery, Bookkeeper books, ReplayMemory replay, ResponseMemory responses, LimitGate limits, LoadGate load, TokenLearner tokens, TrivetMetrics metrics, TimeProvider time, ILogger<RelayPipeline> log, RoutingMemory? memory = null, FeedbackDesk? feedback = null, PayloadRecorder? payloads = null)
    {
        (_time, _books, _replay, _responses, _limits, _load, _tokens, _metrics, _log) = (time, books, replay, responses, limits, load, tokens, metrics, log);
        memory ??= new RoutingMemory();
        (_feedback, _payloads) = (feedback, payloads);
        _difficulty = new DifficultyGate((config, verdict, problem) => RelayLog.DifficultyJudged(log, config.TablePath, verdict?.MayBeUsed == true ? "used" : "off", verdict?.Learned ?? double.NaN, verdict?.Length ?? double.NaN, problem));
        _router = new Router(health, memory);
        _attempts = new AttemptLoop(upstreams, new UpstreamRequest(new MediaInlining(media, time)), health, recovery, books, new RoutingLessons(memory, health, time), metrics, time, log);
        _keepAlive = new KeepAliveWatch(time);
    }

    /// <summary>Told when a request of a key was refused because a budget is spent, with which one. Must be quick.</summary>
    public Action<KeyEntry, string>? BudgetSpent { get; set; }

    /// <summary>Relays one request of the given protocol. Never throws for what can be expected; the client has its answer when it returns.</summary>
    /// <param name="client">The client.</param>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="snapshot">The configuration that it is served by.</param>
    /// <param name="keys">The keys that are known.</param>
    /// <param name="target">What the path says, for protocols whose body does not say it.</param>
    /// <param name="operation">What the client wants.</param>
    public async Task RunAsync(IClientExchange client, Protocol protocol, GatewaySnapshot snapshot, KeySnapshot keys, PathTarget? target = null, RelayOperation operation = RelayOperation.Converse)
    {
        var call = _pool.Rent();
        var now = _time.GetUtcNow();
        call.Begin(client, WireFormats.For(protocol, operation), snapshot, RequestIds.NewRequest(now), _time.GetTimestamp(), now.ToUnixTimeMilliseconds(), target);
        (call.Replay, call.Responses, call.Tokens, call.Retention) = (_replay, _responses, _tokens, _retention);
        _metrics.RequestStarted();
        var span = TrivetTracing.StartRequest(call);
        var failure = _load.Enter(snapshot.Config.Limits, call.StartedTimestamp);
        call.Load = failure is null ? _load : null;
        try
        {
            failure ??= Authenticate(call, keys, now.ToUnixTimeMilliseconds()) // 2
                ?? await RequestBody.ReadAsync(call, _time); // 3
            if (_payloads is not null)
                PayloadRecorder.Begin(call);
            await SocketThreads.LeaveForAsync(call.Body.Length);
            failure ??= Scan(call)
                ?? Resolve(call) // 5, first half: what may be asked
                ?? await ResponseState.PrepareAsync(call)
                ?? await AdmitAsync(call); // 4
            failure ??= await AttemptAsync(call); // 5–7
            if (failure is not null && !call.Output.IsCommitted)
                await ErrorAnswer.WriteAsync(call, failure);
            await call.Output.FinishAsync();
        }
        catch (Exception exception) when (!call.Output.IsGone)
        {
            failure = new Failure(FailureKind.GatewayBug) { Internal = exception.Message };
            RelayLog.Bug(_log, call.RequestId, exception);
            await GiveUpAsync(call, failure);
        }
        finally
        {
            try
            {
                Settle(call, failure); // 8
                TrivetTracing.EndRequest(span, call, failure);
            }
            finally
            {
                if (call.Load is not null)
                    _load.Exit();
                _pool.Return(call);
            }
        }
    }

    /// <summary>Ends what runs: streams with an error in their protocol, everything else with one in its place; what was served is billed.</summary>
    public void StopAll() => _pool.StopAll();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _keepAlive.DisposeAsync();

    private static Failure? Authenticate(RelayCall call, KeySnapshot keys, long nowMs)
    {
        if (keys.Authenticate(call.Client.PresentedKey, nowMs, out var key) != KeyVerdict.Accepted)
            return new Failure(FailureKind.ClientKeyRefused);
        call.Key = key;
        return null;
    }

    private static Failure? Scan(RelayCall call)
    {
        if (!call.TryScan(out var error) && call.Client.Header("content-encoding") is { Length: > 0 } packed && !packed.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return new Failure(FailureKind.ClientMediaType) { Detail = $"Its content-encoding is '{ResponseHeaders.Ascii(packed)}'." };
        if (error is not null)
            return new Failure(FailureKind.ClientRequestInvalid) { Detail = error.Message, UpstreamError = error with { Code = null } };
        (call.SessionId, call.SessionHash) = Sessions.Find(call);
        call.Loss = call.Client.Header("x-trivet-loss") switch
        {
            "allow" => LossPolicyOverride.Allow,
            "safe" => LossPolicyOverride.Safe,
            "strict" => LossPolicyOverride.Strict,
            _ => LossPolicyOverride.None,
        };
        return null;
    }

    private static Failure? Resolve(RelayCall call)
    {
        var model = call.Scan.Model;
        if (model.Length == 0)
            return new Failure(FailureKind.ClientRequestInvalid) { Detail = "model: a model name is required." };
        if (!call.Key!.Allows(model))
            return new Failure(FailureKind.ClientModelForbidden) { Detail = $"It was '{RecordText.Cut(model)}'." };
        if (!call.Snapshot.TryResolve(model, out var route))
            return RequestPolicy.Unserved(call.Snapshot, model);
        call.Route = route;
        return RequestPolicy.Choose(call);
    }

    private ValueTask<Failure?> AdmitAsync(RelayCall call)
    {
        if (!_books.CanAdmit)
            return new(new Failure(FailureKind.GatewayCannotBook));
        if (!_limits.IsLimited(call.Key!))
            return default;
        call.Holder = _limits.Holder;
        var tokens = call.Scan.InputTokensEstimate;
        return _limits.AdmitAsync(call.Key!, call.Reservation, tokens, call.Ask ??= () => Billing.Reckon(call, _limits), call.Snapshot.Prices.Fx, call.Client.Aborted);
    }

    // Not asynchronous where it need not be: every method that waits costs a request about as much as a look-up of its route.
    private Task<Failure?> AttemptAsync(RelayCall call)
    {
        _feedback?.Hear(call);
        call.RouteReason = _router.Order(call.Route!, RequestPolicy.Ask(call, _difficulty), call.Order, call.Relaxed);
        if (call.Order.Count == 0)
            return Task.FromResult<Failure?>(new Failure(FailureKind.GatewayFloorsUnmet) { Detail = call.RouteReason });
        if (call.Order.Count > 0 && !Billing.TryKeepPriced(call.Order, call.Reservation.HasMoney))
            return Task.FromResult<Failure?>(new Failure(FailureKind.ClientCostUnknown));
        var answer = call.Previous is null ? _attempts.RunAsync(call) : GoOnFromPreviousAsync(call);
        return call.Scan.Stream && !answer.IsCompleted ? KeepAliveAsync(call, answer) : answer;
    }

    private async Task<Failure?> KeepAliveAsync(RelayCall call, Task<Failure?> answer)
    {
        _keepAlive.Add(call);
        try
        {
            return await answer;
        }
        finally
        {
            await _keepAlive.RemoveAsync(call);
        }
    }

    // A conversation that an upstream keeps goes on there, as the client sent it; where that fails, elsewhere with all that was said before.
    private async Task<Failure?> GoOnFromPreviousAsync(RelayCall call)
    {
        var others = call.Order.FindAll(offering => !ResponseState.IsKeeper(call, offering));
        call.Order.RemoveAll(others.Contains);
        var failure = call.Order.Count > 0 ? await _attempts.RunAsync(call) : new Failure(FailureKind.GatewayNoCandidate);
        if (failure?.UpstreamError?.Code == "previous_response_not_found")
            others.InsertRange(0, call.Order.Distinct()); // kept no longer
        else if (failure?.Rule.Retry == RetryAdvice.Never && call.Order.Count > 0)
            return failure;
        if (failure is null || others.Count == 0 || call.Output.IsCommitted || call.Client.Aborted.IsCancellationRequested)
            return failure;
        if (ResponseState.Expand(call) is { } refusal)
            return refusal;
        call.Order.Clear();
        call.Order.AddRange(others);
        return await _attempts.RunAsync(call);
    }

    private static async ValueTask GiveUpAsync(RelayCall call, Failure failure)
    {
        if (call.Output.IsCommitted)
            call.Client.Abort();
        else
            await ErrorAnswer.WriteAsync(call, failure);
    }

    private void Settle(RelayCall call, Failure? failure)
    {
        var durationMs = (long)_time.GetElapsedTime(call.StartedTimestamp).TotalMilliseconds;
        _metrics.RequestEnded(call, failure, durationMs);
        RelayLog.Ended(_log, failure, call, durationMs);
        if (call.Key is null)
            return;
        if (failure?.Kind == FailureKind.ClientBudgetSpent)
            BudgetSpent?.Invoke(call.Key, failure.Detail ?? "");
        Learn(call, failure);
        if (failure is null && call.LastAttempt is { Failure.Length: 0 } answered)
            _feedback?.Answered(call, $"{answered.Upstream}/{answered.UpstreamModel}");
        var request = new RequestRecord
        {
            Id = call.RequestId,
            Organisation = call.Key.Organisation,
            Team = call.Key.Team,
            KeyId = call.Key.Id,
            StartedMs = call.StartedMs,
            Endpoint = RecordText.Cut(call.Client.Path),
            ClientProtocol = WireFormats.NameOf(call.Format.Protocol),
            ModelAsked = RecordText.Cut(call.Scan.Model),
            Status = failure?.Kind == FailureKind.ClientGone ? 499 : call.Output.Status,
            ErrorCode = failure?.Rule.Code ?? "",
            Attempts = call.AttemptCount,
            DurationMs = durationMs,
            RouteReason = call.RouteReason,
            Lost = call.Lost,
            UserAgent = RecordText.Cut(call.Client.Header("user-agent") ?? ""),
            SessionId = call.SessionId,
            PayloadRef = _payloads?.End(call) == true ? call.RequestId : "",
        };
        if (call.LastAttempt is { } last)
            _books.Book(last, request);
        else
            _books.Book(request);
        _books.Done(call.LastSlot);
    }

    // What was set aside and not spent is free again; what the next request like it will cost is known better.
    private void Learn(RelayCall call, Failure? failure)
    {
        var reservation = call.Reservation;
        if (!reservation.IsActive)
            return;
        if (failure is null && call.LastAttempt is { ChargedNano: { } charged } last)
            _limits.Learner.Note(call.Key!.Id, call.Scan.Model, last.ChargeCurrency, Billing.Units(call), charged + last.AbsorbedNano);
        reservation.End(call.Tap.Billed is { } usage ? usage.InputTotal + usage.OutputTotal : null);
    }
}
