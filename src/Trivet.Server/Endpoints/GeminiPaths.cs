using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary>
/// <c>POST /v1beta/models/{model}:{method}</c>, and the same under <c>/v1</c>, where @google/genai 3 asks. A model's name may hold slashes and colons; the
/// method stands behind the last colon.
/// </summary>
internal static class GeminiPaths
{
    public static void Map(IEndpointRouteBuilder app, RelayPipeline relay, TokenCounting counting, SnapshotHolder snapshots, KeySnapshotHolder keys)
    {
        foreach (var version in (string[])["v1beta", "v1"])
        {
            app.MapPost($"/{version}/models/{{**call}}", context => RunAsync(context, ""));
            app.MapPost($"/{version}/tunedModels/{{**call}}", context => RunAsync(context, "tunedModels/"));
        }

        Task RunAsync(HttpContext context, string collection)
        {
            var call = (string?)context.Request.RouteValues["call"] ?? "";
            var colon = call.LastIndexOf(':');
            if (call.Length == 0)
                return ProtocolErrors.RefuseMethodAsync(context, ModelEndpoints.ProtocolOf(context.Request), HttpMethods.Get); // the list of models
            var (model, method) = colon < 0 ? (call, "") : (Decode(call[..colon]), call[(colon + 1)..]);
            StreamForm? form = method switch
            {
                "generateContent" => StreamForm.Whole,
                "streamGenerateContent" => IsEvents(context.Request) ? StreamForm.Events : StreamForm.Array,
                _ => null,
            };
            var client = new ClientExchange(context);
            if (form is { } known)
                return relay.RunAsync(client, Protocol.Gemini, snapshots.Current, keys.Current, new PathTarget(collection + model, known));
            if (method == "countTokens")
                return counting.RunAsync(client, Protocol.Gemini, snapshots.Current, keys.Current, new PathTarget(collection + model, StreamForm.Whole));
            return ProtocolErrors.WriteAsync(context, Protocol.Gemini, new Failure(FailureKind.ClientPathUnknown) { Detail = $"There is no method '{method}': generateContent, streamGenerateContent and countTokens are served." });
        }
    }

    /// <summary>A model's name from a path: slashes may be escaped in it, and it may be given as a resource.</summary>
    public static string Decode(string name)
    {
        var decoded = name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase); // the only escape that the server leaves
        return decoded.StartsWith("models/", StringComparison.Ordinal) ? decoded["models/".Length..] : decoded;
    }

    /// <summary>A model and what is to be done with it, which is asked by POST.</summary>
    public static bool IsMethod(string call) => call[(call.LastIndexOf(':') + 1)..] is "generateContent" or "streamGenerateContent" or "countTokens" && call.Contains(':', StringComparison.Ordinal);

    private static bool IsEvents(HttpRequest request) => request.Query["alt"] == "sse" || request.Query["$alt"] == "sse";
}
