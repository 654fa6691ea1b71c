using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Relay;

public sealed class GeminiFormatTests
{
    private readonly GeminiFormat _format = new();

    [Theory]
    [InlineData("gemini-2.5-pro", "none", """{"thinkingBudget":128}""")]
    [InlineData("gemini-2.5-flash", "none", """{"thinkingBudget":0}""")]
    [InlineData("gemini-2.5-flash-lite-preview", "max", """{"includeThoughts":true,"thinkingBudget":24576}""")]
    [InlineData("gemini-2.5-pro", "max", """{"includeThoughts":true,"thinkingBudget":32768}""")]
    [InlineData("gemini-3-pro-preview", "medium", """{"includeThoughts":true,"thinkingLevel":"HIGH"}""")]
    [InlineData("gemini-3.1-pro-preview", "medium", """{"includeThoughts":true,"thinkingLevel":"MEDIUM"}""")]
    [InlineData("gemini-3.5-flash", "none", """{"thinkingLevel":"MINIMAL"}""")]
    [InlineData("gemini-2.0-flash", "high", null)]
    public void Each_of_googles_models_is_asked_to_think_in_its_own_way(string model, string effort, string? expected)
    {
        var written = Write(model, $$"""{"model":"m","reasoning_effort":"{{effort}}","messages":[{"role":"user","content":"u"}]}""", new LossList());
        Wire.JsonMeaning.AssertSame(expected is null ? null : JsonNode.Parse(expected), written["generationConfig"]!["thinkingConfig"], model);
    }

    [Fact]
    public void What_a_model_of_google_refuses_is_not_sent_to_it()
    {
        const string body = """{"model":"m","messages":[{"role":"user","content":"u"}],"frequency_penalty":1,"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_object"}}""";
        var (old, young) = (new LossList(), new LossList());

        Assert.Equal(["maxOutputTokens"], Write("gemini-2.5-flash", body.Replace("\"model\"", "\"max_tokens\":5,\"model\"", StringComparison.Ordinal), old)["generationConfig"]!.AsObject().Select(field => field.Key));
        Assert.Equal(["frequencyPenalty", "responseMimeType"], Write("gemini-3.5-flash", body, young)["generationConfig"]!.AsObject().Select(field => field.Key));
        Assert.Equal("frequency_penalty, ~response_format", string.Join(", ", old.ToString().Split(", ").Order()));
        Assert.True(young.IsEmpty, young.ToString());
    }

    [Fact]
    public void A_body_that_passes_through_keeps_every_byte()
    {
        var body = Encoding.UTF8.GetBytes("""{ "contents":[{"parts":[{"text":"x"}]}], "generation_config": {"candidate_count" : 1} }""");
        var (scan, edits) = (new RequestScan(), new PassThroughEdits());
        Assert.True(_format.TryScan(body, scan, out _));
        _format.CollectEdits(body, scan, Google("gemini-2.5-pro"), edits);
        Assert.True(edits.IsEmpty);
    }

    [Fact]
    public void A_google_cache_is_refused_where_the_upstream_is_not_google()
    {
        var body = Encoding.UTF8.GetBytes("""{"contents":[{"parts":[{"text":"x"}]}],"cachedContent":"cachedContents/1"}""");
        var scan = new RequestScan();
        Assert.True(_format.TryScan(body, scan, out _));
        Assert.StartsWith("capability_rejected:", _format.VendorStateRefusal(body, scan)!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_becomes_one_array_with_keep_alives_as_white_space_and_an_error_as_its_last_element()
    {
        using var array = new ArrayOutput();
        var text = new StringBuilder();
        foreach (var piece in (string[])["\r\n\r\n", "data: {\"a\":1}\r\n\r\ndata: {\"b\"", ":2}\r\n\r\n", ": comment\n\n", "data: {\"error\":{\"code\":500}}\r\n\r\n"])
            text.Append(Encoding.UTF8.GetString(array.Turn(Encoding.UTF8.GetBytes(piece)).Span));
        text.Append(Encoding.UTF8.GetString(array.End().Span));

        Wire.JsonMeaning.AssertSame(JsonNode.Parse("""[{"a":1},{"b":2},{"error":{"code":500}}]"""), JsonNode.Parse(text.ToString()), "array");
    }

    [Fact]
    public void A_stream_of_nothing_is_an_empty_array()
    {
        using var array = new ArrayOutput();
        Assert.Equal("[]", Encoding.UTF8.GetString(array.End().Span));
    }

    [Fact]
    public void A_tuned_model_stands_in_its_own_collection()
    {
        var endpoint = new EndpointConfig(Protocol.Gemini, new Uri("https://x.example/v1beta"), AuthScheme.XGoogApiKey);
        Assert.Equal("https://x.example/v1beta/tunedModels/a:generateContent", endpoint.UrlFor("tunedModels/a", false).OriginalString);
    }

    private static JsonObject Write(string model, string chat, LossList losses)
    {
        Assert.True(OpenAIChatRequestReader.TryRead(Encoding.UTF8.GetBytes(chat), out var request, out var error), error?.Message);
        var output = new ArrayBufferWriter<byte>();
        new GeminiFormat().WriteRequest(request!, Google(model), output, losses);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    private static Offering Google(string model)
    {
        var profile = VendorProfiles.Get("google");
        return new Offering(new UpstreamConfig { Name = "google", Profile = profile, Endpoints = profile.Sites[0].Endpoints }, model);
    }
}
