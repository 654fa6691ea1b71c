using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Tests.Keys;

namespace Trivet.Tests.Limits;

public sealed class LimitGateTests
{
    private readonly FakeLeaseStore _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_without_limits_is_admitted_without_asking_anybody()
    {
        var gate = Gate(TimeProvider.System);
        var reservation = new Reservation();

        Assert.Null(await gate.AdmitAsync(Key(), reservation, 10, () => throw new InvalidOperationException("nobody should reckon"), NoExchange.Instance, Cancel));

        Assert.False(reservation.IsActive);
        Assert.Equal(0, _store.Asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Of_many_requests_at_once_on_a_balance_for_exactly_some_exactly_those_are_admitted(int nodes)
    {
        const int covered = 37;
        const long cost = 210_000;
        var key = Key(key => key with { Budgets = [new Budget(covered * cost, "USD", BudgetWindow.Total)] });
        var gates = Enumerable.Range(0, nodes).Select(node => Gate(TimeProvider.System, $"node{node}.1")).ToArray();
        using var stop = new CancellationTokenSource();
        var returning = gates.Select(gate => ReturnIdleAsync(gate.Broker, stop.Token)).ToArray();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => RequestAsync(gates[i % nodes], nodes == 1 ? key : Copy(key), cost), Cancel)));

        await stop.CancelAsync();
        await Task.WhenAll(returning);
        Assert.Equal(covered, outcomes.Count(outcome => outcome is null));
        Assert.All(outcomes.Where(outcome => outcome is not null), outcome => Assert.True(outcome is FailureKind.ClientBudgetSpent or FailureKind.ClientBudgetHeld));
        Assert.Equal(covered * cost, _store.Spent(Allowance(key)));
    }

    [Fact]
    public async Task What_a_request_costs_above_what_is_left_is_absorbed_and_nobody_is_overdrawn()
    {
        var key = Key(key => key with { Budgets = [new Budget(1000, "USD", BudgetWindow.Total)] });
        var gate = Gate(TimeProvider.System).Gate;
        var reservation = new Reservation();

        Assert.Null(await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(5000, 900, "USD"), NoExchange.Instance, Cancel));
        var settled = reservation.Settle(1200, "USD");
        reservation.End(null);

        Assert.Equal((1000, 0, 200), (settled.ChargedNano, settled.OverrunNano, settled.AbsorbedNano));
        _store.Commit(settled.Allowances, gate.Holder, settled.ChargedNano);
        var next = await gate.AdmitAsync(key, new Reservation(), 1, () => new CostAsk(5000, 1, "USD"), NoExchange.Instance, Cancel);
        Assert.Equal(FailureKind.ClientBudgetSpent, next?.Kind);
    }

    [Fact]
    public async Task Money_on_its_way_back_to_the_database_is_not_taken_for_spent()
    {
        var key = Key(key => key with { Budgets = [new Budget(1000, "USD", BudgetWindow.Total)] });
        var gate = Gate(TimeProvider.System);
        var arrives = new TaskCompletionSource();
        _store.ReturnArrives = arrives.Task;
        var reservation = new Reservation();
        Assert.Null(await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(5000, 400, "USD"), NoExchange.Instance, Cancel));
        var settled = reservation.Settle(400, "USD");
        reservation.End(null);
        _store.Commit(settled.Allowances, gate.Gate.Holder, settled.ChargedNano);

        var returning = gate.Broker.ReturnIdleAsync(Cancel).AsTask();
        var asked = AskAsync(gate.Gate, key, 400);
        await Task.Delay(50, Cancel);
        arrives.SetResult();

        await returning;
        Assert.Null(await asked);
    }

    [Fact]
    public async Task An_overrun_that_the_balance_covers_is_charged_and_told()
    {
        var key = Key(key => key with { Budgets = [new Budget(1_000_000, "USD", BudgetWindow.Total)] });
        var gate = Gate(TimeProvider.System).Gate;
        var reservation = new Reservation();

        Assert.Null(await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(100, 100, "USD"), NoExchange.Instance, Cancel));
        var settled = reservation.Settle(130, "USD");

        Assert.Equal((130, 30, 0), (settled.ChargedNano, settled.OverrunNano, settled.AbsorbedNano));
    }

    [Fact]
    public async Task A_budget_in_another_currency_is_counted_at_the_rate()
    {
        var key = Key(key => key with { Budgets = [new Budget(7_000, "CNY", BudgetWindow.Total)] });
        var gate = Gate(TimeProvider.System).Gate;
        var reservation = new Reservation();

        Assert.Null(await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(1000, 1000, "USD"), new SevenToOne(), Cancel));
        var settled = reservation.Settle(1000, "USD");

        Assert.Equal(1000, settled.ChargedNano);
        Assert.EndsWith("=7000", settled.Allowances, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_that_no_rate_leads_to_refuses_rather_than_guesses()
    {
        var key = Key(key => key with { Budgets = [new Budget(7_000, "CNY", BudgetWindow.Total)] });

        var failure = await Gate(TimeProvider.System).Gate.AdmitAsync(key, new Reservation(), 1, () => new CostAsk(1, 1, "USD"), NoExchange.Instance, Cancel);

        Assert.Equal(FailureKind.ClientCostUnknown, failure?.Kind);
    }

    [Fact]
    public async Task While_the_database_is_away_requests_are_admitted_as_long_as_the_lease_lasts_and_refused_clearly_after()
    {
        var key = Key(key => key with { Budgets = [new Budget(1_000_000, "USD", BudgetWindow.Total)] });
        var time = new ManualTime();
        var gate = Gate(time).Gate;
        Assert.Null(await AskAsync(gate, key, 10));
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");

        var served = 0;
        Failure? refusal = null;
        while (refusal is null && served < 100_000)
            (served, refusal) = (served + 1, await AskAsync(gate, key, 10));

        Assert.True(served > 60, $"{served}");
        Assert.Equal(FailureKind.GatewayCannotReserve, refusal?.Kind);
    }

    [Fact]
    public async Task While_the_database_is_away_whoever_lacks_money_is_told_so_and_not_to_wait_for_others()
    {
        var key = Key(key => key with { Budgets = [new Budget(1_000_000, "USD", BudgetWindow.Total)] });
        var gate = Gate(new ManualTime()).Gate;
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");

        var refusals = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(gate, key, 10)));

        Assert.All(refusals, refusal => Assert.Equal((FailureKind.GatewayCannotReserve, true), (refusal!.Kind, refusal.RetryAfter > TimeSpan.Zero)));
        Assert.Equal(1, _store.Asked);
    }

    [Fact]
    public async Task What_idles_while_the_database_is_away_is_kept_and_goes_back_when_it_is_there_again()
    {
        var key = Key(key => key with { Budgets = [new Budget(1_000_000, "USD", BudgetWindow.Total)] });
        var time = new ManualTime();
        var node = Gate(time);
        Assert.Null(await SpendAsync(node.Gate, key, 10));
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");
        await node.Broker.RenewAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(60));
        await node.Broker.ReturnIdleAsync(Cancel);
        Assert.True(_store.Leased(Allowance(key)) > 0);
        Assert.Null(await AskAsync(node.Gate, key, 10));

        _store.Fault = null;
        await node.Broker.RenewAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(60));
        await node.Broker.ReturnIdleAsync(Cancel);

        Assert.Equal(10, _store.Leased(Allowance(key))); // what the last one set aside
    }

    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(4_000, false)]
    public async Task What_idles_for_some_seconds_is_kept_only_where_there_is_plenty_for_others(long limit, bool isKept)
    {
        var key = Key(key => key with { Budgets = [new Budget(limit, "USD", BudgetWindow.Total)] });
        var time = new ManualTime();
        var node = Gate(time);
        Assert.Null(await SpendAsync(node.Gate, key, 10));

        time.Advance(TimeSpan.FromSeconds(10));
        await node.Broker.ReturnIdleAsync(Cancel);
        Assert.Equal(isKept, _store.Leased(Allowance(key)) > 0);

        time.Advance(TimeSpan.FromSeconds(25));
        await node.Broker.ReturnIdleAsync(Cancel);
        Assert.Equal(0, _store.Leased(Allowance(key)));
    }

    [Fact]
    public async Task A_lease_that_could_not_be_renewed_in_time_is_used_no_more()
    {
        var key = Key(key => key with { Budgets = [new Budget(1_000_000, "USD", BudgetWindow.Total)] });
        var time = new ManualTime();
        var gate = Gate(time).Gate;
        Assert.Null(await AskAsync(gate, key, 10));
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");

        time.Advance(TimeSpan.FromSeconds(95));

        Assert.Equal(FailureKind.GatewayCannotReserve, (await AskAsync(gate, key, 10))?.Kind);
    }

    [Fact]
    public async Task The_next_day_is_a_new_budget_and_the_refusal_says_when_that_is()
    {
        var key = Key(key => key with { Budgets = [new Budget(100, "USD", BudgetWindow.Day)] });
        var time = new ManualTime(); // noon
        var gate = Gate(time).Gate;
        var first = new Reservation();
        Assert.Null(await gate.AdmitAsync(key, first, 1, () => new CostAsk(100, 100, "USD"), NoExchange.Instance, Cancel));
        var settled = first.Settle(100, "USD");
        first.End(null);
        _store.Commit(settled.Allowances, gate.Holder, settled.ChargedNano);

        var refusal = await AskAsync(gate, key, 100);
        time.Advance(TimeSpan.FromHours(12));

        Assert.Equal(FailureKind.ClientBudgetSpent, refusal?.Kind);
        Assert.Equal(TimeSpan.FromHours(12), refusal!.RetryAfter);
        Assert.Null(await AskAsync(gate, key, 100));
    }

    [Fact]
    public async Task A_team_and_its_organisation_bound_all_their_keys_together()
    {
        var organisation = new OwnerRecord { Organisation = "acme", Budgets = [new Budget(150, "USD", BudgetWindow.Total)] };
        var team = new OwnerRecord { Organisation = "acme", Team = "search", Budgets = [new Budget(100, "USD", BudgetWindow.Total)] };
        var snapshot = new KeySnapshot(new KeySet(1, [Record("a", "search"), Record("b", "search"), Record("c", "")]) { Owners = [organisation, team] });
        var gate = Gate(TimeProvider.System).Gate;

        Assert.Null(await SpendAsync(gate, snapshot.Entries[0], 100));

        Assert.Equal(FailureKind.ClientBudgetSpent, await SpendAsync(gate, snapshot.Entries[1], 10));
        Assert.Null(await SpendAsync(gate, snapshot.Entries[2], 50));
        Assert.Equal(FailureKind.ClientBudgetSpent, await SpendAsync(gate, snapshot.Entries[2], 10));

        static KeyRecord Record(string id, string team) => KeyTestData.Record(id) with { Organisation = "acme", Team = team };
    }

    [Fact]
    public async Task Requests_at_a_time_are_bounded_and_a_place_is_free_again_when_one_ends()
    {
        var key = Key(key => key with { ConcurrentMax = 1 });
        var gate = Gate(TimeProvider.System).Gate;
        var first = new Reservation();

        Assert.Null(await gate.AdmitAsync(key, first, 1, () => null, NoExchange.Instance, Cancel));
        Assert.Equal(FailureKind.ClientTooMany, (await gate.AdmitAsync(key, new Reservation(), 1, () => null, NoExchange.Instance, Cancel))?.Kind);
        first.End(null);

        Assert.Null(await gate.AdmitAsync(key, new Reservation(), 1, () => null, NoExchange.Instance, Cancel));
    }

    [Fact]
    public async Task A_refused_request_counts_for_nothing()
    {
        var key = Key(key => key with { RequestsPerMinute = 2, TokensPerMinute = 100 });
        var gate = Gate(new ManualTime()).Gate;

        Assert.Null(await AskAsync(gate, key, 0, tokens: 60));
        var refused = await AskAsync(gate, key, 0, tokens: 60);

        Assert.Equal(FailureKind.ClientRateLimited, refused?.Kind);
        Assert.True(refused!.RetryAfter > TimeSpan.Zero);
        Assert.Null(await AskAsync(gate, key, 0, tokens: 40));
        Assert.Equal(FailureKind.ClientRateLimited, (await AskAsync(gate, key, 0, tokens: 0))?.Kind);
    }

    [Fact]
    public async Task Nodes_that_share_a_database_let_exactly_a_limit_of_a_minute_through_together()
    {
        var time = new ManualTime();
        var key = Key(key => key with { RequestsPerMinute = 37 });
        var nodes = Enumerable.Range(0, 3).Select(node => (Gate: Gate(time, $"node{node}.1", sharesCounts: true).Gate, Key: Copy(key))).ToArray();

        var refusals = await PassAsync(time, Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => AskAsync(nodes[i % 3].Gate, nodes[i % 3].Key, 0), Cancel))));
        Assert.Equal(37, refusals.Count(refusal => refusal is null));
        Assert.All(refusals.Where(refusal => refusal is not null), refusal => Assert.Equal((FailureKind.ClientRateLimited, true), (refusal!.Kind, refusal.RetryAfter >= TimeSpan.FromSeconds(1))));

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await AskAsync(nodes[0].Gate, nodes[0].Key, 0));
    }

    [Fact]
    public async Task A_place_that_ends_at_one_node_is_another_nodes_within_a_second()
    {
        var key = Key(key => key with { ConcurrentMax = 1 });
        var (here, there) = (Gate(TimeProvider.System, "node1.1", sharesCounts: true), Gate(TimeProvider.System, "node2.1", sharesCounts: true));
        var other = Copy(key);
        var first = new Reservation();
        Assert.Null(await here.Gate.AdmitAsync(key, first, 1, () => null, NoExchange.Instance, Cancel));
        var refused = new Reservation();
        Assert.Equal(FailureKind.ClientTooMany, (await there.Gate.AdmitAsync(other, refused, 1, () => null, NoExchange.Instance, Cancel))?.Kind);
        Assert.False(refused.IsActive);

        first.End(null);
        await here.Broker.ReturnIdleAsync(Cancel);

        Assert.Null(await there.Gate.AdmitAsync(other, new Reservation(), 1, () => null, NoExchange.Instance, Cancel));
    }

    [Fact]
    public async Task Tokens_that_were_reckoned_and_not_used_are_free_for_other_nodes()
    {
        var time = new ManualTime();
        var key = Key(key => key with { TokensPerMinute = 1000 });
        var (here, there) = (Gate(time, "node1.1", sharesCounts: true), Gate(time, "node2.1", sharesCounts: true));
        var other = Copy(key);
        var first = new Reservation();
        Assert.Null(await here.Gate.AdmitAsync(key, first, 900, () => null, NoExchange.Instance, Cancel));
        Assert.Equal(FailureKind.ClientRateLimited, (await AskAsync(there.Gate, other, 0, tokens: 500))?.Kind);

        first.End(300);
        await here.Broker.ReturnIdleAsync(Cancel);
        time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Null(await AskAsync(there.Gate, other, 0, tokens: 500));
        Assert.Equal(FailureKind.ClientRateLimited, (await AskAsync(there.Gate, other, 0, tokens: 300))?.Kind);
    }

    [Fact]
    public async Task Who_needs_little_is_not_refused_because_another_asked_for_more_than_was_left_a_moment_before()
    {
        var time = new ManualTime();
        var key = Key(key => key with { TokensPerMinute = 1000 });
        var (here, there) = (Gate(time, "node1.1", sharesCounts: true), Gate(time, "node2.1", sharesCounts: true));
        Assert.Null(await AskAsync(here.Gate, key, 0, tokens: 600));
        var other = Copy(key);
        Assert.Equal(FailureKind.ClientRateLimited, (await AskAsync(there.Gate, other, 0, tokens: 500))?.Kind);

        Assert.Null(await PassAsync(time, Task.Run(() => AskAsync(there.Gate, other, 0, tokens: 100), Cancel)));
    }

    [Fact]
    public async Task While_the_database_is_away_each_node_counts_for_itself()
    {
        var key = Key(key => key with { RequestsPerMinute = 5 });
        var node = Gate(new ManualTime(), sharesCounts: true).Gate;
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");

        for (var i = 0; i < 5; i++)
            Assert.Null(await AskAsync(node, key, 0));

        Assert.Equal(FailureKind.ClientRateLimited, (await AskAsync(node, key, 0))?.Kind);
    }

    [Fact]
    public async Task A_node_that_starts_again_gets_back_what_it_held_before()
    {
        var key = Key(key => key with { Budgets = [new Budget(1000, "USD", BudgetWindow.Total)] });
        var before = Gate(TimeProvider.System, "node.1");
        Assert.Null(await AskAsync(before.Gate, key, 1000));

        var after = Gate(TimeProvider.System, "node.2");
        Assert.NotNull(await AskAsync(after.Gate, Copy(key), 1000));
        await after.Broker.ReleaseEarlierAsync(Cancel);
        await Task.Delay(50, Cancel); // the pause between two questions to the database

        Assert.Null(await AskAsync(after.Gate, Copy(key), 1000));
    }

    private async Task<FailureKind?> RequestAsync(Node node, KeyEntry key, long cost)
    {
        var reservation = new Reservation();
        var gate = node.Gate;
        var failure = await gate.AdmitAsync(
            key, reservation, 1,
            () => gate.Learner.Reckon(key.Id, "m", "USD", 20) is { } learned ? new CostAsk(learned.ReserveNano, learned.ExpectedNano, "USD") : new CostAsk(10_000_000, 50_000, "USD"),
            NoExchange.Instance, Cancel);
        if (failure is not null)
        {
            reservation.End(null);
            return failure.Kind;
        }

        await Task.Delay(Random.Shared.Next(5), Cancel);
        var settled = reservation.Settle(cost, "USD");
        Assert.Equal(0, settled.AbsorbedNano);
        gate.Learner.Note(key.Id, "m", "USD", 20, cost);
        reservation.End(null);
        await Task.Delay(Random.Shared.Next(20), Cancel); // the spool's writer is not there at once
        _store.Commit(settled.Allowances, gate.Holder, settled.ChargedNano);
        return null;
    }

    private async Task<FailureKind?> SpendAsync(LimitGate gate, KeyEntry key, long nano)
    {
        var reservation = new Reservation();
        var failure = await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(nano, nano, "USD"), NoExchange.Instance, Cancel);
        if (failure is null)
        {
            var settled = reservation.Settle(nano, "USD");
            foreach (var allowance in settled.Allowances.Split(' '))
                _store.Commit(allowance, gate.Holder, settled.ChargedNano);
        }

        reservation.End(null);
        return failure?.Kind;
    }

    private static async Task<Failure?> AskAsync(LimitGate gate, KeyEntry key, long nano, long tokens = 1)
    {
        var reservation = new Reservation();
        return await gate.AdmitAsync(key, reservation, tokens, () => new CostAsk(nano, nano, "USD"), NoExchange.Instance, Cancel);
    }

    private static async Task ReturnIdleAsync(LeaseBroker broker, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await broker.ReturnIdleAsync(CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }

    // Requests that pause for the clock go on when it does.
    private static async Task<T> PassAsync<T>(ManualTime time, Task<T> asked)
    {
        while (!asked.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Delay(1, Cancel);
        }

        return await asked;
    }

    private Node Gate(TimeProvider time, string holder = "node.1", bool sharesCounts = false)
    {
        var broker = new LeaseBroker(_store, new NodeIdentity(holder.Split('.')[0], holder), time, NullLogger<LeaseBroker>.Instance);
        return new Node(new LimitGate(broker, new LimitOptions { WaitMax = TimeSpan.FromSeconds(20), SharesCounts = sharesCounts }, time), broker);
    }

    private static KeyEntry Key(Func<KeyRecord, KeyRecord>? change = null) => KeyTestData.Snapshot((change ?? (key => key))(KeyTestData.Record("a"))).Entries[0];

    // Another node has the same key and its own counters.
    private static KeyEntry Copy(KeyEntry key) => KeyTestData.Snapshot(key.Record).Entries[0];

    private static string Allowance(KeyEntry key) => $"budget/default/-/{key.Id}/total/USD";

    private sealed record Node(LimitGate Gate, LeaseBroker Broker)
    {
        public ValueTask<Failure?> AdmitAsync(KeyEntry key, Reservation reservation, long tokens, Func<CostAsk?> ask, IExchangeRates rates, CancellationToken cancellationToken) =>
            Gate.AdmitAsync(key, reservation, tokens, ask, rates, cancellationToken);
    }

    private sealed class SevenToOne : IExchangeRates
    {
        public long? RateNano(string from, string to, long atMs) => 7_000_000_000;
    }
}
