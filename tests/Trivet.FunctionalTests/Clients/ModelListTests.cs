using System.Net.Http.Json;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The model lists, asked by hand.</summary>
public sealed class ModelListTests(Lab lab)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_in_Anthropics_shape_put_together_are_the_whole_list()
    {
        var (whole, hasMore) = await PageAsync("");
        Assert.False(hasMore);
        Assert.True(whole.Count > 1);

        List<string> paged = [];
        do
        {
            var (page, more) = await PageAsync(paged.Count == 0 ? "?limit=1" : $"?limit=1&after_id={paged[^1]}");
            Assert.Single(page);
            paged.AddRange(page);
            hasMore = more;
        }
        while (hasMore);

        Assert.Equal(whole, paged);
        Assert.Equal(whole[..^1], (await PageAsync($"?before_id={whole[^1]}")).Ids);
    }

    private async Task<(List<string> Ids, bool HasMore)> PageAsync(string query)
    {
        var client = await lab.ClientAsync(Target.ViaMessages);
        using var http = new HttpClient { BaseAddress = client.Address };
        http.DefaultRequestHeaders.Add("x-api-key", client.Key);
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var list = await http.GetFromJsonAsync<JsonElement>("/v1/models" + query, Cancellation);
        return ([.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)], list.GetProperty("has_more").GetBoolean());
    }
}
