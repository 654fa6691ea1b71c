using System.Buffers;
using System.Globalization;
using Trivet.Core.Conversations;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Server.Security;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary>Kept responses, for clients of OpenAI's protocol.</summary>
internal static class ResponseEndpoints
{
    public static void MapResponses(this IEndpointRouteBuilder app)
    {
        var queries = app.ServiceProvider.GetRequiredService<ResponseQueries>();
        var snapshots = app.ServiceProvider.GetRequiredService<SnapshotHolder>();
        var keys = app.ServiceProvider.GetRequiredService<KeySnapshotHolder>();
        var time = app.ServiceProvider.GetRequiredService<TimeProvider>();

        foreach (var root in (string[])["/v1/responses", "/responses"])
        {
            app.MapGet(root + "/{id}", context => AnswerAsync(context, (key, id, output) => queries.GetAsync(key, id, output, context.RequestAborted)));
            app.MapDelete(root + "/{id}", context => AnswerAsync(context, (key, id, output) => queries.DeleteAsync(key, id, snapshots.Current.Config.Responses, output, context.RequestAborted)));
            app.MapGet(root + "/{id}/input_items", context => AnswerAsync(context, (key, id, output) => queries.ListItemsAsync(
                key, id, context.Request.Query["order"], context.Request.Query["after"], int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null, output, context.RequestAborted)));
            app.MapPost(root + "/{id}/cancel", context => AnswerAsync(context, static (_, id, _) => new(NotCancellable(id))));
        }

        async Task AnswerAsync(HttpContext context, Func<KeyEntry, string, IBufferWriter<byte>, ValueTask<Failure?>> ask)
        {
            var output = new ArrayBufferWriter<byte>(1024);
            var failure = keys.Current.Authenticate(PresentedKeys.Find(context.Request), time.GetUtcNow().ToUnixTimeMilliseconds(), out var key) == KeyVerdict.Accepted
                ? await ask(key!, (string)context.Request.RouteValues["id"]!, output)
                : new Failure(FailureKind.ClientKeyRefused);
            if (failure is not null)
            {
                await ProtocolErrors.WriteAsync(context, Protocol.OpenAIResponses, failure);
                return;
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = output.WrittenCount;
            await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
        }
    }

    // OpenAI's words for a response that was not made in the background; none here is.
    private static Failure NotCancellable(string id) => new(FailureKind.ClientRequestInvalid)
    {
        Detail = $"Cannot cancel a synchronous response: '{id}'. Only responses created with background=true can be cancelled.",
    };
}
