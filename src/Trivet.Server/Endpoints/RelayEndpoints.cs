using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary>The doors for generation: each hands the request to the relay and does nothing else.</summary>
internal static class RelayEndpoints
{
    public static void MapRelay(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var relay = services.GetRequiredService<RelayPipeline>();
        var counting = services.GetRequiredService<TokenCounting>();
        var snapshots = services.GetRequiredService<SnapshotHolder>();
        var keys = services.GetRequiredService<KeySnapshotHolder>();

        Map("/v1/chat/completions", Protocol.OpenAIChat);
        Map("/chat/completions", Protocol.OpenAIChat);
        foreach (var prefix in (string[])["/v1", ""])
        {
            Map(prefix + "/completions", Protocol.OpenAIChat, RelayOperation.Complete);
            Map(prefix + "/fim/completions", Protocol.OpenAIChat, RelayOperation.Complete); // Mistral's name for it
            Map(prefix + "/embeddings", Protocol.OpenAIChat, RelayOperation.Embed);
        }

        Map("/beta/completions", Protocol.OpenAIChat, RelayOperation.Complete); // DeepSeek's
        Map("/v1/responses", Protocol.OpenAIResponses);
        Map("/responses", Protocol.OpenAIResponses);
        app.MapGet("/v1/responses", (RequestDelegate)ResponsesSocket.RefuseAsync);
        app.MapGet("/responses", (RequestDelegate)ResponsesSocket.RefuseAsync);
        Map("/v1/messages", Protocol.AnthropicMessages);
        app.MapPost("/v1/messages/count_tokens", context => counting.RunAsync(new ClientExchange(context), Protocol.AnthropicMessages, snapshots.Current, keys.Current));

        GeminiPaths.Map(app, relay, counting, snapshots, keys);

        void Map(string path, Protocol protocol, RelayOperation operation = RelayOperation.Converse) =>
            app.MapPost(path, (RequestDelegate)(context => relay.RunAsync(new ClientExchange(context), protocol, snapshots.Current, keys.Current, operation: operation)));
    }
}
