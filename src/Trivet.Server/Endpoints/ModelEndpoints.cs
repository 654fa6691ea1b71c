using System.Buffers;
using System.Globalization;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Server.Security;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Server.Endpoints;

/// <summary>What models there are, in OpenAI's shape, or in Anthropic's for clients that send its version header.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var snapshots = services.GetRequiredService<SnapshotHolder>();
        var keys = services.GetRequiredService<KeySnapshotHolder>();
        var time = services.GetRequiredService<TimeProvider>();

        app.MapGet("/v1/models", context => AnswerAsync(context, null));
        app.MapGet("/models", context => AnswerAsync(context, null));
        app.MapGet("/v1/models/{**id}", context => AnswerAsync(context, (string?)context.Request.RouteValues["id"]));
        app.MapGet("/v1beta/models", context => AnswerAsync(context, null));
        app.MapGet("/v1beta/models/{**id}", context => AnswerAsync(context, (string?)context.Request.RouteValues["id"]));

        async Task AnswerAsync(HttpContext context, string? id)
        {
            var protocol = ProtocolOf(context.Request);
            if (id is not null && GeminiPaths.IsMethod(id))
            {
                await ProtocolErrors.RefuseMethodAsync(context, Protocol.Gemini, HttpMethods.Post);
                return;
            }

            var output = new ArrayBufferWriter<byte>(4096);
            if (keys.Current.Authenticate(PresentedKeys.Find(context.Request), time.GetUtcNow().ToUnixTimeMilliseconds(), out var key) != KeyVerdict.Accepted)
            {
                await ProtocolErrors.WriteAsync(context, protocol, new Failure(FailureKind.ClientKeyRefused));
                return;
            }

            var listings = snapshots.Current.Models.Where(model => key!.Allows(model.Id)).Select(Listing).ToList();
            if (id is null)
            {
                if (protocol == Protocol.AnthropicMessages)
                    WriteAnthropicPage(context.Request, listings, output);
                else if (protocol == Protocol.Gemini)
                    WriteGeminiPage(context.Request, listings, output);
                else
                    OpenAIChatModels.Write(listings, output);
            }
            else if (Find(snapshots.Current, listings, GeminiPaths.Decode(id)) is { } found)
            {
                if (protocol == Protocol.AnthropicMessages)
                    AnthropicMessagesModels.WriteOne(found, output);
                else if (protocol == Protocol.Gemini)
                    GeminiModels.WriteOne(found, output);
                else
                    OpenAIChatModels.WriteOne(found, output);
            }
            else
            {
                await ProtocolErrors.WriteAsync(context, protocol, new Failure(FailureKind.ClientModelUnknown) { Detail = $"It was '{id}'." });
                return;
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = output.WrittenCount;
            await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
        }
    }

    /// <summary>Whose client asks, where the path does not say it: Anthropic's send their version header, Google's a key in their own place.</summary>
    public static Protocol ProtocolOf(HttpRequest request)
    {
        if (request.Headers.ContainsKey("anthropic-version"))
            return Protocol.AnthropicMessages;
        var isGoogles = request.Path.StartsWithSegments("/v1beta") || request.Headers.ContainsKey("x-goog-api-key") || request.Headers.ContainsKey("x-goog-api-client") || request.Query.ContainsKey("key");
        return isGoogles ? Protocol.Gemini : Protocol.OpenAIChat;
    }

    // 'after_id' and 'before_id' name the model beside the page. Without 'limit' all are told: Anthropic's own default of 20 would hide models from clients that ask once.
    private static void WriteAnthropicPage(HttpRequest request, List<ModelListing> listings, ArrayBufferWriter<byte> output)
    {
        var size = int.TryParse(request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : listings.Count;
        if (IndexOf(request.Query["before_id"]) is var before and >= 0)
        {
            var first = Math.Max(0, before - size);
            AnthropicMessagesModels.Write(listings.GetRange(first, before - first), output, hasMore: first > 0);
            return;
        }

        var from = IndexOf(request.Query["after_id"]) + 1;
        var count = Math.Min(size, listings.Count - from);
        AnthropicMessagesModels.Write(listings.GetRange(from, count), output, hasMore: from + count < listings.Count);

        int IndexOf(string? id) => id is null ? -1 : listings.FindIndex(listing => string.Equals(listing.Id, id, StringComparison.Ordinal));
    }

    // The token of a page is where it begins.
    private static void WriteGeminiPage(HttpRequest request, List<ModelListing> listings, ArrayBufferWriter<byte> output)
    {
        var size = int.TryParse(request.Query["pageSize"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : listings.Count;
        var from = int.TryParse(request.Query["pageToken"], NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? Math.Min(token, listings.Count) : 0;
        var count = Math.Min(size, listings.Count - from);
        GeminiModels.Write(listings.GetRange(from, count), output, from + count < listings.Count ? (from + count).ToString(CultureInfo.InvariantCulture) : null);
    }

    // A name that only a pattern takes is a model too, though no list can hold it.
    private static ModelListing? Find(GatewaySnapshot snapshot, List<ModelListing> listings, string id) =>
        listings.Find(listing => string.Equals(listing.Id, id, StringComparison.Ordinal))
        ?? (snapshot.TryResolve(id, out var route) ? new ModelListing(id, id, route.Candidates[0].Upstream.Vendor, 0) : null);

    private static ModelListing Listing(ListedModel model) => new(model.Id, model.DisplayName, model.OwnedBy, model.Created.ToUnixTimeSeconds());
}
