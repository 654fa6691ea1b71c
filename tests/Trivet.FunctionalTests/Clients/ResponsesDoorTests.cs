using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The doors of Responses, asked by hand.</summary>
public sealed class ResponsesDoorTests(Lab lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/responses")]
    [InlineData("/responses")]
    public async Task A_WebSocket_is_refused_so_that_the_client_goes_on_by_POST(string path)
    {
        using var http = new HttpClient { BaseAddress = (await lab.ClientAsync(Target.ViaChat)).Address };
        using var upgrade = new HttpRequestMessage(HttpMethod.Get, path);
        upgrade.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        upgrade.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        upgrade.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        upgrade.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var refused = await http.SendAsync(upgrade, Cancellation);

        Assert.Equal(HttpStatusCode.UpgradeRequired, refused.StatusCode);
        Assert.NotEmpty(refused.Headers.Upgrade);
        Assert.NotEqual("", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetProperty("message").GetString());
        using var plain = await http.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, plain.StatusCode);
        Assert.Equal(["POST"], plain.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("""{"background":true}""", "background")]
    [InlineData("""{"conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"prompt":{"id":"pmpt_1"}}""", "prompt")]
    public async Task State_that_only_the_vendor_could_keep_is_refused_loudly(string field, string named)
    {
        var client = await lab.ClientAsync(Target.ViaMessages);
        using var http = new HttpClient { BaseAddress = client.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", client.Key);
        var body = $$"""{"model":"{{client.Prefix}}chat","input":"Hi",{{field[1..]}}""";
        using var refused = await http.PostAsync("/v1/responses", new StringContent(body, null, "application/json"), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(named, (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
