using System.Buffers;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Server.Security;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
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

        async Task AnswerAsync(HttpContext context, string? id)
        {
            var isAnthropic = context.Request.Headers.ContainsKey("anthropic-version");
            var output = new ArrayBufferWriter<byte>(4096);
            if (keys.Current.Authenticate(PresentedKeys.Find(context.Request), time.GetUtcNow().ToUnixTimeMilliseconds(), out var key) != KeyVerdict.Accepted)
            {
                await ProtocolErrors.WriteAsync(context, isAnthropic, new Failure(FailureKind.ClientKeyRefused));
                return;
            }

            var listings = snapshots.Current.Models.Where(model => key!.Allows(model.Id)).Select(Listing).ToList();
            if (id is null)
            {
                if (isAnthropic)
                    AnthropicMessagesModels.Write(listings, output);
                else
                    OpenAIChatModels.Write(listings, output);
            }
            else if (Find(snapshots.Current, listings, id) is { } found)
            {
                if (isAnthropic)
                    AnthropicMessagesModels.WriteOne(found, output);
                else
                    OpenAIChatModels.WriteOne(found, output);
            }
            else
            {
                await ProtocolErrors.WriteAsync(context, isAnthropic, new Failure(FailureKind.ClientModelUnknown) { Detail = $"It was '{id}'." });
                return;
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = output.WrittenCount;
            await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
        }
    }

    // A name that only a pattern takes is a model too, though no list can hold it.
    private static ModelListing? Find(GatewaySnapshot snapshot, List<ModelListing> listings, string id) =>
        listings.Find(listing => string.Equals(listing.Id, id, StringComparison.Ordinal))
        ?? (snapshot.TryResolve(id, out var route) ? new ModelListing(id, id, route.Candidates[0].Upstream.Vendor, 0) : null);

    private static ModelListing Listing(ListedModel model) => new(model.Id, model.DisplayName, model.OwnedBy, model.Created.ToUnixTimeSeconds());
}
