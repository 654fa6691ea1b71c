using System.Collections.Frozen;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Snapshots;
using Trivet.Core.Sockets;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary>The doors for generation: each hands the request to the relay and does nothing else.</summary>
internal static class RelayEndpoints
{
    private static readonly FrozenDictionary<string, Protocol> Paths = new Dictionary<string, Protocol>
    {
        ["/v1/chat/completions"] = Protocol.OpenAIChat,
        ["/chat/completions"] = Protocol.OpenAIChat,
        ["/v1/responses"] = Protocol.OpenAIResponses,
        ["/responses"] = Protocol.OpenAIResponses,
        ["/v1/messages"] = Protocol.AnthropicMessages,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whose door a path is; where it is none, whose client seems to ask.</summary>
    public static Protocol ProtocolOf(HttpRequest request) => Paths.TryGetValue(request.Path.Value ?? "", out var protocol) ? protocol : ModelEndpoints.ProtocolOf(request);

    /// <summary>The same doors before routing: matching a path to an endpoint costs more than asking which of five it is. Whatever else a path says, routing sees to.</summary>
    /// <param name="app">The host.</param>
    /// <param name="before">What requests pass that the relay has no use for, before they are routed.</param>
    public static void UseRelay(this WebApplication app, Action before)
    {
        var relay = app.Services.GetRequiredService<RelayPipeline>();
        var snapshots = app.Services.GetRequiredService<SnapshotHolder>();
        var keys = app.Services.GetRequiredService<KeySnapshotHolder>();
        app.Use((context, next) => HttpMethods.IsPost(context.Request.Method) && Paths.TryGetValue(context.Request.Path.Value ?? "", out var protocol)
            ? relay.RunAsync(new ClientExchange(context), protocol, snapshots.Current, keys.Current)
            : RouteAsync(context, next));
        before();
        app.UseRouting();
    }

    // Gemini's doors are beyond, with the model in the path; they block as little as the others. What pages and the admin API do may take long.
    private static async Task RouteAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !context.Request.Path.StartsWithSegments("/v1beta"))
            await SocketThreads.LeaveAsync();
        await next(context);
    }

    public static void MapRelay(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var relay = services.GetRequiredService<RelayPipeline>();
        var counting = services.GetRequiredService<TokenCounting>();
        var snapshots = services.GetRequiredService<SnapshotHolder>();
        var keys = services.GetRequiredService<KeySnapshotHolder>();

        foreach (var (path, protocol) in Paths)
            Map(path, protocol);
        foreach (var prefix in (string[])["/v1", ""])
        {
            Map(prefix + "/completions", Protocol.OpenAIChat, RelayOperation.Complete);
            Map(prefix + "/fim/completions", Protocol.OpenAIChat, RelayOperation.Complete); // Mistral's name for it
            Map(prefix + "/embeddings", Protocol.OpenAIChat, RelayOperation.Embed);
        }

        Map("/beta/completions", Protocol.OpenAIChat, RelayOperation.Complete); // DeepSeek's
        app.MapGet("/v1/responses", (RequestDelegate)ResponsesSocket.RefuseAsync);
        app.MapGet("/responses", (RequestDelegate)ResponsesSocket.RefuseAsync);
        app.MapPost("/v1/messages/count_tokens", context => counting.RunAsync(new ClientExchange(context), Protocol.AnthropicMessages, snapshots.Current, keys.Current));

        RefuseOthers("/v1/messages/count_tokens", Protocol.AnthropicMessages);

        GeminiPaths.Map(app, relay, counting, snapshots, keys);

        void Map(string path, Protocol protocol, RelayOperation operation = RelayOperation.Converse)
        {
            app.MapPost(path, (RequestDelegate)(context => relay.RunAsync(new ClientExchange(context), protocol, snapshots.Current, keys.Current, operation: operation)));
            RefuseOthers(path, protocol);
        }

        // A door without a method takes those that no other takes.
        void RefuseOthers(string path, Protocol protocol) => app.Map(path, (RequestDelegate)(context => ProtocolErrors.RefuseMethodAsync(context, protocol, HttpMethods.Post)));
    }
}
