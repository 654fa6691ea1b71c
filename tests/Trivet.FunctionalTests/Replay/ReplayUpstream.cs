using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>
/// A vendor that answers with what was recorded, byte for byte. The name of the model says which case is asked for, so that any number of them can be
/// asked for side by side. It knows no protocol and keeps what it was sent.
/// </summary>
internal sealed class ReplayUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ReplayCase> _cases = new(StringComparer.Ordinal);
    private int _number;

    private ReplayUpstream(WebApplication app)
    {
        _app = app;
    }

    public Uri Address { get; private set; } = null!;

    public static async Task<ReplayUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        var upstream = new ReplayUpstream(builder.Build());
        upstream._app.Run(upstream.AnswerAsync);
        await upstream._app.StartAsync();
        upstream.Address = new Uri(upstream._app.Urls.First());
        return upstream;
    }

    /// <summary>Makes a model that answers with the exchange, its stream cut as told.</summary>
    public ReplayCase Stage(Exchange exchange, Chopping chopping = Chopping.Whole)
    {
        var staged = new ReplayCase($"{exchange.Id}.{Interlocked.Increment(ref _number)}", exchange, chopping);
        _cases[staged.Model] = staged;
        return staged;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var path = context.Request.Path.Value!;
        var model = path.Contains("/model/", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(path.Split('/')[^2])
            : path.Contains("/models/", StringComparison.Ordinal)
            ? path[(path.IndexOf("/models/", StringComparison.Ordinal) + "/models/".Length)..path.LastIndexOf(':')]
            : JsonNode.Parse(body.ToArray())?["model"]?.GetValue<string>() ?? "";
        if (!_cases.TryGetValue(model, out var staged))
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot; // nothing that the gateway could take for a vendor's word
            await context.Response.WriteAsync($"no case is staged as '{model}'", context.RequestAborted);
            return;
        }

        staged.Requests.Enqueue(new ReplayedRequest(context.Request.Path, body.ToArray(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        var exchange = staged.Exchange;
        context.Response.StatusCode = exchange.Status;
        context.Response.ContentType = exchange.ResponseHeaders.GetValueOrDefault("content-type") ?? (exchange.Sse is null ? "application/json" : "text/event-stream");
        foreach (var name in (string[])["retry-after", "retry-after-ms", "x-should-retry", "request-id", "x-request-id", "x-amzn-errortype"])
        {
            if (exchange.ResponseHeaders.TryGetValue(name, out var value))
                context.Response.Headers[name] = value;
        }

        if ((exchange.Sse ?? exchange.EventStream) is { } stream)
            await StreamAsync(context, stream, staged);
        else
            await context.Response.Body.WriteAsync(exchange.ResponseBody, context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, byte[] sse, ReplayCase staged)
    {
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        var random = new Random(Encoding.UTF8.GetByteCount(staged.Exchange.Id) * 7919 + sse.Length);
        for (var at = 0; at < sse.Length;)
        {
            var length = staged.Chopping switch
            {
                Chopping.Whole => sse.Length,
                Chopping.Bytes => 1,
                _ => random.Next(1, 400),
            };
            length = Math.Min(length, sse.Length - at);
            await context.Response.Body.WriteAsync(sse.AsMemory(at, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            at += length;
        }
    }
}

/// <summary>How a recorded stream is cut on its way.</summary>
internal enum Chopping
{
    Whole,
    Random,
    Bytes,
}

/// <summary>One recorded exchange under a model name of its own.</summary>
internal sealed record ReplayCase(string Model, Exchange Exchange, Chopping Chopping)
{
    public ConcurrentQueue<ReplayedRequest> Requests { get; } = new();
}

/// <summary>A request as it arrived at the upstream.</summary>
internal sealed record ReplayedRequest(string Path, byte[] Body, IReadOnlyDictionary<string, string> Headers);
