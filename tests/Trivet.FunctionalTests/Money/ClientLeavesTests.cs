using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>A client that drops the connection before the usage chunk pays for what was served all the same.</summary>
public sealed class ClientLeavesTests
{
    private const int Tokens = 400;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses")]
    public async Task It_is_billed_within_two_per_cent_of_what_the_upstream_served_wherever_it_leaves(string upstream)
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var config = new TrivetYaml()
            .Chat("chat", sandbox.Address, "sk-lab", MoneyLab.Price).Messages("messages", sandbox.Address, "sk-lab", MoneyLab.Price).Responses("responses", sandbox.Address, "sk-lab", MoneyLab.Price);
        await using var trivet = await TrivetProcess.ServeAsync(config.WriteTo(folder), folder.File("data"));

        // One that stays to the end: from it the gateway learns how this upstream counts.
        await LeaveAsync(trivet, upstream, leaveAfter: int.MaxValue);
        foreach (var leaveAfter in (int[])[0, 1, 2, 10, 50, 150, 300, 399])
        {
            var request = await LeaveAsync(trivet, upstream, leaveAfter);
            var attempt = (await trivet.TraceAsync(request)).At("attempts")[0];
            var served = await ServedAsync(sandbox);
            var due = (served.Usage!.InputTokens * 1000L) + (served.TokensSent * 10_000L);

            var billed = attempt.Number("cost_nano");
            Assert.True(Math.Abs(billed - due) <= Math.Max(due * 2 / 100, 30_000), $"left after {leaveAfter}: billed {billed}, served {due} ({served.TokensSent} tokens)");
            Assert.True(served.TokensSent >= Tokens || attempt.At("estimated").ValueKind == JsonValueKind.True, "an estimate says so");
        }

        await trivet.VerifyAsync();
    }

    private static async Task<string> LeaveAsync(TrivetProcess trivet, string upstream, int leaveAfter)
    {
        using var answer = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat($"{upstream}/sandbox-text-{Tokens}@slow:tps=250", stream: true), headersOnly: true);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        for (var events = 0; events < leaveAfter && await reader.ReadLineAsync(Cancel) is { } line;)
        {
            if (line.Contains("\"content\":\"", StringComparison.Ordinal) && !line.Contains("\"content\":\"\"", StringComparison.Ordinal))
                events++;
        }

        return answer.Headers.GetValues("x-trivet-request-id").Single();
    }

    private static async Task<SandboxLogEntry> ServedAsync(SandboxHost sandbox)
    {
        for (var tries = 0; ; tries++)
        {
            var last = sandbox.Log.All().Last(entry => entry.Model?.StartsWith("sandbox-text", StringComparison.Ordinal) == true);
            if (last.IsFinished || tries == 100)
                return last;
            await Task.Delay(50, Cancel);
        }
    }
}
