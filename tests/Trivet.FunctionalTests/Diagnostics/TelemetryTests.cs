using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Diagnostics;

/// <summary>What an operator's tools get to see.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string Key = "sk-trivet-telemetry-canary";
    private const string ClientTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Spans_and_metrics_reach_a_collector_under_the_clients_own_trace_and_without_its_key()
    {
        await using var collector = await Collector.StartAsync();
        await using var trivet = await TrivetProcess.ServeAsync(null, _folder.File("data"), Key, new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        Assert.Equal(HttpStatusCode.OK, await AskAsync(trivet));
        await trivet.Process.TerminateAsync(); // what waits is sent at the end

        var spans = collector.Received("/v1/traces");
        foreach (var name in new[] { "POST /v1/chat/completions", "chat sandbox-echo", "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.usage.input_tokens", "gen_ai.response.model", "trivet.request.id" })
            Assert.Contains(name, spans, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(ClientTrace)), spans, StringComparison.Ordinal);
        Assert.Contains("trivet.attempts", collector.Received("/v1/metrics"), StringComparison.Ordinal);
        foreach (var secret in new[] { "canary", "whisper" })
            Assert.DoesNotContain(secret, spans + collector.Received("/v1/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_count_a_request_and_are_closed_to_whoever_comes_through_a_proxy_without_a_key()
    {
        await using var trivet = await TrivetProcess.ServeAsync(null, _folder.File("data"), Key);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(trivet));
        using var http = new HttpClient { BaseAddress = trivet.Address };
        var text = "";
        for (var tries = 0; tries < 100 && !text.Contains("trivet_requests_total", StringComparison.Ordinal); tries++) // counted just after the client has its answer
            text = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("trivet_requests_total{protocol=\"openai-chat\",outcome=\"ok\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("trivet_attempts_total{upstream=\"sandbox\",gen_ai_request_model=\"sandbox-echo\",outcome=\"ok\"} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);

        http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var refused = await http.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        using var admitted = await http.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
    }

    private static async Task<HttpStatusCode> AskAsync(TrivetProcess trivet)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(trivet.Address, "/v1/chat/completions"));
        request.Headers.Authorization = new("Bearer", trivet.Key);
        request.Headers.Add("traceparent", $"00-{ClientTrace}-00f067aa0ba902b7-01");
        request.Content = new StringContent("""{"model":"sandbox-echo","messages":[{"role":"user","content":"a whisper"}]}""", Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    /// <summary>An OTLP collector as far as these tests need one: keeps what it is sent, as Latin-1 text.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public string Address => _app.Urls.First();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                collector._received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
                context.Response.ContentType = "application/x-protobuf";
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return collector;
        }

        public string Received(string path) => string.Concat(_received.Where(sent => sent.Path == path).Select(sent => sent.Body));

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
