using System.Net;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Money;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Failures;

/// <summary>A node that a service manager stops.</summary>
public sealed class ShutdownTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_runs_ends_as_it_would_have_what_is_new_is_refused_and_all_of_it_is_booked()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, drain: "60s");
        using var running = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat("chat/sandbox-text-60@stall-after=10:ms=4000", stream: true), headersOnly: true);

        var stopping = trivet.Process.TerminateAsync(secondsMax: 90);
        using var refused = await RefusedAsync(trivet);
        var whole = await running.Content.ReadAsStringAsync(Cancel);
        await stopping;

        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.True(refused.Headers.ConnectionClose);
        Assert.Contains("gateway_stopping", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", whole, StringComparison.Ordinal);
        Assert.Equal(0, trivet.Process.ExitCode);
        var line = Assert.Single(await trivet.UsageAsync("model", "sandbox-text-60"));
        Assert.Equal((1, 0, 60), (line.Number("attempts"), line.Number("estimated"), line.Number("output_text_tokens")));
        await trivet.VerifyAsync();
    }

    [Fact]
    public async Task What_does_not_end_in_time_is_ended_with_an_error_and_booked()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await ServeAsync(sandbox, folder, drain: "500ms");
        using var running = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat("chat/sandbox-text-60@stall-after=30:ms=600000", stream: true), headersOnly: true);

        await trivet.Process.TerminateAsync(secondsMax: 90);

        Assert.Contains("gateway_stopping", await running.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(0, trivet.Process.ExitCode);
        var line = Assert.Single(await trivet.UsageAsync("model", "sandbox-text-60"));
        Assert.Equal((1, 1), (line.Number("attempts"), line.Number("estimated")));
        Assert.InRange(line.Number("output_text_tokens"), 27, 33);
        await trivet.VerifyAsync();
    }

    private static Task<TrivetProcess> ServeAsync(SandboxHost sandbox, TempFolder folder, string drain)
    {
        var file = folder.File("trivet.yaml");
        File.WriteAllText(file, $"{new TrivetYaml().Chat("chat", sandbox.Address, "sk-lab", MoneyLab.Price)}limits: {{ drain: {drain} }}\n");
        return TrivetProcess.ServeAsync(file, folder.File("data"));
    }

    // Served until the signal has arrived, refused from then on.
    private static async Task<HttpResponseMessage> RefusedAsync(TrivetProcess trivet)
    {
        while (true)
        {
            var answer = await MoneyLab.AskAsync(trivet.Address, trivet.Key, MoneyLab.Chat("chat/sandbox-echo"));
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                return answer;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }
}
