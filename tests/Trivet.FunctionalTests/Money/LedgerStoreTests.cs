using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;
using Trivet.FunctionalTests.Storage;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Money;

/// <summary>Transfers, balances and leases in both databases.</summary>
public sealed class LedgerStoreTests(PostgresCluster cluster)
{
    private static readonly AllowanceSpec Budget = new("budget/acme/-/key_a/total/USD", 1000, 0, 0, "acme", "", "key_a", "USD");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_committed_attempt_moves_its_money_once_however_often_it_comes(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var attempt = MeteringTestData.Full() with { CostNano = 70, Currency = "USD", ChargedNano = 90, ChargeCurrency = "USD", AbsorbedNano = 10 };

        for (var i = 0; i < 3; i++)
            Assert.True((await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(attempt), MeteringTestData.Spooled(attempt)], Cancel)).IsSuccess);

        Assert.Equal(
            ["absorbed/acme/USD 10", "cost/lab/USD 70", "customer/acme/USD 90", "payable/lab/USD 70", "revenue/acme/USD 100"],
            (await database.Ledger.BalancesAsync(Cancel)).Value.Select(balance => $"{balance.Id} {balance.BalanceNano}"));
        Assert.Equal(3, (await database.Ledger.OfRequestAsync(attempt.RequestId, Cancel)).Value.Count);
        Assert.Null((await database.Ledger.VerifyAsync(Cancel)).Value.Difference);
        var exported = new List<Transfer>();
        Assert.Equal(3, (await database.Ledger.ExportAsync(0, exported.Add, Cancel)).Value);
        Assert.Equal((90, null), ((await database.Traces.FindAsync(attempt.RequestId, Cancel)).Value.Attempts[0].ChargedNano, (object?)null));
    }

    [Theory]
    [InlineData("sqlite", "UPDATE accounts SET debits_nano = debits_nano + 1 WHERE id = 'cost/lab/USD'", "cost/lab/USD")]
    [InlineData("postgres", "DELETE FROM transfers WHERE kind = 'charge'", "customer/acme/USD")]
    [InlineData("sqlite", "UPDATE transfers SET amount_nano = 71 WHERE kind = 'cost'", "cost/lab/USD")]
    [InlineData("sqlite", "UPDATE attempts SET cost_nano = 71", "att_full")]
    [InlineData("postgres", "UPDATE attempts SET charged_nano = 91", "att_full: it was billed 91, its transfers moved 90")]
    [InlineData("postgres", "DELETE FROM attempts", "att_full: it cost 0, its transfer moved 70")]
    [InlineData("postgres", "INSERT INTO accounts VALUES ('bank/USD', 5, 0)", "bank/USD")]
    public async Task Verify_names_the_first_that_differs(string engine, string damage, string named)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(MeteringTestData.Full() with { CostNano = 70, Currency = "USD", ChargedNano = 90, ChargeCurrency = "USD" })], Cancel);

        await ExecuteAsync(database, damage);

        Assert.Contains(named, (await database.Ledger.VerifyAsync(Cancel)).Value.Difference, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_transfer_that_a_person_names_is_booked_once_and_one_that_makes_no_sense_is_refused(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var payment = new Transfer { Id = "topup_invoice-7", AtMs = 1000, Organisation = "acme", Kind = TransferKinds.TopUp, Debit = "bank/USD", Credit = "customer/acme/USD", AmountNano = 5 };

        Assert.Equal(1, (await database.Ledger.PostOnceAsync(payment, Cancel)).Value);
        Assert.Equal(0, (await database.Ledger.PostOnceAsync(payment with { AtMs = 2000 }, Cancel)).Value);
        Assert.Equal(0, (await database.Ledger.PostAsync([payment], Cancel)).Value);
        Assert.Equal(StoreFaultKind.Rejected, (await database.Ledger.PostAsync([payment with { Id = "x", Credit = "customer/acme/CNY" }], Cancel)).Fault?.Kind);
        Assert.Null((await database.Ledger.VerifyAsync(Cancel)).Value.Difference);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Leases_of_many_nodes_never_come_to_more_than_the_limit(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => test.OpenAsync()));

        // Each node asks one question after another for each allowance, as the broker does.
        var grants = await Task.WhenAll(databases.Select((node, number) => Task.Run(
            async () =>
            {
                var sum = 0L;
                for (var i = 0; i < 50; i++)
                    sum += (await node.Leases.TakeAsync(new LeaseAsk(Budget, $"node{number}.1", 7, 7, 0, 0, false), Cancel)).Value.GrantedNano;
                return sum;
            },
            Cancel)));

        Assert.Equal(1000 / 7 * 7, grants.Sum());
        var next = (await databases[0].Leases.TakeAsync(new LeaseAsk(Budget, "node0.1", 7, 7, 0, 0, false), Cancel)).Value;
        Assert.Equal((0, 1000 % 7), (next.GrantedNano, next.FreeNano));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_is_spent_of_a_lease_is_spent_for_good_and_what_is_given_back_is_there_for_others(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.Leases.TakeAsync(new LeaseAsk(Budget, "node.1", 600, 600, 0, 0, false), Cancel);
        var attempt = MeteringTestData.Full() with { CostNano = 100, Currency = "USD", ChargedNano = 100, ChargeCurrency = "USD", Allowances = Budget.Id, Holder = "node.1" };
        for (var i = 0; i < 2; i++)
            await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(attempt)], Cancel);

        await database.Leases.ReturnAsync("node.1", [new LeaseReturn(Budget.Id, 450)], Cancel);

        var other = (await database.Leases.TakeAsync(new LeaseAsk(Budget, "other.1", 1, 1, 0, 0, false), Cancel)).Value;
        Assert.Equal((1000 - 100 - 50 - 1, 50), (other.FreeNano, other.OthersNano));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_lease_of_a_dead_node_comes_back_and_what_it_hands_over_later_is_absorbed(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.Owners.ChangeAsync("acme", "", owner => owner with { PrepaidCurrency = "USD" }, Cancel);
        await database.Ledger.PostOnceAsync(
            new Transfer { Id = "topup_1", AtMs = 1, Organisation = "acme", Kind = TransferKinds.TopUp, Debit = "bank/USD", Credit = "customer/acme/USD", AmountNano = 1000 }, Cancel);
        var balance = new AllowanceSpec("customer/acme/USD", null, 0, 0, "acme", "", "", "USD");
        Assert.Equal(900, (await database.Leases.TakeAsync(new LeaseAsk(balance, "dead.1", 900, 900, 0, 0, false), Cancel)).Value.GrantedNano);
        await ExecuteAsync(database, "UPDATE leases SET expires_ms = 1");

        Assert.Equal(950, (await database.Leases.TakeAsync(new LeaseAsk(balance, "living.1", 950, 950, 0, 0, false), Cancel)).Value.GrantedNano);
        await CommitAsync("living.1", "att_living", 950);
        await CommitAsync("dead.1", "att_dead", 800);

        var balances = (await database.Ledger.BalancesAsync(Cancel)).Value.ToDictionary(account => account.Id, account => account.BalanceNano);
        Assert.Equal(0, balances["customer/acme/USD"]); // paid 1000, spent 1000: never below zero
        Assert.Equal(750, balances["absorbed/acme/USD"]);
        Assert.Null((await database.Ledger.VerifyAsync(Cancel)).Value.Difference);

        async Task CommitAsync(string holder, string id, long charged) => await database.SpoolSink.CommitAsync(
            [MeteringTestData.Spooled(MeteringTestData.Full(id) with { CostNano = 1, Currency = "USD", ChargedNano = charged, ChargeCurrency = "USD", Allowances = balance.Id, Holder = holder })], Cancel);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_was_spent_before_a_budget_was_set_counts_against_it(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(MeteringTestData.Full() with { CostNano = 1, Currency = "USD", ChargedNano = 400, ChargeCurrency = "USD" })], Cancel);

        Assert.Equal(599, (await database.Leases.TakeAsync(new LeaseAsk(Budget, "node.1", 1, 1, 0, 0, false), Cancel)).Value.FreeNano);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_is_set_for_organisations_and_teams_is_read_back_and_announced(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var before = (await database.Keys.LoadAsync(Cancel)).Value.Version;
        var owner = new OwnerRecord
        {
            Organisation = "acme",
            Budgets = [new Budget(5, "USD", BudgetWindow.Day), new Budget(6, "CNY", BudgetWindow.Month)],
            RequestsPerMinute = 1,
            TokensPerMinute = 2,
            ConcurrentMax = 3,
            AllowedModels = ["a-*"],
            Pricing = Pricing.List,
            MarginMillionths = 250_000,
            PrepaidCurrency = "CNY",
        };

        await database.Owners.ChangeAsync("acme", "", _ => owner, Cancel);
        await database.Owners.ChangeAsync("acme", "search", team => team with { RequestsPerMinute = 9 }, Cancel);

        var keys = (await database.Keys.LoadAsync(Cancel)).Value;
        Assert.True(keys.Version > before);
        Assert.Equivalent(owner, keys.Owners[0], strict: true);
        Assert.Equal(("search", 9), (keys.Owners[1].Team, keys.Owners[1].RequestsPerMinute));
    }

    [Fact]
    public async Task Bills_are_compared_by_day_and_model()
    {
        await using var test = await TestDatabase.CreateAsync("sqlite", cluster);
        var database = await test.OpenAsync();
        var attempt = MeteringTestData.Full() with { CostNano = 70, Currency = "USD" };
        await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(attempt), MeteringTestData.Spooled(attempt with { Id = "att_2", StartedMs = attempt.StartedMs + 26 * MeteringTestData.HourMs })], Cancel);

        var days = (await database.Ledger.DailyCostsAsync("lab", MeteringTestData.AugustMs, MeteringTestData.AugustMs + 24 * MeteringTestData.HourMs, Cancel)).Value;

        Assert.Equal(("2026-08-01", "lab-large-v2", 70L, 1L), days.Select(day => (day.Day, day.Model, day.CostNano, day.Attempts)).Single());
    }

    private static async Task ExecuteAsync(Database database, string sql)
    {
        var done = await database.WriteAsync<int>(
            async scope =>
            {
                await using var command = scope.Connection.CreateCommand();
                command.Transaction = scope.Transaction;
                command.CommandText = sql;
                return await command.ExecuteNonQueryAsync(Cancel);
            },
            Cancel);
        Assert.True(done.Value > 0);
    }
}
