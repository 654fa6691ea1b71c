using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Trivet.Sandbox.Http;
using Trivet.Sandbox.Protocols;
using Trivet.Sandbox.Protocols.AnthropicMessages;
using Trivet.Sandbox.Protocols.Gemini;
using Trivet.Sandbox.Protocols.OpenAIChat;
using Trivet.Sandbox.Protocols.OpenAIResponses;

namespace Trivet.Sandbox;

/// <summary>Starts sandboxes: scripted vendors that speak real protocols, for tests, demos and benchmarks. Nothing here is a model.</summary>
public static class SandboxServer
{
    internal static readonly ChatProtocol Chat = new();
    internal static readonly MessagesProtocol Messages = new();
    internal static readonly GeminiProtocol Gemini = new();

    /// <summary>Starts one and returns when it listens.</summary>
    public static async Task<SandboxHost> StartAsync(SandboxOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var state = new SandboxState(options);
        // There is no appsettings.json, and waiting for one to change would mean to watch every folder below the working directory.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(SandboxServer).Assembly.GetName().Name, Args = ["--hostBuilder:reloadConfigOnChange=false"] });

        // Its own process-wide configuration (ASPNETCORE_URLS and the like) must not move a sandbox that runs inside another program.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(EndPointOf(options.Listen));
        });
        var app = builder.Build();
        app.Use((http, next) =>
        {
            http.Response.Headers.Server = "sandbox";
            return next(http);
        });
        Map(app, state);
        await app.StartAsync(cancellation);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new SandboxHost(app, state, new Uri(address));
    }

    private static void Map(IEndpointRouteBuilder app, SandboxState state)
    {
        // It keeps responses, so each sandbox has its own.
        var responses = new ResponsesProtocol();

        // With and without /v1: base URLs of vendors differ in that.
        foreach (var prefix in (ReadOnlySpan<string>)["", "/v1"])
        {
            Serve(app, state, prefix + "/chat/completions", Chat);
            Serve(app, state, prefix + "/responses", responses);
            Serve(app, state, prefix + "/responses/input_tokens", responses, isCount: true);
            app.MapGet(prefix + "/responses", (RequestDelegate)SandboxEndpoints.NoWebSocketAsync);
            app.MapGet(prefix + "/models", (RequestDelegate)(http => ModelEndpoints.ListAsync(state, http)));
            app.MapGet(prefix + "/models/{**id}", (RequestDelegate)(http => ModelEndpoints.GetAsync(state, http, (string)http.GetRouteValue("id")!)));
        }

        Serve(app, state, "/v1/messages", Messages);
        Serve(app, state, "/v1/messages/count_tokens", Messages, isCount: true);

        foreach (var version in (ReadOnlySpan<string>)["/v1beta", "/v1"])
        {
            app.MapPost(version + "/models/{**target}", (RequestDelegate)(http => GeminiAsync(state, http)));
        }

        app.MapGet("/v1beta/models", (RequestDelegate)(http => ModelEndpoints.ListGeminiAsync(state, http)));
        app.MapGet("/v1beta/models/{**id}", (RequestDelegate)(http => ModelEndpoints.GetGeminiAsync(state, http, (string)http.GetRouteValue("id")!)));

        foreach (var (path, write) in AccountEndpoints.All)
        {
            app.MapGet(path, (RequestDelegate)(http => AccountEndpoints.AnswerAsync(state, http, write)));
        }

        foreach (var path in (ReadOnlySpan<string>)["/", "/api/hello"])
        {
            app.MapMethods(path, ["GET", "HEAD"], (RequestDelegate)(http => SandboxEndpoints.HelloAsync(state, http)));
        }

        app.MapGet("/sandbox/log", (RequestDelegate)(http => SandboxEndpoints.LogAsync(state, http)));
        app.MapDelete("/sandbox/log", (RequestDelegate)(http => SandboxEndpoints.ClearLogAsync(state, http)));
        app.MapPost("/sandbox/script", (RequestDelegate)(http => SandboxEndpoints.PushScriptAsync(state, http)));
        app.MapPost("/sandbox/answers", (RequestDelegate)(http => SandboxEndpoints.PushAnswersAsync(state, http)));
        app.MapDelete("/sandbox/script", (RequestDelegate)(http => SandboxEndpoints.ClearScriptsAsync(state, http)));
        app.MapGet("/sandbox/state", (RequestDelegate)(http => SandboxEndpoints.StateAsync(state, http)));
        app.MapDelete("/sandbox/state", (RequestDelegate)(http => SandboxEndpoints.ResetAsync(state, http)));
        app.MapFallback((RequestDelegate)(http => SandboxEndpoints.NotFoundAsync(state, http)));
    }

    private static void Serve(IEndpointRouteBuilder app, SandboxState state, string path, IProtocol protocol, bool isCount = false) =>
        app.MapPost(path, (RequestDelegate)(http => new Exchange(state, protocol, http, isCount).RunAsync()));

    private static Task GeminiAsync(SandboxState state, HttpContext http) => GeminiPath.Split(http.Request).Method switch
    {
        "generateContent" or "streamGenerateContent" => new Exchange(state, Gemini, http, isCount: false).RunAsync(),
        "countTokens" => new Exchange(state, Gemini, http, isCount: true).RunAsync(),
        _ => SandboxEndpoints.NotFoundAsync(state, http),
    };

    private static IPEndPoint EndPointOf(Uri listen)
    {
        if (listen.Scheme != "http")
        {
            throw new ArgumentException($"A sandbox listens on http only, not on {listen}.", nameof(listen));
        }

        var address = listen.Host is "localhost" or "" ? IPAddress.Loopback : IPAddress.Parse(listen.Host.Trim('[', ']'));
        return new IPEndPoint(address, listen.Port);
    }

    /// <summary>Leaves Ctrl+C to the program around the sandbox.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
