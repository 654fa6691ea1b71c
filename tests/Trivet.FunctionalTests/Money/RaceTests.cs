using System.Net;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Storage;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>500 requests at once on a balance that covers exactly 37. Twenty rounds of each: <c>TRIVET_MONEY_ROUNDS=20</c>.</summary>
public sealed class RaceTests(PostgresCluster cluster)
{
    private const int Requests = 500;
    private const int Covered = 37;

    // Ten tokens in at 1 USD a million, twenty out at 10: 210,000 nano-units. 37 of them:
    private const string Budget = "0.00777USD";

    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("TRIVET_MONEY_ROUNDS"), out var rounds) ? rounds : 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exactly_those_that_a_budget_covers_are_served_by_one_node_on_sqlite()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await TrivetProcess.ServeAsync(await ConfigFileAsync(folder, sandbox.Address), folder.File("data"));

        for (var round = 1; round <= Rounds; round++)
            await RaceAsync([trivet], await trivet.KeyAsync($"race-{round}", "--budget", Budget), round);

        await AssertBooksAsync(trivet, folder.File("data"));
    }

    [Fact]
    public async Task Exactly_those_that_a_budget_covers_are_served_by_three_nodes_on_postgres()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var database = await cluster.NewDatabaseAsync();
        var file = await ConfigFileAsync(folder, sandbox.Address, database);
        await using var first = await TrivetProcess.ServeAsync(file, folder.File("data1"));
        await using var second = await TrivetProcess.ServeAsync(file, folder.File("data2"));
        await using var third = await TrivetProcess.ServeAsync(file, folder.File("data3"));

        for (var round = 1; round <= Rounds; round++)
            await RaceAsync([first, second, third], await first.KeyAsync($"race-{round}", "--budget", Budget), round);

        await AssertBooksAsync(first, database);
    }

    [Fact]
    public async Task A_prepaid_organisation_spends_what_it_paid_to_the_last_nano_unit_and_more_when_it_pays_again()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await TrivetProcess.ServeAsync(await ConfigFileAsync(folder, sandbox.Address), folder.File("data"));
        await RunAsync(trivet, "orgs", "set", "acme", "--prepaid", "USD", "--margin", "100%");
        var key = await trivet.KeyAsync("acme-1", "--org", "acme");
        await MoneyLab.WaitForKeyAsync(trivet.Address, key);

        Assert.Equal(HttpStatusCode.PaymentRequired, await AskAsync(trivet, key));
        await RunAsync(trivet, "orgs", "topup", "acme", "0.00126USD", "--id", "invoice-1"); // three at twice the cost
        await RunAsync(trivet, "orgs", "topup", "acme", "0.00126USD", "--id", "invoice-1");
        await Task.Delay(1200, Cancel); // a refusal is remembered for a second

        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(trivet, key));
        Assert.Equal(HttpStatusCode.PaymentRequired, await AskAsync(trivet, key));
        await Task.Delay(1000, Cancel); // and the records are on their way
        Assert.Equal(0, await trivet.BalanceAsync("customer/acme/USD"));
        Assert.Equal(1_260_000, await trivet.BalanceAsync("revenue/acme/USD"));
        Assert.Equal(630_000, await trivet.BalanceAsync("payable/lab/USD"));
        await trivet.VerifyAsync();
    }

    private static async Task RaceAsync(TrivetProcess[] nodes, string key, int round)
    {
        foreach (var node in nodes)
            await MoneyLab.WaitForKeyAsync(node.Address, key);
        var body = MoneyLab.Chat("lab/sandbox-text-20");

        var statuses = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async i =>
        {
            using var answer = await MoneyLab.AskAsync(nodes[i % nodes.Length].Address, key, body);
            return answer.StatusCode;
        }));

        var counts = string.Join(", ", statuses.GroupBy(status => status).Select(group => $"{group.Key}: {group.Count()}"));
        Assert.True(statuses.Count(status => status == HttpStatusCode.OK) == Covered, $"round {round}: {counts}");
        Assert.True(statuses.Count(status => status is HttpStatusCode.PaymentRequired or HttpStatusCode.TooManyRequests) == Requests - Covered, $"round {round}: {counts}");
    }

    // All that was served is booked, and no allowance is below its limit by a nano-unit.
    private static async Task AssertBooksAsync(TrivetProcess trivet, string database)
    {
        var booked = await MoneyBooks.AttemptsAsync(database);
        for (var tries = 0; booked.Count < Covered * Rounds && tries < 100; tries++)
        {
            await Task.Delay(100, Cancel);
            booked = await MoneyBooks.AttemptsAsync(database);
        }

        Assert.Equal(Covered * Rounds, booked.Count);
        Assert.All(booked, attempt => Assert.Equal(210_000, attempt.ChargedNano));
        Assert.Equal(0, await MoneyBooks.WrongAllowancesAsync(database));
        await trivet.VerifyAsync();
    }

    private static async Task<HttpStatusCode> AskAsync(TrivetProcess trivet, string key)
    {
        using var answer = await MoneyLab.AskAsync(trivet.Address, key, MoneyLab.Chat("lab/sandbox-text-20"));
        return answer.StatusCode;
    }

    private static async Task RunAsync(TrivetProcess trivet, params string[] words)
    {
        await using var verb = await trivet.RunVerbAsync(words);
        Assert.True(verb.ExitCode == 0, verb.Everything);
    }

    // A machine that does much else is slow, and whoever waits is not to give up for that.
    private static string Config(Uri sandbox) => $"limits: {{ wait: 60s }}\n{new TrivetYaml().Chat("lab", sandbox, "sk-lab", MoneyLab.Price)}";

    private static async Task<string> ConfigFileAsync(TempFolder folder, Uri sandbox, string? database = null)
    {
        var file = folder.File("trivet.yaml");
        await File.WriteAllTextAsync(file, (database is null ? "" : $"database: {database}\n") + Config(sandbox), Cancel);
        return file;
    }
}
