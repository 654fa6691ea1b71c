using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Core.Limits;

/// <summary>What asking for money came to.</summary>
internal enum LeaseVerdict
{
    /// <summary>There may be enough now: try again.</summary>
    Retry,

    /// <summary>All that was left has been set aside for this request.</summary>
    TookRest,

    /// <summary>It is spent.</summary>
    Spent,

    /// <summary>Others hold what is left; some of it may come back.</summary>
    Held,

    /// <summary>The database was asked a moment ago, perhaps for more: it is not asked again at once.</summary>
    AskedLately,

    /// <summary>The database cannot be asked.</summary>
    Away,
}

/// <summary>Gets money of allowances from the database for this node, one question at a time for each, and gives back what is not needed.</summary>
public sealed partial class LeaseBroker(ILeaseStore store, NodeIdentity node, TimeProvider time, ILogger<LeaseBroker> logger)
{
    /// <summary>A lease is at least for so many requests, where there is plenty.</summary>
    private const int RequestsPerLease = 64;

    /// <summary>And for so long at the present speed: longer than a database is usually away.</summary>
    private const int SecondsPerLease = 90;

    private readonly ConcurrentDictionary<AllowanceState, bool> _held = new();
    private readonly long _askPause = time.TimestampFrequency / 50;
    private readonly long _spentPause = time.TimestampFrequency;
    private volatile bool _isAway;

    /// <summary>For whom leases are taken.</summary>
    public string Holder => node.Holder;

    internal ICollection<AllowanceState> Held => _held.Keys;

    /// <summary>The database did not answer when it was last asked.</summary>
    internal bool IsAway => _isAway;

    /// <summary>Asks for one request. With <see cref="LeaseVerdict.TookRest"/> it says how much that was.</summary>
    /// <param name="state">The allowance.</param>
    /// <param name="need">What would be set aside for it.</param>
    /// <param name="expected">What it will probably cost: enough, where it is all that is left.</param>
    /// <param name="cancellationToken">The client has left.</param>
    internal async ValueTask<(LeaseVerdict Verdict, long RestNano, long Generation)> AskAsync(AllowanceState state, long need, long expected, CancellationToken cancellationToken)
    {
        if (IsKnownSpent(state, expected))
            return (LeaseVerdict.Spent, 0, 0);
        await state.Turn.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetTimestamp();
            if (IsKnownSpent(state, expected))
                return (LeaseVerdict.Spent, 0, 0);
            var (free, isIdle) = state.Look();
            if (free >= need)
                return (LeaseVerdict.Retry, 0, 0);
            if (now < state.AwayUntil)
                return (LeaseVerdict.Away, 0, 0);
            if (now < state.AskedNext)
                return (LeaseVerdict.AskedLately, 0, 0);
            _held.TryAdd(state, true);
            var taken = await store.TakeAsync(new LeaseAsk(state.Spec, node.Holder, need - free, Want(state, need), expected, free, isIdle), cancellationToken);
            if (taken.Fault is { } fault)
                return (Refused(state, fault, need), 0, 0);

            _isAway = false;
            var grant = taken.Value;
            state.Add(grant, now);
            state.IsNear = grant.GrantedNano < Times(need, 2);
            if (free + grant.GrantedNano >= need)
                return (LeaseVerdict.Retry, 0, 0);
            return await NotEnoughAsync(state, grant, expected, isIdle, cancellationToken);
        }
        finally
        {
            state.Turn.Release();
        }
    }

    /// <summary>Asks ahead, in the background, when what is free runs low.</summary>
    internal void RefillAhead(AllowanceState state, long need)
    {
        var (free, _) = state.Look();
        if (state.IsNear || free >= Math.Min(state.KeptMax / 2, Math.Max(Times(need, RequestsPerLease / 4), (long)Math.Min(state.RateNano * SecondsPerLease / 2, long.MaxValue / 4))))
            return;
        if (time.GetTimestamp() < state.RefillNext || Interlocked.Exchange(ref state.IsRefilling, 1) == 1)
            return;
        _ = Task.Run(async () =>
        {
            try
            {
                await state.Turn.WaitAsync();
                try
                {
                    var now = time.GetTimestamp();
                    state.RefillNext = now + _spentPause;
                    var taken = await store.TakeAsync(new LeaseAsk(state.Spec, node.Holder, need, Want(state, need), 0, 0, IsLast: false), CancellationToken.None);
                    if (taken.IsSuccess)
                        state.Add(taken.Value, now);
                    else
                        Refused(state, taken.Fault!, need);
                }
                finally
                {
                    state.Turn.Release();
                }
            }
            finally
            {
                Volatile.Write(ref state.IsRefilling, 0);
            }
        });
    }

    /// <summary>
    /// Gives back what idles. Called ten times a second. Not while the database is away: what is on its way back cannot be used meanwhile, and it is all there is.
    /// Nobody asks for an allowance while some of it is on its way: it is neither here nor there then, and whoever asked would hear that nothing is left.
    /// </summary>
    internal async ValueTask ReturnIdleAsync(CancellationToken cancellationToken)
    {
        if (_isAway)
            return;
        List<(AllowanceState State, long Nano, long Generation)>? back = null;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var state in _held.Keys)
        {
            if (!state.Turn.Wait(0, CancellationToken.None))
                continue;
            var isOver = state.Spec.EndsMs > 0 && nowMs >= state.Spec.EndsMs;
            var nano = state.TakeIdle(isOver, out var generation);
            if (nano > 0)
            {
                (back ??= []).Add((state, nano, generation));
                continue;
            }

            state.Turn.Release();
            if (isOver && state.IsEmpty())
                _held.TryRemove(state, out _);
        }

        if (back is null)
            return;
        try
        {
            await ReturnAsync(back, cancellationToken);
        }
        finally
        {
            foreach (var (state, _, _) in back)
                state.Turn.Release();
        }
    }

    /// <summary>Renews all leases.</summary>
    internal async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        if (_held.IsEmpty)
        {
            _isAway = false;
            return;
        }

        var askedAt = time.GetTimestamp();
        var renewed = await store.RenewAsync(node.Holder, cancellationToken);
        if (renewed.Fault is { } fault)
        {
            _isAway = true;
            LogNotRenewed(fault.Kind, fault.Message);
            return;
        }

        _isAway = false;
        foreach (var state in _held.Keys)
            state.Renewed(askedAt);
    }

    /// <summary>Gives back what earlier starts of this node left, once their records are committed.</summary>
    internal ValueTask<StoreOutcome<int>> ReleaseEarlierAsync(CancellationToken cancellationToken) => store.ReleaseEarlierAsync(node.Name, node.Holder, cancellationToken);

    private LeaseVerdict Refused(AllowanceState state, StoreFault fault, long need)
    {
        if (fault.Kind == StoreFaultKind.NotFound)
        {
            state.AskedNext = time.GetTimestamp() + _spentPause / 4;
            return LeaseVerdict.Spent;
        }

        _isAway = true;
        state.AwayUntil = time.GetTimestamp() + _spentPause / 4;
        LogAway(state.Spec.Id, fault.Kind, fault.Message);

        // What was on its way back when the database went is here again.
        return state.Look().FreeNano >= need ? LeaseVerdict.Retry : LeaseVerdict.Away;
    }

    private async ValueTask<(LeaseVerdict, long, long)> NotEnoughAsync(AllowanceState state, LeaseGrant grant, long expected, bool wasIdle, CancellationToken cancellationToken)
    {
        if (wasIdle && grant.OthersNano == 0)
        {
            if (state.TryTakeRest(expected, out var rest, out var generation))
                return (LeaseVerdict.TookRest, rest, generation);
            if (state.Look().IsIdle)
            {
                // Nobody holds anything that could come back.
                state.SpentFloorNano = expected;
                state.SpentUntil = time.GetTimestamp() + _spentPause;
                return (LeaseVerdict.Spent, 0, 0);
            }
        }

        state.AskedNext = time.GetTimestamp() + _askPause;
        state.IsNear = true;
        if (grant.OthersNano > 0 && state.TakeFree(out var freed) is > 0 and var nano)
            await ReturnAsync([(state, nano, freed)], cancellationToken); // too little here, and perhaps what another node lacks
        return (LeaseVerdict.Held, 0, 0);
    }

    private async ValueTask ReturnAsync(List<(AllowanceState State, long Nano, long Generation)> back, CancellationToken cancellationToken)
    {
        var isBack = false;
        try
        {
            var returned = await store.ReturnAsync(node.Holder, [.. back.Select(part => new LeaseReturn(part.State.Spec.Id, part.Nano))], cancellationToken);
            isBack = returned.IsSuccess;
            _isAway = !isBack;
        }
        finally
        {
            if (!isBack)
            {
                foreach (var (state, nano, generation) in back)
                    state.PutBack(nano, generation);
            }
        }
    }

    /// <summary>The database said lately that what is left does not cover so much, and that nobody holds any that could come back.</summary>
    internal bool IsKnownSpent(AllowanceState state, long expected) => expected >= state.SpentFloorNano && time.GetTimestamp() < state.SpentUntil;

    private static long Want(AllowanceState state, long need) =>
        Math.Max(need, Math.Min(state.KeptMax, Math.Max(Times(need, RequestsPerLease), (long)Math.Min(state.RateNano * SecondsPerLease, long.MaxValue / 4))));

    private static long Times(long nano, int times) => nano > long.MaxValue / 4 / times ? long.MaxValue / 4 : nano * times;

    [LoggerMessage(3400, LogLevel.Warning, "No money of {Allowance} can be set aside ({Kind}: {Message})")]
    private partial void LogAway(string allowance, StoreFaultKind kind, string message);

    [LoggerMessage(3401, LogLevel.Warning, "Leases cannot be renewed ({Kind}: {Message}); they are used until they end")]
    private partial void LogNotRenewed(StoreFaultKind kind, string message);
}
