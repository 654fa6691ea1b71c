using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>One request's money, followed with the verbs that people use.</summary>
public sealed class FollowedMoneyTests
{
    // Ten tokens in at 1 USD a million, twenty out at 10.
    private const long CostNano = 210_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_at_an_upstream_that_was_paid_in_advance_is_followed_to_the_last_nano_unit()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var config = new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price + "\nprepaid: true").WriteTo(folder);
        await using var trivet = await TrivetProcess.ServeAsync(config, folder.File("data"));
        await RunAsync(trivet, "orgs", "set", "acme", "--margin", "33.3333%");
        await RunAsync(trivet, "ledger", "pay", "lab", "1USD", "--note", "in advance");
        var key = await trivet.KeyAsync("acme-1", "--org", "acme");
        await MoneyLab.WaitForKeyAsync(trivet.Address, key);

        using var answer = await MoneyLab.AskAsync(trivet.Address, key, MoneyLab.Chat("lab/sandbox-text-20"));
        var request = answer.Headers.GetValues("x-trivet-request-id").Single();
        var billed = CostNano + 70_000; // a third, half to even: 69,999.93 is 70,000

        var shown = await JsonAsync(trivet, "ledger", "show", request, "--json");
        var transfers = shown.At("transfers").EnumerateArray().Select(transfer => $"{transfer.Text("kind")} {transfer.Text("debit")} {transfer.Text("credit")} {transfer.Number("amount_nano")}");
        Assert.Equal([$"charge customer/acme/USD revenue/acme/USD {billed}", $"cost cost/lab/USD prepaid/lab/USD {CostNano}"], transfers.Order(StringComparer.Ordinal));
        Assert.Equal((CostNano, billed), (shown.At("attempts")[0].Number("cost_nano"), shown.At("attempts")[0].Number("charged_nano")));
        Assert.Equal(1_000_000_000 - CostNano, await trivet.BalanceAsync("prepaid/lab/USD"));
        Assert.Equal(0, await trivet.BalanceAsync("payable/lab/USD"));

        var line = Assert.Single(await trivet.UsageAsync("upstream", "lab"));
        Assert.Equal((CostNano, billed, billed - CostNano), (line.Number("cost_nano"), line.Number("charged_nano"), line.Number("margin_nano")));
        var text = await RunAsync(trivet, "ledger", "show", request);
        Assert.Contains("0.000210000 USD", text, StringComparison.Ordinal);
        Assert.Contains("0.000280000 USD", text, StringComparison.Ordinal);
        Assert.Matches("COST +BILLED +MARGIN", await RunAsync(trivet, "usage"));
        await trivet.VerifyAsync();
    }

    private static async Task<JsonElement> JsonAsync(TrivetProcess trivet, params string[] words) => JsonDocument.Parse(await RunAsync(trivet, words)).RootElement;

    private static async Task<string> RunAsync(TrivetProcess trivet, params string[] words)
    {
        await using var verb = await trivet.RunVerbAsync(words);
        Assert.True(verb.ExitCode == 0, verb.Everything);
        return verb.Output;
    }
}
