using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Clients;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Failures;

/// <summary>An upstream's process is killed while it serves: before headers and before content the next candidate answers, later the client is told.</summary>
public sealed class KilledUpstreamTests(Lab lab, FailoverRig rig) : IClassFixture<FailoverRig>
{
    private static readonly string[] Protocols = ["chat", "messages"];

    public static TheoryData<string, string> Pairs => new(Protocols.SelectMany(c => Protocols.Select(u => (c, u))));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Pairs))]
    public Task Killed_before_headers_the_next_candidate_answers(string client, string upstream) => NextAnswersAsync(client, upstream, "before-headers");

    [Theory]
    [MemberData(nameof(Pairs))]
    public Task Killed_before_content_the_next_candidate_answers(string client, string upstream) => NextAnswersAsync(client, upstream, "before-content");

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Killed_in_mid_stream_another_candidate_finishes_the_answer(string client, string upstream)
    {
        var trivet = await rig.TrivetAsync();
        using var http = Http(trivet);
        var model = LabModel.Of($"{upstream}-mid-stream-", "x");

        var (body, requestId) = await KillInMidStreamAsync(http, client, model);

        var served = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag));
        Assert.Equal(served.Text, TextOf(client, body));
        Assert.Contains(client == "chat" ? "data: [DONE]" : "event: message_stop", body, StringComparison.Ordinal);
        Assert.Equal(1, Occurrences(body, client == "chat" ? "\"role\"" : "event: message_start"));
        Assert.Contains(": x-trivet-continued: steady-", body, StringComparison.Ordinal);
        var attempts = (await trivet.TraceAsync(requestId)).At("attempts").Lines();
        Assert.Equal(2, attempts.Count);
        Assert.NotEqual("", attempts[0].Text("failure"));
        Assert.True(attempts[0].Number("output_text_tokens") > 0, "what was served before the end is booked");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Killed_in_mid_stream_with_nobody_left_the_client_gets_an_error_of_its_protocol(string client, string upstream)
    {
        var trivet = await rig.TrivetAsync();
        using var http = Http(trivet);
        var model = LabModel.Of($"{upstream}-alone-slow-", "x");

        var (body, requestId) = await KillInMidStreamAsync(http, client, model);

        AssertErrorInStream(client, body);
        var attempts = (await trivet.TraceAsync(requestId)).At("attempts").Lines();
        Assert.All(attempts, attempt => Assert.NotEqual("", attempt.Text("failure")));
        Assert.True(attempts[0].Number("output_text_tokens") > 0, "what was served before the end is booked");
        Assert.Equal(attempts.Count, (await trivet.UsageAsync("model", model.Tag)).Sum(l => l.Number("attempts")));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task With_nobody_left_the_client_gets_an_error_of_its_protocol(string client, string upstream)
    {
        var trivet = await rig.TrivetAsync();
        using var http = Http(trivet);
        var model = LabModel.Of($"{upstream}-alone-", "x");

        using var response = await http.SendAsync(Ask(client, model.Name), Cancellation);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;

        Assert.InRange((int)response.StatusCode, 502, 504);
        Assert.NotEqual("", error.At("error").Text("message"));
        Assert.Equal(client == "messages" ? "error" : "", error.Text("type"));
        var trace = await trivet.TraceAsync(RequestId(response));
        Assert.NotEmpty(trace.At("attempts").Lines());
        Assert.All(trace.At("attempts").Lines(), a => Assert.NotEqual("", a.Text("failure")));
        Assert.Equal((long)response.StatusCode, trace.At("request").Number("status"));
    }

    private async Task<(string Body, string RequestId)> KillInMidStreamAsync(HttpClient http, string client, LabModel model)
    {
        var (mortal, _) = await TrivetProcess.SandboxAsync(rig.MortalPort);
        await using var owned = mortal;
        using var response = await http.SendAsync(Ask(client, model.Name), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        var body = new StringBuilder();
        while (TextOf(client, body.ToString()).Length == 0)
        {
            body.Append(await reader.ReadLineAsync(Cancellation) ?? throw new InvalidOperationException($"the stream ended without content:\n{body}")).Append('\n');
        }

        mortal.Kill();
        body.Append(await reader.ReadToEndAsync(Cancellation));
        return (body.ToString(), RequestId(response));
    }

    private async Task NextAnswersAsync(string client, string upstream, string stage)
    {
        var trivet = await rig.TrivetAsync();
        var (mortal, address) = await TrivetProcess.SandboxAsync(rig.MortalPort);
        await using var _ = mortal;
        using var atMortal = new SandboxClient(address);
        using var http = Http(trivet);
        var model = LabModel.Of($"{upstream}-{stage}-", "x");

        var pending = http.SendAsync(Ask(client, model.Name), HttpCompletionOption.ResponseContentRead, Cancellation);
        Assert.Single(await atMortal.SeenAsync(model.Tag, finished: false));
        mortal.Kill();
        using var response = await pending;
        var body = await response.Content.ReadAsStringAsync(Cancellation);

        var served = Assert.Single(await lab.Sandbox.SeenAsync(model.Tag));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(served.Text, TextOf(client, body));
        Assert.Contains(client == "chat" ? "data: [DONE]" : "event: message_stop", body, StringComparison.Ordinal);
        Assert.Equal(1, Occurrences(body, client == "chat" ? "\"role\"" : "event: message_start"));
        await AssertBookedAsync(trivet, RequestId(response), model, upstream, served);
    }

    private static async Task AssertBookedAsync(TrivetProcess trivet, string requestId, LabModel model, string upstream, SeenRequest served)
    {
        var trace = await trivet.TraceAsync(requestId);
        var attempts = trace.At("attempts").Lines();
        Assert.True(attempts.Count >= 2, $"{attempts.Count} attempts");
        Assert.All(attempts.SkipLast(1), a => Assert.Equal($"mortal-{upstream}", a.Text("upstream"))); // it may be asked once more before it is given up
        Assert.All(attempts.SkipLast(1), a => Assert.NotEqual("", a.Text("failure")));
        Assert.Equal($"steady-{upstream}", attempts[^1].Text("upstream"));
        Assert.Equal("", attempts[^1].Text("failure"));
        Assert.Equal(served.Usage!.InputTotal, attempts[^1].Number("input_uncached_tokens"));
        Assert.Equal(served.Usage.OutputTotal, attempts[^1].Number("output_text_tokens"));
        Assert.Equal(attempts.Count, trace.At("request").Number("attempts"));

        var usage = await trivet.UsageAsync("model", model.Tag);
        Assert.Equal(attempts.Count, usage.Sum(l => l.Number("attempts")));
        Assert.Equal(attempts.Count - 1, usage.Sum(l => l.Number("failed")));
    }

    private static HttpClient Http(TrivetProcess trivet)
    {
        var http = new HttpClient { BaseAddress = trivet.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", trivet.Key);
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        return http;
    }

    private static HttpRequestMessage Ask(string client, string model) => new(HttpMethod.Post, client == "chat" ? "/v1/chat/completions" : "/v1/messages")
    {
        Content = new StringContent(
            JsonSerializer.Serialize(new { model, max_tokens = 500, stream = true, messages = new[] { new { role = "user", content = "Go" } } }), Encoding.UTF8, "application/json"),
    };

    private static string RequestId(HttpResponseMessage response) => response.Headers.GetValues("x-trivet-request-id").Single();

    private static string TextOf(string client, string body)
    {
        var text = new StringBuilder();
        foreach (var line in body.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var data = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            text.Append(client == "chat"
                ? data.At("choices").Lines().Select(c => c.At("delta").Text("content")).FirstOrDefault()
                : data.Text("type") == "content_block_delta" ? data.At("delta").Text("text") : "");
        }

        return text.ToString();
    }

    private static void AssertErrorInStream(string client, string body)
    {
        var events = body.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l["data: ".Length..]).RootElement).ToList();
        Assert.True(events[^1].At("error").ValueKind == JsonValueKind.Object, $"the last event is no error:\n{body}");
        Assert.NotEqual("", events[^1].At("error").Text("message"));
        Assert.Single(events, e => e.At("error").ValueKind == JsonValueKind.Object);
        if (client == "messages")
        {
            Assert.Equal("error", events[^1].Text("type"));
            Assert.Equal(1, Occurrences(body, "event: error"));
            Assert.DoesNotContain("message_stop", body, StringComparison.Ordinal);
        }
    }

    private static int Occurrences(string body, string text) => body.Split(text).Length - 1;
}
