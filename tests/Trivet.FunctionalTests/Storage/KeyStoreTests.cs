using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

public sealed class KeyStoreTests(PostgresCluster cluster)
{
    /// <summary>Ends a test whose wait never succeeds; no assertion depends on it.</summary>
    private const int HangsAfterMs = 60_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_key_reads_back_as_it_was_made_and_its_secret_is_nowhere(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var request = new KeyRequest
        {
            Name = "laptop",
            Organisation = "acme",
            Team = "search",
            AllowedModels = ["claude-*", "gpt-4o"],
            Budgets = [new Budget(1_500_000_000, "CNY", BudgetWindow.Week)],
            RequestsPerMinute = 60,
            TokensPerMinute = 100_000,
            ExpiresAtMs = 4_000_000_000_000,
            LogsPayloads = true,
            Policy = "cheap",
        };

        var created = (await Admin(database).CreateAsync(request, Cancel)).Value;
        var loaded = (await database.Keys.LoadAsync(Cancel)).Value;

        Assert.Equivalent(created.Record, Assert.Single(loaded.Keys), strict: true);
        Assert.Equal(1, loaded.Version);
        if (engine == "sqlite")
        {
            var files = await FilesAsync(test);
            Assert.Contains(created.Record.Id, files, StringComparison.Ordinal);
            Assert.DoesNotContain(created.Secret, files, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_key_with_nothing_set_reads_back_as_unlimited(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();

        var created = (await Admin(database).CreateAsync(new KeyRequest { Name = "plain" }, Cancel)).Value;

        Assert.Equal(created.Record, Assert.Single((await database.Keys.LoadAsync(Cancel)).Value.Keys));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_name_is_taken_until_its_key_is_revoked(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var admin = Admin(await test.OpenAsync());
        var first = (await admin.CreateAsync(new KeyRequest { Name = "ci" }, Cancel)).Value;

        Assert.Equal(StoreFaultKind.Conflict, (await admin.CreateAsync(new KeyRequest { Name = "ci" }, Cancel)).Fault?.Kind);
        Assert.True((await admin.CreateAsync(new KeyRequest { Name = "ci", Organisation = "another" }, Cancel)).IsSuccess);
        Assert.Equal(first.Record.Id, (await admin.RevokeAsync("ci", KeyRecord.DefaultOrganisation, "ada", Cancel)).Value.Id);
        var second = (await admin.CreateAsync(new KeyRequest { Name = "ci" }, Cancel)).Value;

        // By name now the living one is meant; by id anyone is.
        Assert.Equal(second.Record.Id, (await admin.RevokeAsync("ci", KeyRecord.DefaultOrganisation, "ada", Cancel)).Value.Id);
        Assert.NotNull((await admin.RevokeAsync(first.Record.Id, KeyRecord.DefaultOrganisation, "ada", Cancel)).Value.RevokedAtMs);
        Assert.Equal(StoreFaultKind.NotFound, (await admin.RevokeAsync("nobody", KeyRecord.DefaultOrganisation, "ada", Cancel)).Fault?.Kind);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Of_two_nodes_that_start_on_an_empty_database_one_makes_the_first_key(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        KeyAdmin[] nodes = [Admin(await test.OpenAsync()), Admin(await test.OpenAsync())];

        var made = await Task.WhenAll(nodes.Select(node => Task.Run(async () => (await node.EnsureFirstAsync(null, Cancel)).Value, Cancel)));

        Assert.Single(made, key => key is not null);
        Assert.Single((await nodes[0].ListAsync(Cancel)).Value);
    }

    [Theory(Timeout = HangsAfterMs)]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_key_made_and_revoked_over_another_connection_reaches_a_running_node(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var node = (await test.OpenAsync()).Keys;
        var cli = Admin(await test.OpenAsync());
        var holder = new KeySnapshotHolder();
        var loop = new KeyRefreshLoop(node, holder, TimeProvider.System, NullLogger<KeyRefreshLoop>.Instance);
        using var stop = new CancellationTokenSource();
        var running = loop.RunAsync(stop.Token);

        var created = (await cli.CreateAsync(new KeyRequest { Name = "new" }, Cancel)).Value;
        await UntilAsync(() => Verdict(created.Secret) == KeyVerdict.Accepted);
        await cli.RevokeAsync(created.Record.Id, KeyRecord.DefaultOrganisation, "ada", Cancel);
        await UntilAsync(() => Verdict(created.Secret) == KeyVerdict.Revoked);

        await stop.CancelAsync();
        await running;
        Assert.Equal(KeyVerdict.Revoked, Verdict(created.Secret));

        KeyVerdict Verdict(string secret) => holder.Current.Authenticate(secret, 0, out _);
    }

    [Fact]
    public async Task On_postgres_a_change_is_announced_and_not_only_polled_for()
    {
        await using var test = await TestDatabase.CreateAsync("postgres", cluster);
        await using var listener = (await test.OpenAsync()).Engine.Listen("keys");
        Assert.False(await listener.WaitAsync(Cancel)); // subscribes

        await Admin(await test.OpenAsync()).CreateAsync(new KeyRequest { Name = "announced" }, Cancel);

        Assert.True(await listener.WaitAsync(Cancel)); // false would mean that only the poll interval went by
    }

    private static KeyAdmin Admin(Database database) => new(database.Keys, database.Journal, TimeProvider.System);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancel);
    }

    /// <summary>Everything that SQLite has written, the log included.</summary>
    private static async Task<string> FilesAsync(TestDatabase test)
    {
        var all = new StringBuilder();
        foreach (var path in Directory.EnumerateFiles(test.Options.DataDirectory))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file, Encoding.Latin1);
            all.Append(await reader.ReadToEndAsync(Cancel));
        }

        return all.ToString();
    }
}
