using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>
/// A client that drops the connection before the usage chunk pays for what was served all the same. The upstream falls silent where the client leaves, or goes on to
/// its end within the grace: what it served is then known to the token, however busy the machine is.
/// </summary>
public sealed class ClientLeavesTests
{
    private const int Tokens = 400;
    private const long InputNano = 1_000;
    private const long OutputNano = 10_000;

    /// <summary>Content events after which it leaves; none: before anything has come but the upstream's headers.</summary>
    private static readonly int[] Points = [0, 1, 2, 10, 50, 150, 300, 399, 400];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    [InlineData("gemini")]
    public async Task It_is_billed_within_two_per_cent_of_what_was_served_wherever_it_leaves_an_upstream_that_says_no_more(string upstream)
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, grace: "200ms");
        await StayAsync(trivet, $"{upstream}/sandbox-text-{Tokens}");

        // Those that leave before any content have no answer yet: they know by the sandbox's log that the upstream is at work.
        await Task.WhenAll(Points.Select(point => LeaveAsync(trivet, sandbox, upstream, Model(point), point)));

        foreach (var (billed, isEstimated, served) in await BilledAsync(trivet, sandbox, [.. Points.Select(Model)]))
        {
            var due = (served.Usage!.InputTokens * InputNano) + (served.TokensSent * OutputNano);
            Assert.True(Math.Abs(billed - due) <= Math.Max(due * 2 / 100, OutputNano * 2), $"{served.Model}: billed {billed}, served {due} ({served.TokensSent} tokens)");
            Assert.True(isEstimated || upstream == "gemini", $"{served.Model}: what nobody reported is an estimate and says so"); // Gemini reports with every event
        }

        await trivet.VerifyAsync();

        static string Model(int point) => point == 0 ? $"sandbox-text-{Tokens}@first-token-ms=600000" : $"sandbox-text-{Tokens}@stall-after={point}:ms=600000";
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    [InlineData("gemini")]
    public async Task It_is_billed_what_the_upstream_reports_where_that_comes_within_the_grace(string upstream)
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, grace: "60s");
        int[] points = [1, 10, 150, 300];

        await Task.WhenAll(points.Select(point => LeaveAsync(trivet, sandbox, upstream, Model(point), point)));

        foreach (var (billed, isEstimated, served) in await BilledAsync(trivet, sandbox, [.. points.Select(Model)]))
        {
            Assert.True(served.IsComplete, $"{served.Model}: it was read to its end");
            Assert.Equal((served.Usage!.InputTokens * InputNano) + (Tokens * OutputNano), billed);
            Assert.False(isEstimated);
        }

        await trivet.VerifyAsync();

        // It pauses where the client leaves, so that the client has left when it goes on.
        static string Model(int point) => $"sandbox-text-{Tokens}@stall-after={point}:ms=1500";
    }

    private static Task<TrivetProcess> ServeAsync(SandboxHost sandbox, TempFolder folder, string grace)
    {
        var config = new TrivetYaml()
            .Chat("chat", sandbox.Address, "sk-lab", MoneyLab.Price).Messages("messages", sandbox.Address, "sk-lab", MoneyLab.Price)
            .Responses("responses", sandbox.Address, "sk-lab", MoneyLab.Price).Gemini("gemini", sandbox.Address, "sk-lab", MoneyLab.Price);
        var file = folder.File("trivet.yaml");
        File.WriteAllText(file, $"{config}limits: {{ grace: {grace} }}\n");
        return TrivetProcess.ServeAsync(file, folder.File("data"));
    }

    // From one that stays to the end the gateway learns how this upstream counts.
    private static async Task StayAsync(TrivetProcess trivet, string model)
    {
        using var answer = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat(model, stream: true));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task LeaveAsync(TrivetProcess trivet, SandboxHost sandbox, string upstream, string model, int leaveAfter)
    {
        var body = MoneyLab.Chat($"{upstream}/{model}", stream: true);
        if (leaveAfter == 0)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var asking = MoneyLab.AskAsync(trivet.Address, trivet.Key, body, leaving.Token, headersOnly: true);
            await WaitForAsync(() => sandbox.Log.All().Any(entry => entry.Model == model && entry.Status == 200));
            await Task.Delay(500, Cancel); // its headers are on their way
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            return;
        }

        using var answer = await MoneyLab.AskAsync(trivet.Address, trivet.Key, body, headersOnly: true);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        for (var events = 0; events < leaveAfter && await reader.ReadLineAsync(Cancel) is { } line;)
        {
            if (line.Contains("\"content\":\"", StringComparison.Ordinal) && !line.Contains("\"content\":\"\"", StringComparison.Ordinal))
                events++;
        }
    }

    private static async Task<List<(long BilledNano, bool IsEstimated, SandboxLogEntry Served)>> BilledAsync(TrivetProcess trivet, SandboxHost sandbox, string[] models)
    {
        await WaitForAsync(() => models.All(model => sandbox.Log.All().Any(entry => entry.Model == model && entry.IsFinished)));
        List<(long, bool, SandboxLogEntry)> billed = [];
        for (var tries = 0; billed.Count < models.Length; tries++)
        {
            Assert.True(tries < 30, $"{billed.Count} of {models.Length} are booked");
            await Task.Delay(250, Cancel);
            var lines = await trivet.UsageAsync("model", $"sandbox-text-{Tokens}@");
            billed = [.. lines.Where(line => models.Contains(line.Text("group"))).Select(line => (line.Number("cost_nano"), line.Number("estimated") > 0, sandbox.Log.All().Single(entry => entry.Model == line.Text("group"))))];
        }

        return billed;
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 1200, "it has not come to pass within a minute");
            await Task.Delay(50, Cancel);
        }
    }
}
