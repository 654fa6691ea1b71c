using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Routing;

/// <summary>A gateway before two upstreams of different prices: where requests go under which policy, and whether header, trace and explanation tell the same.</summary>
public sealed class PolicyTests
{
    [Fact]
    public async Task Header_trace_and_explanation_tell_the_same_story()
    {
        using var folder = new TempFolder();
        var (cheap, cheapAddress) = await TrivetProcess.SandboxAsync();
        var (dear, dearAddress) = await TrivetProcess.SandboxAsync();
        await using var first = cheap;
        await using var second = dear;
        var config = Path.Combine(folder.Path, "trivet.yaml");
        await File.WriteAllTextAsync(config, Config(cheapAddress, dearAddress), TestContext.Current.CancellationToken);
        await using var trivet = await TrivetProcess.ServeAsync(config, Path.Combine(folder.Path, "data"));
        using var http = new HttpClient { BaseAddress = trivet.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", trivet.Key);

        var byPrice = await AskAsync(http, null);
        var byRegion = await AskAsync(http, "far");
        var nowhere = await AskAsync(http, "moon");

        Assert.Equal((HttpStatusCode.OK, "cheap"), (byPrice.Status, byPrice.Upstream));
        Assert.StartsWith("cheap: cheap 0.", byPrice.Route, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "dear"), (byRegion.Status, byRegion.Upstream));
        Assert.Contains("out: cheap(regions)", byRegion.Route, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (nowhere.Status, nowhere.Upstream));

        var trace = JsonNode.Parse((await trivet.RunVerbAsync("trace", byPrice.Id, "--json")).Output)!;
        var explained = JsonNode.Parse((await trivet.RunVerbAsync("route", "explain", "work", "--json")).Output)!;
        Assert.Equal(byPrice.Route, (string?)trace["request"]!["route_reason"]);
        Assert.Equal("cheap/sandbox-text-5", (string?)explained["candidates"]![0]!["offering"]);
        Assert.Equal(2, (int)explained["attempts"]!);

        var replay = JsonNode.Parse((await trivet.RunVerbAsync("route", "replay", "work", "--policy", "far", "--json")).Output)!;
        Assert.Equal((2, 0), ((int)replay["requests"]!, (int)replay["refused"]!));
        Assert.Equal(("dear/sandbox-text-5", 2), ((string?)replay["offerings"]![0]!["offering"], (int)replay["offerings"]![0]!["becomes"]!));

        Assert.Equal(HttpStatusCode.OK, await SayAsync(http, byPrice.Id, "up"));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync(http, byPrice.Id, "splendid"));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync(http, "req_nobody", "up"));
        http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, await SayAsync(http, byPrice.Id, "up"));
        using var read = await http.GetAsync(new Uri("/v1/feedback", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, read.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Upstream, string Route, string Id)> AskAsync(HttpClient http, string? policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative))
        {
            Content = new StringContent("""{"model":"work","messages":[{"role":"user","content":"Hello."}]}""", Encoding.UTF8, "application/json"),
        };
        if (policy is not null)
            request.Headers.Add("x-trivet-policy", policy);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, Header("x-trivet-upstream"), Header("x-trivet-route"), Header("x-trivet-request-id"));

        string Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Concat(values) : "";
    }

    private static async Task<HttpStatusCode> SayAsync(HttpClient http, string id, string verdict)
    {
        using var content = new StringContent($$"""{"request_id":"{{id}}","verdict":"{{verdict}}"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/v1/feedback", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static string Config(Uri cheap, Uri dear) => string.Create(CultureInfo.InvariantCulture, $$"""
        policies:
          far: { floors: { regions: [far] }, when_none: refuse }
          moon: { floors: { regions: [moon] }, when_none: refuse }
        upstreams:
          - { name: dear, vendor: custom, keys: [k], region: far, models: [sandbox-text-5], endpoints: { openai-chat: "{{dear}}v1" }, price: { currency: USD, per_million: { input: 3, output: 15 } } }
          - { name: cheap, vendor: custom, keys: [k], region: near, models: [sandbox-text-5], endpoints: { openai-chat: "{{cheap}}v1" }, price: { currency: USD, per_million: { input: 1, output: 4 } } }
        routes:
          - { model: work, policy: cheap, candidates: [{ upstream: dear, model: sandbox-text-5 }, { upstream: cheap, model: sandbox-text-5 }] }
        """);
}
