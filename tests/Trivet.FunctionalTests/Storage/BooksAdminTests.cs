using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;
using Trivet.Storage.Ledger;

namespace Trivet.FunctionalTests.Storage;

/// <summary>What the console and the admin API ask of the books, on both engines.</summary>
public sealed class BooksAdminTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite", 60_000)]
    [InlineData("postgres", 60_000)]
    [InlineData("sqlite", 12)]
    [InlineData("postgres", 12)]
    public async Task An_accounts_pages_are_its_transfers_newest_first_and_add_up_to_its_balance(string engine, int lookMax)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await FillAsync(test);
        var looks = new SqlLedgerBrowser(database, lookMax, lookMin: 3);
        var books = new BooksAdmin(looks, database.Ledger);
        var all = new List<Transfer>();
        await database.Ledger.ExportAsync(0, all.Add, Cancel);

        foreach (var account in (await books.AccountsAsync("", "", 500, Cancel)).Value.Accounts)
        {
            var found = await PagesAsync(async after => (await books.AccountAsync(account.Id, new TransferQuery { After = after, CountMax = 9 }, Cancel)).Value.Page);

            var expected = all.Where(transfer => transfer.Debit == account.Id || transfer.Credit == account.Id).OrderByDescending(transfer => transfer.AtMs).ThenByDescending(transfer => transfer.Id, StringComparer.Ordinal);
            Assert.Equal(expected.Select(transfer => transfer.Id), found.Select(transfer => transfer.Id));
            Assert.Equal(account.DebitsNano, found.Where(transfer => transfer.Debit == account.Id).Sum(transfer => transfer.AmountNano));
            Assert.Equal(account.CreditsNano, found.Where(transfer => transfer.Credit == account.Id).Sum(transfer => transfer.AmountNano));
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Transfers_are_asked_for_by_organisation_kind_and_time(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await FillAsync(test);
        var books = new BooksAdmin(database.LedgerBrowser, database.Ledger);
        var all = new List<Transfer>();
        await database.Ledger.ExportAsync(0, all.Add, Cancel);

        foreach (var query in (TransferQuery[])[new(), new() { Organisation = "acme" }, new() { Kind = TransferKinds.TopUp }, new() { Organisation = "default", Kind = TransferKinds.Cost }, new() { FromMs = MeteringTestData.AugustMs, UntilMs = MeteringTestData.AugustMs + 3 * MeteringTestData.HourMs }])
        {
            var found = await PagesAsync(async after => (await books.TransfersAsync(query with { After = after, CountMax = 8 }, Cancel)).Value);

            Assert.Equal(
                all.Where(transfer => (query.Organisation ?? transfer.Organisation) == transfer.Organisation && (query.Kind ?? transfer.Kind) == transfer.Kind && transfer.AtMs >= query.FromMs && !(transfer.AtMs >= query.UntilMs))
                    .OrderByDescending(transfer => transfer.AtMs).ThenByDescending(transfer => transfer.Id, StringComparer.Ordinal).Select(transfer => transfer.Id),
                found.Select(transfer => transfer.Id));
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_transfer_leads_to_all_that_its_request_moved(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await FillAsync(test);
        var books = new BooksAdmin(database.LedgerBrowser, database.Ledger);
        var transfer = (await books.TransfersAsync(new TransferQuery { Kind = TransferKinds.Charge, CountMax = 1 }, Cancel)).Value.Transfers[0];

        var story = (await books.TransferAsync(transfer.Organisation, transfer.AtMs, transfer.Id, Cancel)).Value;

        Assert.Equal(transfer, story.Transfer);
        Assert.Contains(story.OfRequest, other => other.Kind == TransferKinds.Cost);
        Assert.All(story.OfRequest, other => Assert.Equal(transfer.RequestId, other.RequestId));
        Assert.Equal(StoreFaultKind.NotFound, (await books.TransferAsync("acme", 1, "nothing", Cancel)).Fault?.Kind);
        Assert.Equal(StoreFaultKind.NotFound, (await books.AccountAsync("cost/nobody/USD", new TransferQuery(), Cancel)).Fault?.Kind);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Usage_is_cut_by_whose_it_is_and_by_time(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var attempts = MeteringTestData.Many(400, seed: 3).Select((attempt, i) => attempt with { Team = i % 4 == 0 ? "search" : "" }).ToArray();
        foreach (var batch in attempts.Chunk(100))
            await database.SpoolSink.CommitAsync([.. batch.Select(MeteringTestData.Spooled)], Cancel);
        const long Hour = MeteringTestData.HourMs;
        const long From = MeteringTestData.AugustMs - 5 * Hour - 777;

        foreach (var until in (long?[])[null, MeteringTestData.AugustMs + 4 * Hour, MeteringTestData.AugustMs + 4 * Hour + 1234, From + 500])
        {
            var taken = attempts.Where(attempt => attempt.StartedMs >= From && !(attempt.StartedMs >= until)).ToArray();
            await SameAsync(UsageGroup.Organisation, attempt => attempt.Organisation, taken, new UsageQuery());
            await SameAsync(UsageGroup.Team, attempt => $"{attempt.Organisation}/{attempt.Team}", taken, new UsageQuery());
            await SameAsync(UsageGroup.Route, attempt => attempt.Route, taken, new UsageQuery { Team = "search" });
            await SameAsync(UsageGroup.Upstream, attempt => attempt.Upstream, taken, new UsageQuery { Model = "model-1", KeyId = "key_2", Organisation = "acme" });
            await SameAsync(UsageGroup.Upstream, attempt => attempt.Upstream, taken, new UsageQuery { StepMs = 24 * Hour });
            await SameAsync(UsageGroup.Team, attempt => $"{attempt.Organisation}/{attempt.Team}", taken, new UsageQuery { Models = ["model-1", "nobody's"] });

            async Task SameAsync(UsageGroup by, Func<AttemptRecord, string> group, AttemptRecord[] those, UsageQuery query)
            {
                var lines = (await database.Usage.QueryAsync(query with { By = by, SinceMs = From, UntilMs = until }, Cancel)).Value;
                those = [.. those.Where(a => (query.Team ?? a.Team) == a.Team && (query.Model ?? a.UpstreamModel) == a.UpstreamModel && (query.Models?.Contains(a.UpstreamModel) ?? true) && (query.KeyId ?? a.KeyId) == a.KeyId && (query.Organisation ?? a.Organisation) == a.Organisation)];

                // Money of each currency beside the attempts: what was billed in another than it cost is a line without attempts.
                Assert.Equal(
                    Sums(those.Select(a => (Step(a.StartedMs), group(a), a.Currency, 1L, a.CostNano ?? 0, 0L)).Concat(
                        those.Where(a => a.ChargedNano > 0).Select(a => (Step(a.StartedMs), group(a), a.ChargeCurrency, 0L, 0L, a.ChargedNano!.Value)))),
                    Sums(lines.Select(line => (line.StartMs, line.Group, line.Currency, line.Attempts, line.CostNano, line.ChargedNano))));

                long? Step(long ms) => query.StepMs == 0 ? null : ms - ms % query.StepMs;
            }
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_bill_is_compared_with_the_days_it_is_about(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.SpoolSink.CommitAsync(
            [
                MeteringTestData.Spooled(MeteringTestData.Full("att_1") with { CostNano = 1_000_000_000, Currency = "USD" }),
                MeteringTestData.Spooled(MeteringTestData.Full("att_2") with { CostNano = 500_000_000, Currency = "USD", StartedMs = MeteringTestData.AugustMs + 26 * MeteringTestData.HourMs }),
                MeteringTestData.Spooled(MeteringTestData.Full("att_3") with { CostNano = 5, Currency = "USD", StartedMs = MeteringTestData.AugustMs - 1 }),
            ],
            Cancel);
        var books = new BooksAdmin(database.LedgerBrowser, database.Ledger);

        var (same, _) = await books.ReconcileAsync("lab", "date,model,amount\n2026-08-01,lab-large-v2,1.00\n2026-08-02,lab-large-v2,0.50\n", Cancel);
        var (other, _) = await books.ReconcileAsync("lab", "date,model,amount\n2026-08-01,lab-large-v2,1.25\n", Cancel);
        var (none, problem) = await books.ReconcileAsync("lab", "what,is,this", Cancel);

        Assert.Equal(0, same!.Differing);
        Assert.Equal(250_000_000, Assert.Single(other!.Lines).DifferenceNano);
        Assert.Null(none);
        Assert.NotNull(problem.Mistake);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Keys_change_and_rotate_without_losing_what_is_theirs(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var keys = new KeyAdmin(database.Keys, database.Journal, TimeProvider.System);
        var made = (await keys.CreateAsync(new KeyRequest { By = "ada", Name = "ci", Organisation = "acme", RequestsPerMinute = 60, Budgets = [new Budget(5, "USD", BudgetWindow.Day)] }, Cancel)).Value;

        var limited = (await keys.ChangeAsync("ci", "acme", new KeyChange { By = "bob", RequestsPerMinute = 0, TokensPerMinute = 100, AllowedModels = ["lab-*"], Team = "search" }, Cancel)).Value;
        await keys.ChangeAsync("ci", "acme", new KeyChange { By = "bob", Team = "search" }, Cancel);
        await keys.ChangeAsync("ci", "acme", new KeyChange { By = "eve", LogsPayloads = true }, Cancel);
        var rotated = (await keys.RotateAsync(made.Record.Id, "acme", null, "ada", Cancel)).Value;
        var snapshot = new KeySnapshot((await database.Keys.LoadAsync(Cancel)).Value);

        Assert.Equal((null, 100, "search", "lab-*", 1), (limited.RequestsPerMinute, limited.TokensPerMinute, limited.Team, Assert.Single(limited.AllowedModels!), limited.Budgets.Count));
        Assert.Equal(made.Record.Id, rotated.Record.Id);
        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(made.Secret.AsSpan(), 0, out _));
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(rotated.Secret.AsSpan(), 0, out var entry));
        Assert.Equal(100, entry!.Record.TokensPerMinute);

        // Another secret, and the last one for a while, on every node that loads them.
        var again = (await keys.RotateAsync(made.Record.Id, "acme", 5_000_000, "ada", Cancel)).Value;
        await keys.ChangeAsync("ci", "acme", new KeyChange { By = "bob", Team = "search" }, Cancel);
        snapshot = new KeySnapshot((await database.Keys.LoadAsync(Cancel)).Value);
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(again.Secret.AsSpan(), 6_000_000, out _));
        Assert.Equal(KeyVerdict.Accepted, snapshot.Authenticate(rotated.Secret.AsSpan(), 4_999_999, out entry));
        Assert.Equal(made.Record.Id, entry!.Id);
        Assert.Equal(KeyVerdict.Expired, snapshot.Authenticate(rotated.Secret.AsSpan(), 5_000_000, out _));
        Assert.Equal(KeyVerdict.Unknown, snapshot.Authenticate(made.Secret.AsSpan(), 0, out _));

        await keys.RevokeAsync("ci", "acme", "ada", Cancel);
        Assert.Equal(KeyVerdict.Revoked, new KeySnapshot((await database.Keys.LoadAsync(Cancel)).Value).Authenticate(rotated.Secret.AsSpan(), 0, out _));
        Assert.Equal(StoreFaultKind.NotFound, (await keys.RotateAsync(made.Record.Id, "acme", null, "ada", Cancel)).Fault?.Kind);
        Assert.Equal(StoreFaultKind.NotFound, (await keys.ChangeAsync("nobody", "acme", new KeyChange { By = "bob" }, Cancel)).Fault?.Kind);

        // Who did it stands in the journal, but for what changed nothing; a secret does not.
        var told = (await database.Journal.QueryAsync(new JournalQuery { Kinds = [JournalKinds.KeyChanged] }, Cancel)).Value.Entries;
        Assert.Equal(
            [("ada", "The key ci (acme) was made", ""), ("ada", "The key ci (acme) was revoked", ""), ("ada", "The key ci (acme) was rotated", ""), ("ada", "The key ci (acme) was rotated", "Set: the old secret works until 1970-01-01 01:23:20Z."), ("bob", "The key ci (acme) was changed", "Set: team, limits, models."), ("eve", "The key ci (acme) was changed", "Set: recording on.")],
            told.Select(entry => (entry.Author, entry.Title, entry.Text)).Order());
        Assert.All(told, entry => Assert.Equal("acme/ci", entry.Subject));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Budgets_tell_what_is_booked_and_held_in_the_window_of_now(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var keys = new KeyAdmin(database.Keys, database.Journal, TimeProvider.System);
        var key = (await keys.CreateAsync(new KeyRequest { Name = "ci", Organisation = "acme", Budgets = [new Budget(1_000, "USD", BudgetWindow.Total), new Budget(9, "CNY", BudgetWindow.Day)] }, Cancel)).Value.Record;
        var owners = new OwnerAdmin(database.Owners, database.Keys, TimeProvider.System);
        await owners.ChangeAsync("acme", "", new OwnerChange { Budgets = [new Budget(5_000, "USD", BudgetWindow.Month)], MarginMillionths = 250_000 }, Cancel);
        var id = $"budget/acme/-/{key.Id}/total/USD";
        await database.Leases.TakeAsync(new LeaseAsk(new AllowanceSpec(id, 1_000, 0, 0, "acme", "", key.Id, "USD"), "n.1", 400, 400, 0, 0, false), Cancel);

        var states = (await new BudgetAdmin(database.Keys, database.Allowances, TimeProvider.System).ListAsync(Cancel)).Value;

        Assert.Equal(3, states.Count);
        var total = Assert.Single(states, state => state.Budget.Window == BudgetWindow.Total);
        Assert.Equal((0L, 400L, 0L), (total.SpentNano, total.HeldNano, total.EndsMs));
        Assert.Null(Assert.Single(states, state => state.KeyId.Length == 0).SpentNano);
        var entries = (await owners.ListAsync(Cancel)).Value;
        Assert.Equal(("acme", 1, 250_000L), (entries[0].Owner.Organisation, entries[0].KeysActive, entries[0].Owner.MarginMillionths));
    }

    private static async Task<Database> FillAsync(TestDatabase test)
    {
        var database = await test.OpenAsync();
        var attempts = MeteringTestData.Many(80, seed: 4).Select(attempt => attempt with { AdmittedMs = attempt.StartedMs }).ToArray();
        Assert.True((await database.SpoolSink.CommitAsync([.. attempts.Select(MeteringTestData.Spooled)], Cancel)).IsSuccess);
        var admin = new LedgerAdmin(database.Ledger, database.Traces, TimeProvider.System);
        await admin.TopUpAsync("acme", "", 1_000, "USD", "wire", null, Cancel);
        await admin.PayAsync("upstream-1", isPrepaid: false, 500, "USD", "", null, Cancel);
        await admin.AdjustAsync("adjustments/USD", "customer/acme/USD", 3, "goodwill", null, Cancel);
        return database;
    }

    private static async Task<List<Transfer>> PagesAsync(Func<string?, Task<TransferPage>> ask)
    {
        var found = new List<Transfer>();
        var pages = 0;
        string? after = null;
        do
        {
            var page = await ask(after);
            found.AddRange(page.Transfers);
            after = page.Next;
            Assert.True(++pages < 500, "The pages do not end.");
        }
        while (after is not null);
        return found;
    }

    private static List<string> Sums(IEnumerable<(long? Step, string Group, string Currency, long Attempts, long Cost, long Charged)> rows) =>
    [
        .. from row in rows
           group row by (row.Step, row.Group, row.Currency) into same
           let sums = $"{same.Key.Step} {same.Key.Group} {same.Key.Currency}: {same.Sum(row => row.Attempts)} {same.Sum(row => row.Cost)} {same.Sum(row => row.Charged)}"
           orderby sums
           select sums,
    ];
}
