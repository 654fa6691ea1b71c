using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Storage;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>The database away under load, with three nodes, and a spool without room. A whole minute: <c>TRIVET_MONEY_OUTAGE_SECONDS=60</c>.</summary>
public sealed class OutageTests
{
    private static readonly int AwaySeconds = int.TryParse(Environment.GetEnvironmentVariable("TRIVET_MONEY_OUTAGE_SECONDS"), out var seconds) ? seconds : 10;

    /// <summary>Room for the slots (2 MiB) and two segments (8 MiB each), and no third.</summary>
    private const int SpoolMegabytes = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_database_is_away_requests_go_on_from_leases_then_are_refused_clearly_and_nothing_is_lost()
    {
        await using var cluster = new PostgresCluster();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { LogEntriesMax = 1_000_000 }, Cancel);
        using var folder = new TempFolder();
        var database = await cluster.NewDatabaseAsync();
        var file = Config(folder, sandbox.Address, database);
        await using var first = await TrivetProcess.ServeAsync(file, folder.File("data1"));
        await using var second = await TrivetProcess.ServeAsync(file, folder.File("data2"));
        await using var third = await TrivetProcess.ServeAsync(file, folder.File("data3"));
        Uri[] nodes = [first.Address, second.Address, third.Address];
        var free = first.Key;
        var roomy = await first.KeyAsync("roomy", "--budget", "1000USD");
        var tight = await first.KeyAsync("tight", "--budget", "0.15USD");
        foreach (var node in nodes)
        {
            await MoneyLab.WaitForKeyAsync(node, roomy);
            await MoneyLab.WaitForKeyAsync(node, tight);
        }

        // The roomy key has a budget for weeks; the tight one for about 1,500 requests, of which its leases cover a part.
        var loads = new Dictionary<string, MoneyLoad>
        {
            ["free"] = new(nodes, free, "free", 1, TimeSpan.FromMilliseconds(50)),
            ["roomy"] = new(nodes, roomy, "roomy", 2, TimeSpan.FromMilliseconds(50)),
        };
        await Task.Delay(3000, Cancel);
        loads["tight"] = new(nodes, tight, "tight", 2, TimeSpan.Zero);
        Assert.True(await UntilAsync(() => loads["tight"].All.Count >= 150, seconds: 60), loads["tight"].Count(""));

        await PhaseAsync(loads, "away", cluster.StopServerAsync, AwaySeconds);
        await PhaseAsync(loads, "returning", cluster.StartServerAsync, 3);
        await PhaseAsync(loads, "back", () => Task.CompletedTask, 3);
        foreach (var load in loads.Values)
            await load.StopAsync();

        foreach (var name in new[] { "free", "roomy" })
            Assert.True(loads[name].All.All(answer => answer.Status == 200), $"{name}: {loads[name].Count("")} | {loads[name].Count("away")} | {loads[name].Count("returning")} | {loads[name].Count("back")}");
        var away = loads["tight"].Of("away");
        var told = loads["tight"].Count("away");
        Assert.True(away[0].Status == 200 && away.Any(answer => answer.Status == 503), told);
        Assert.True(away.All(answer => answer.Status == 200 || answer is { Status: 503, Code: "gateway_cannot_reserve", HasRetryAfter: true }), told);
        Assert.True(loads["tight"].Of("back").All(answer => answer.Status is 200 or 402 or 429), loads["tight"].Count("back"));
        Assert.Contains(loads["tight"].All.Where(answer => answer.Phase is "returning" or "back"), answer => answer.Status == 200);

        var booked = await MoneyBooks.AssertEqualAsync(sandbox, database);
        Assert.Equal(loads.Values.Sum(load => load.All.Count(answer => answer.Status == 200)), booked);
        Assert.Equal(0, await MoneyBooks.WrongAllowancesAsync(database));
        await first.VerifyAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"{AwaySeconds} s without PostgreSQL: no budget {loads["free"].Count("away")}; roomy {loads["roomy"].Count("away")}; tight {told}; {booked} attempts booked, each once");
    }

    [Fact]
    public async Task A_spool_without_room_refuses_admission_clearly_and_loses_nothing()
    {
        await using var cluster = new PostgresCluster();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { LogEntriesMax = 1_000_000 }, Cancel);
        using var folder = new TempFolder();
        var database = await cluster.NewDatabaseAsync();
        await using var disk = await SmallDisk.MountAsync(folder.File("data/spool"), SpoolMegabytes);
        await using var trivet = await TrivetProcess.ServeAsync(Config(folder, sandbox.Address, database), folder.File("data"));
        await cluster.StopServerAsync();

        var load = new MoneyLoad([trivet.Address], trivet.Key, "full", 16, TimeSpan.Zero) { Phase = "filling" };
        var isFull = await UntilAsync(() => load.Of("filling").Any(answer => answer.Status != 200), seconds: 240);
        load.Phase = "full";
        await Task.Delay(1000, Cancel);
        load.Phase = "draining";
        await cluster.StartServerAsync();
        var isBack = isFull && await UntilAsync(() => load.Of("draining").Count(answer => answer.Status == 200) > 100, seconds: 60);
        await load.StopAsync();

        Assert.True(isFull, "the spool did not fill up: " + load.Count("filling"));
        Assert.True(isBack, load.Count("draining"));
        Assert.All(load.All.Where(answer => answer.Status != 200), answer => Assert.Equal((503, "gateway_cannot_book", true), (answer.Status, answer.Code, answer.HasRetryAfter)));
        Assert.DoesNotContain(load.Of("full"), answer => answer.Status == 200);
        Assert.Contains("No new requests are admitted", trivet.Process.Everything, StringComparison.Ordinal);
        Assert.Equal(load.All.Count(answer => answer.Status == 200), await MoneyBooks.AssertEqualAsync(sandbox, database));
        await trivet.VerifyAsync();
        TestContext.Current.SendDiagnosticMessage($"{SpoolMegabytes} MB of spool: filling {load.Count("filling")}; full {load.Count("full")}; draining {load.Count("draining")}");
    }

    private static async Task PhaseAsync(Dictionary<string, MoneyLoad> loads, string name, Func<Task> begin, int seconds)
    {
        // What is asked while it changes belongs to the phase that is worse.
        if (name == "away")
            await begin();
        foreach (var load in loads.Values)
            load.Phase = name;
        if (name != "away")
            await begin();
        await Task.Delay(TimeSpan.FromSeconds(seconds), Cancel);
    }

    private static async Task<bool> UntilAsync(Func<bool> condition, int seconds)
    {
        for (var tries = 0; tries < seconds * 10; tries++)
        {
            if (condition())
                return true;
            await Task.Delay(100, Cancel);
        }

        return false;
    }

    private static string Config(TempFolder folder, Uri sandbox, string database)
    {
        var file = folder.File("trivet.yaml");
        File.WriteAllText(file, $"database: {database}\n{new TrivetYaml().Chat("lab", sandbox, "sk-lab", MoneyLab.Price)}");
        return file;
    }
}
