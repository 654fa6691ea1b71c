using Trivet.Core.Failures;
using Trivet.Core.Keys;

namespace Trivet.Core.Limits;

/// <summary>What a request may cost, in one currency.</summary>
/// <param name="ReserveNano">Set aside for it.</param>
/// <param name="ExpectedNano">Enough, where it is all that is left.</param>
/// <param name="Currency">Three letters.</param>
public readonly record struct CostAsk(long ReserveNano, long ExpectedNano, string Currency);

/// <summary>
/// Admission by limits: requests and tokens per minute, requests at a time, money. In memory while leases last. Without limits it costs one comparison.
/// </summary>
public sealed class LimitGate(LeaseBroker broker, LimitOptions options, TimeProvider time)
{
    private readonly LimitBoard _board = new(time, options.SharesCounts);
    private readonly CountGate _counts = new(broker, time);

    /// <summary>What requests cost lately.</summary>
    public CostLearner Learner { get; } = new();

    /// <summary>For whom leases are taken: what a record says of whose money it was.</summary>
    public string Holder => broker.Holder;

    /// <summary>The settings.</summary>
    public LimitOptions Options => options;

    /// <summary>Whether anything bounds a key.</summary>
    public bool IsLimited(KeyEntry key) => !_board.For(key).IsEmpty;

    /// <summary>Whether money does.</summary>
    public bool HasMoneyLimit(KeyEntry key) => _board.For(key).Money.Length > 0;

    /// <summary>Admits a request or says why not. Whatever was set aside is in <paramref name="reservation"/>, which the caller ends.</summary>
    /// <param name="key">Who asks.</param>
    /// <param name="reservation">Empty.</param>
    /// <param name="tokens">What it will probably use of the minute's tokens.</param>
    /// <param name="ask">What it may cost; asked again while it waits, because much is learned meanwhile. Null where that is not known.</param>
    /// <param name="rates">Between the price's currency and those of budgets.</param>
    /// <param name="cancellationToken">The client has left.</param>
    public ValueTask<Failure?> AdmitAsync(KeyEntry key, Reservation reservation, long tokens, Func<CostAsk?> ask, IExchangeRates rates, CancellationToken cancellationToken)
    {
        var limits = _board.For(key);
        if (limits.IsEmpty)
            return default;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (Enter(limits, tokens, out var entered) is { } refusal)
            return new(refusal);
        reservation.Begin(limits, entered, tokens, rates, nowMs);
        return _counts.TryTake(limits, reservation, tokens, nowMs)
            ? AdmitMoneyAsync(limits, reservation, ask, rates, nowMs, cancellationToken)
            : AdmitSlowlyAsync(limits, reservation, tokens, ask, rates, nowMs, cancellationToken);
    }

    // The database must be asked for a part of what nodes count together.
    private async ValueTask<Failure?> AdmitSlowlyAsync(KeyLimits limits, Reservation reservation, long tokens, Func<CostAsk?> ask, IExchangeRates rates, long nowMs, CancellationToken cancellationToken)
    {
        if (await _counts.TakeAsync(limits, reservation, tokens, nowMs, cancellationToken) is { } refusal)
        {
            reservation.Abandon();
            Leave(limits, limits.Concurrency.Length, limits.Requests.Length, limits.Tokens.Length, tokens);
            return refusal;
        }

        return await AdmitMoneyAsync(limits, reservation, ask, rates, nowMs, cancellationToken);
    }

    private ValueTask<Failure?> AdmitMoneyAsync(KeyLimits limits, Reservation reservation, Func<CostAsk?> ask, IExchangeRates rates, long nowMs, CancellationToken cancellationToken)
    {
        if (limits.Money.Length == 0)
            return default;
        if (ask() is not { } cost)
            return new(new Failure(FailureKind.ClientCostUnknown));
        var (failure, lacking, _) = TryTake(limits, reservation, cost, rates, nowMs);
        if (failure is not null)
            return new(failure);
        if (lacking is not null)
            return WaitAsync(limits, reservation, ask, rates, lacking, nowMs, cancellationToken);
        foreach (var line in reservation.Lines)
            broker.RefillAhead(line.State, line.Left);
        return default;
    }

    // Whatever one of them took before another refused is put back: a refused request counts for nothing.
    private static Failure? Enter(KeyLimits limits, long tokens, out int entered)
    {
        for (entered = 0; entered < limits.Concurrency.Length; entered++)
        {
            if (limits.Concurrency[entered].TryEnter())
                continue;
            Leave(limits, entered, 0, 0, tokens);
            return new Failure(FailureKind.ClientTooMany) { Detail = $"{limits.Concurrency[entered].Limit} at a time are allowed.", RetryAfter = TimeSpan.FromSeconds(1) };
        }

        for (var i = 0; i < limits.Requests.Length; i++)
        {
            if (limits.Requests[i].TryTake(1, out var wait))
                continue;
            Leave(limits, entered, i, 0, tokens);
            return new Failure(FailureKind.ClientRateLimited) { Detail = $"{limits.Requests[i].Limit} requests per minute are allowed.", RetryAfter = wait };
        }

        for (var i = 0; i < limits.Tokens.Length; i++)
        {
            if (limits.Tokens[i].TryTake(tokens, out var wait))
                continue;
            Leave(limits, entered, limits.Requests.Length, i, tokens);
            return new Failure(FailureKind.ClientRateLimited) { Detail = $"{limits.Tokens[i].Limit} tokens per minute are allowed.", RetryAfter = wait };
        }

        return null;
    }

    private static void Leave(KeyLimits limits, int entered, int requests, int tokenCounters, long tokens)
    {
        for (var i = 0; i < entered; i++)
            limits.Concurrency[i].Exit();
        for (var i = 0; i < requests; i++)
            limits.Requests[i].Correct(-1);
        for (var i = 0; i < tokenCounters; i++)
            limits.Tokens[i].Correct(-tokens);
    }

    /// <summary>All or none. Says which allowance lacks how much.</summary>
    private static (Failure? Failure, MoneyBound? Lacking, long Need) TryTake(KeyLimits limits, Reservation reservation, in CostAsk cost, IExchangeRates rates, long nowMs)
    {
        foreach (var bound in limits.Money)
        {
            if (!TryRate(bound, cost.Currency, rates, nowMs, out var rate))
            {
                reservation.ReleaseMoney();
                return (new Failure(FailureKind.ClientCostUnknown) { Detail = $"No rate from {cost.Currency} to {bound.Currency} is set." }, null, 0);
            }

            var state = bound.At(nowMs);
            var need = rate is { } nano ? ExchangeMath.Up(cost.ReserveNano, nano) : cost.ReserveNano;
            if (!state.TryTake(need, out var generation))
            {
                reservation.ReleaseMoney();
                return (null, bound, need);
            }

            reservation.Lines.Add(new Reservation.Line(state, bound.IsPrepaid, need, generation, rate));
        }

        return (null, null, 0);
    }

    private static bool TryRate(MoneyBound bound, string currency, IExchangeRates rates, long nowMs, out long? rate)
    {
        rate = null;
        if (currency.Length == 0 || currency == bound.Currency)
            return true;
        rate = rates.RateNano(currency, bound.Currency, nowMs);
        return rate is not null;
    }

    // Who waits for an allowance waits in line: one asks and looks again, the others cost nothing meanwhile.
    private async ValueTask<Failure?> WaitAsync(KeyLimits limits, Reservation reservation, Func<CostAsk?> ask, IExchangeRates rates, MoneyBound lacking, long nowMs, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var line = lacking.At(nowMs);
        Interlocked.Increment(ref line.Waiting);
        var isFirst = false;
        try
        {
            if (broker.IsKnownSpent(line, Expected(lacking, ask()!.Value, rates, nowMs)))
                return Spent(lacking, line, nowMs);
            isFirst = await line.Line.WaitAsync(options.WaitMax, cancellationToken);
            while (isFirst)
            {
                var cost = ask()!.Value;
                (var failure, var stillLacking, var need) = TryTake(limits, reservation, cost, rates, nowMs);
                if (failure is not null || stillLacking is null)
                    return failure;
                lacking = stillLacking;
                var state = lacking.At(nowMs);
                var (verdict, rest, generation) = await broker.AskAsync(state, need, Expected(lacking, cost, rates, nowMs), cancellationToken);
                switch (verdict)
                {
                    case LeaseVerdict.Spent:
                        return Spent(lacking, state, nowMs);
                    case LeaseVerdict.Away:
                        return new Failure(FailureKind.GatewayCannotReserve) { RetryAfter = TimeSpan.FromSeconds(5) };
                    case LeaseVerdict.TookRest:
                        TryRate(lacking, cost.Currency, rates, nowMs, out var rate);
                        return await WithRestAsync(limits, reservation, cost, rates, lacking, state, rest, generation, rate, nowMs, cancellationToken);
                    case LeaseVerdict.Held or LeaseVerdict.AskedLately when time.GetElapsedTime(started) >= options.WaitMax:
                        return Held(lacking);
                    case LeaseVerdict.Held or LeaseVerdict.AskedLately:
                        await Task.Delay(TimeSpan.FromMilliseconds(10 + Random.Shared.Next(15)), time, cancellationToken);
                        break;
                }
            }

            return Held(lacking);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new Failure(FailureKind.ClientGone);
        }
        finally
        {
            Interlocked.Decrement(ref line.Waiting);
            if (isFirst)
                line.Line.Release();
        }
    }

    private static long Expected(MoneyBound bound, in CostAsk cost, IExchangeRates rates, long nowMs)
    {
        TryRate(bound, cost.Currency, rates, nowMs, out var rate);
        return rate is { } nano ? ExchangeMath.Up(cost.ExpectedNano, nano) : cost.ExpectedNano;
    }

    // The last of one allowance is this request's; the others must still have enough.
    private async ValueTask<Failure?> WithRestAsync(
        KeyLimits limits, Reservation reservation, CostAsk cost, IExchangeRates rates, MoneyBound last, AllowanceState state, long rest, long generation, long? rate, long nowMs, CancellationToken cancellationToken)
    {
        reservation.Lines.Add(new Reservation.Line(state, last.IsPrepaid, rest, generation, rate));
        foreach (var bound in limits.Money)
        {
            if (bound == last)
                continue;
            var other = bound.At(nowMs);
            TryRate(bound, cost.Currency, rates, nowMs, out var otherRate);
            var need = Math.Min(Convert(cost.ReserveNano, otherRate), Math.Max(1, Convert(rate is { } nano ? ExchangeMath.BackUp(rest, nano) : rest, otherRate)));
            var hasTaken = other.TryTake(need, out var taken);
            for (var tries = 0; !hasTaken && tries < 3; tries++)
            {
                var (verdict, otherRest, otherGeneration) = await broker.AskAsync(other, need, Convert(cost.ExpectedNano, otherRate), cancellationToken);
                if (verdict == LeaseVerdict.TookRest)
                    (hasTaken, need, taken) = (true, otherRest, otherGeneration);
                else
                    hasTaken = other.TryTake(need, out taken);
            }

            if (!hasTaken)
            {
                reservation.ReleaseMoney();
                return Spent(bound, other, nowMs);
            }

            reservation.Lines.Add(new Reservation.Line(other, bound.IsPrepaid, need, taken, otherRate));
        }

        return null;

        static long Convert(long nano, long? rate) => rate is { } by ? ExchangeMath.Up(nano, by) : nano;
    }

    private static Failure Held(MoneyBound bound) => new(FailureKind.ClientBudgetHeld) { Detail = $"It is {bound.Describe()}.", RetryAfter = TimeSpan.FromSeconds(2) };

    private static Failure Spent(MoneyBound bound, AllowanceState state, long nowMs) => new(FailureKind.ClientBudgetSpent)
    {
        Detail = $"It is {bound.Describe()}.",
        RetryAfter = state.Spec.EndsMs == 0 ? null : TimeSpan.FromMilliseconds(Math.Max(1000, state.Spec.EndsMs - nowMs)),
    };
}
