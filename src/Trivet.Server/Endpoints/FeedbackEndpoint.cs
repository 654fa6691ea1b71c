using System.Buffers;
using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Feedback;
using Trivet.Server.Security;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary><c>POST /v1/feedback</c>: <c>{"request_id": "req_…", "verdict": "up"}</c>, by the key that asked.</summary>
internal static class FeedbackEndpoint
{
    private const string Path = "/v1/feedback";
    private const int BodyBytesMax = 4096;

    public static void MapFeedback(this IEndpointRouteBuilder app)
    {
        var desk = app.ServiceProvider.GetRequiredService<FeedbackDesk>();
        var keys = app.ServiceProvider.GetRequiredService<KeySnapshotHolder>();
        var time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        app.MapPost(Path, (RequestDelegate)(context => TakeAsync(context, desk, keys.Current, time)));
        app.Map(Path, (RequestDelegate)(context => ProtocolErrors.RefuseMethodAsync(context, Protocol.OpenAIChat, HttpMethods.Post)));
    }

    private static async Task TakeAsync(HttpContext context, FeedbackDesk desk, KeySnapshot keys, TimeProvider time)
    {
        var (feedback, failure) = keys.Authenticate(PresentedKeys.Find(context.Request), time.GetUtcNow().ToUnixTimeMilliseconds(), out var key) == KeyVerdict.Accepted
            ? await ReadAsync(context) is var (requestId, verdict)
                ? await desk.TakeAsync(key!, requestId, verdict, context.RequestAborted)
                : (null, new Failure(FailureKind.ClientRequestInvalid) { Detail = """body: it is to be {"request_id": "req_…", "verdict": "up|down|accepted|retried"}.""" })
            : (null, new Failure(FailureKind.ClientKeyRefused));
        if (feedback is null)
        {
            await ProtocolErrors.WriteAsync(context, Protocol.OpenAIChat, failure!);
            return;
        }

        var output = new ArrayBufferWriter<byte>(256);
        await using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("request_id", feedback.RequestId);
            json.WriteString("verdict", FeedbackDesk.Words.First(word => word.Value == feedback.Verdict).Key);
            json.WriteString("offering", feedback.Offering);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
    }

    private static async ValueTask<(string RequestId, string Verdict)?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is null or > BodyBytesMax)
            return null;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("request_id", out var id) && id.ValueKind == JsonValueKind.String
                && root.TryGetProperty("verdict", out var verdict) && verdict.ValueKind == JsonValueKind.String
                ? (id.GetString()!, verdict.GetString()!)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // no JSON, or half a surrogate pair
        }
    }
}
