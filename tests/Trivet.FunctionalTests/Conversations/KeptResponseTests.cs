using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>Clients go on from responses at upstreams that keep none, and ask for them again.</summary>
public sealed class KeptResponseTests(HopRig rig) : IClassFixture<HopRig>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = rig.Trivet.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", rig.Trivet.Key) } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Upstreams => new(HopRig.Upstreams.SelectMany(upstream => (ValueTuple<string, bool>[])[(upstream.Name, true), (upstream.Name, false)]));

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task A_conversation_goes_on_from_a_response_at_any_upstream(string upstream, bool stream)
    {
        var model = $"hop-{upstream}-kept-{stream}";
        var first = await CreateAsync(model, new JsonObject { ["input"] = "[[say My name is Ada Lovelace.]]", ["instructions"] = "Speak like a pirate." }, stream);
        var second = await CreateAsync(model, new JsonObject { ["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "[[say It still is.]]" }), ["previous_response_id"] = Id(first) }, stream);
        var third = await CreateAsync(model, new JsonObject { ["input"] = "And now?", ["previous_response_id"] = Id(second) }, stream);
        Assert.Equal(3, new[] { first, second, third }.Select(Id).Distinct().Count());

        using var sandbox = rig.SandboxOf(upstream);
        var bodies = (await sandbox.SeenAsync($"kept-{stream}")).Where(entry => entry.Status == 200).Select(entry => entry.Body.GetRawText()).ToList();
        if (upstream == "openai")
        {
            Assert.Contains(bodies, body => body.Contains($"\"previous_response_id\":\"{Id(second)}\"", StringComparison.Ordinal) && !body.Contains("Ada", StringComparison.Ordinal)); // it keeps them itself
            return;
        }

        var last = bodies.Last(body => body.Contains("And now?", StringComparison.Ordinal));
        var said = (string[])["say My name is Ada Lovelace.", "My name is Ada Lovelace.", "say It still is.", "It still is.", "And now?"];
        var at = 0;
        foreach (var words in said)
            Assert.True((at = last.IndexOf(words, at, StringComparison.Ordinal)) >= 0, $"'{words}' is missing or out of order in {last}");
        Assert.DoesNotContain("pirate", last, StringComparison.Ordinal); // instructions are not inherited
    }

    [Fact]
    public async Task A_conversation_moves_from_the_vendor_that_keeps_it_to_one_that_does_not()
    {
        var first = await CreateAsync("hop-openai-moved", new JsonObject { ["input"] = "[[say My name is Ada Lovelace.]]" }, stream: false);
        await CreateAsync("hop-claude-moved", new JsonObject { ["input"] = "And now?", ["previous_response_id"] = Id(first) }, stream: false);
        using var sandbox = rig.SandboxOf("claude");
        Assert.Contains("My name is Ada Lovelace.", (await sandbox.SeenAsync("moved")).Single(entry => entry.Protocol == "anthropic-messages").Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_loop_goes_on_by_previous_response_id_with_thoughts_restored()
    {
        foreach (var upstream in HopRig.Upstreams)
        {
            var tools = JsonNode.Parse("""[{"type":"function","name":"Read","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]""")!;
            JsonObject Body(JsonNode input) => new() { ["input"] = input, ["tools"] = tools.DeepClone(), ["reasoning"] = new JsonObject { ["effort"] = "high" } };
            var first = await CreateAsync($"hop-{upstream.Name}-loop", Body("[[think I must look]] [[tool Read {\"path\":\"a.txt\"}]]\n[[say done]]"), stream: false);
            var call = first["output"]!.AsArray().Single(item => item!["type"]!.GetValue<string>() == "function_call")!;
            var next = Body(new JsonArray(new JsonObject { ["type"] = "function_call_output", ["call_id"] = call["call_id"]!.GetValue<string>(), ["output"] = "words" }));
            next["previous_response_id"] = Id(first);
            var second = await CreateAsync($"hop-{upstream.Name}-loop", next, stream: true);
            Assert.Equal("done", TextOf(second));
        }
    }

    /// <summary>As the Vercel AI SDK goes on unless told not to store.</summary>
    [Fact]
    public async Task Items_that_are_named_by_their_ids_are_said_in_full()
    {
        foreach (var upstream in HopRig.Upstreams)
        {
            var tools = JsonNode.Parse("""[{"type":"function","name":"Read","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]""")!;
            JsonObject Body(JsonNode input) => new() { ["input"] = input, ["tools"] = tools.DeepClone(), ["reasoning"] = new JsonObject { ["effort"] = "high" } };
            var task = new JsonObject { ["role"] = "user", ["content"] = "[[think I must look]] [[tool Read {\"path\":\"a.txt\"}]]\n[[say done]]" };
            var first = await CreateAsync($"hop-{upstream.Name}-named", Body(new JsonArray(task.DeepClone())), stream: true);
            var output = first["output"]!.AsArray();
            var input = new JsonArray([task, .. output.Select(item => new JsonObject { ["type"] = "item_reference", ["id"] = item!["id"]!.GetValue<string>() })]);
            var call = output.Single(item => item!["type"]!.GetValue<string>() == "function_call")!;
            input.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = call["call_id"]!.GetValue<string>(), ["output"] = "words" });
            Assert.Equal("done", TextOf(await CreateAsync($"hop-{upstream.Name}-named", Body(input), stream: true)));
        }
    }

    [Fact]
    public async Task An_item_that_nobody_knows_is_refused_by_name()
    {
        using var response = await PostAsync("hop-claude-unknown", new JsonObject { ["input"] = JsonNode.Parse("""[{"type":"item_reference","id":"rs_0123456789abcdef0123456789abcdef00"}]""") }, stream: false);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("item_reference", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_response_can_be_read_listed_and_deleted_and_only_by_its_key()
    {
        var first = await CreateAsync("hop-deepseek-list", new JsonObject { ["input"] = "[[say one]]" }, stream: true);
        var second = await CreateAsync("hop-deepseek-list", new JsonObject { ["input"] = "[[say two]]", ["previous_response_id"] = Id(first) }, stream: false);
        var read = JsonNode.Parse(await _http.GetStringAsync($"/v1/responses/{Id(second)}", Cancel))!;
        Assert.True(JsonNode.DeepEquals(second, read));
        var items = JsonNode.Parse(await _http.GetStringAsync($"/v1/responses/{Id(second)}/input_items?order=asc", Cancel))!;
        Assert.Equal(["user", "assistant", "user"], items["data"]!.AsArray().Select(item => item!["role"]!.GetValue<string>()));
        var page = JsonNode.Parse(await _http.GetStringAsync($"/v1/responses/{Id(second)}/input_items?limit=1", Cancel))!;
        Assert.Equal(("[[say two]]", true), (page["data"]![0]!["content"]![0]!["text"]!.GetValue<string>(), page["has_more"]!.GetValue<bool>()));

        var deleted = JsonNode.Parse(await (await _http.DeleteAsync(new Uri($"/v1/responses/{Id(first)}", UriKind.Relative), Cancel)).Content.ReadAsStringAsync(Cancel))!;
        Assert.True(deleted["deleted"]!.GetValue<bool>());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri($"/v1/responses/{Id(first)}", UriKind.Relative), Cancel)).StatusCode);
        using var stranger = new HttpRequestMessage(HttpMethod.Get, new Uri(rig.Trivet.Address, $"/v1/responses/{Id(second)}"));
        stranger.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await OtherKeyAsync());
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(stranger, Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_not_kept_cannot_be_gone_on_from()
    {
        var unkept = await CreateAsync("hop-deepseek-unkept", new JsonObject { ["input"] = "[[say one]]", ["store"] = false }, stream: false);
        foreach (var id in (string[])[Id(unkept), "resp_never"])
        {
            using var response = await PostAsync("hop-deepseek-unkept", new JsonObject { ["input"] = "x", ["previous_response_id"] = id }, stream: false);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!;
            Assert.Equal(("previous_response_not_found", "previous_response_id", "invalid_request_error"), (error["code"]!.GetValue<string>(), error["param"]!.GetValue<string>(), error["type"]!.GetValue<string>()));
        }
    }

    [Theory]
    [InlineData("background", "true")]
    [InlineData("conversation", "\"conv_1\"")]
    public async Task State_that_no_upstream_of_the_route_keeps_is_refused_by_name(string field, string value)
    {
        using var response = await PostAsync("hop-claude-state", new JsonObject { ["input"] = "x", [field] = JsonNode.Parse(value) }, stream: false);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(field, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    public void Dispose() => _http.Dispose();

    private static string Id(JsonNode response) => response["id"]!.GetValue<string>();

    private static string TextOf(JsonNode response) =>
        string.Concat(response["output"]!.AsArray().Where(item => item!["type"]!.GetValue<string>() == "message").SelectMany(item => item!["content"]!.AsArray()).Select(part => part!["text"]!.GetValue<string>()));

    private async Task<string> OtherKeyAsync()
    {
        var made = await rig.Trivet.RunVerbAsync("keys", "create", $"other-{Guid.NewGuid():N}", "--json");
        var key = JsonNode.Parse(made.Output)!["key"]!.GetValue<string>();
        await Task.Delay(1500, Cancel); // the running server takes it up within a second
        return key;
    }

    private async Task<HttpResponseMessage> PostAsync(string model, JsonObject body, bool stream)
    {
        (body["model"], body["stream"]) = (model, stream);
        return await _http.PostAsync(new Uri("/v1/responses", UriKind.Relative), new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), Cancel);
    }

    private async Task<JsonNode> CreateAsync(string model, JsonObject body, bool stream)
    {
        using var response = await PostAsync(model, body, stream);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{model}: {text}");
        if (!stream)
            return JsonNode.Parse(text)!;
        var data = text.ReplaceLineEndings("\n").Split('\n').Single(line => line.StartsWith("data:", StringComparison.Ordinal) && line.Contains("\"response.completed\"", StringComparison.Ordinal));
        return JsonNode.Parse(data[5..])!["response"]!;
    }
}
