using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Trivet.Core.Failures;
using Trivet.Wire.Canonical;

namespace Trivet.Server.Endpoints;

/// <summary>
/// Gives the requests that Kestrel refuses before anybody else sees them (headers too large or too slow, no HTTP) an answer in their client's protocol: Kestrel's own
/// has no body. It tells of each in a diagnostic event before it answers, and the listener is its alone, so that nothing else costs more. The answer's own writer does not
/// exist that early: headers go through Kestrel, the body behind them into the connection (HTTP/1 only).
/// </summary>
internal sealed class RejectedRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static DiagnosticListener Listen()
    {
        var listener = new DiagnosticListener("Trivet.Kestrel");
        listener.Subscribe(new RejectedRequests(), static name => name == EventName);
        return listener;
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not IFeatureCollection features || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response || features.Get<IHttpResponseBodyFeature>() is not { } body
            || features.Get<IConnectionTransportFeature>()?.Transport.Output is not { } connection || features.Get<IHttpRequestFeature>()?.Protocol is "HTTP/2" or "HTTP/3")
            return;
        var failure = features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException bad ? Of(bad) : new Failure(FailureKind.ClientRequestInvalid);
        var error = failure.ToWireError();
        var context = new DefaultHttpContext(features);
        var output = ProtocolErrors.Render(ProtocolOf(context.Request), error, context.TraceIdentifier);
        response.StatusCode = error.Status;
        response.Headers.ContentType = "application/json";
        response.Headers.ContentLength = output.WrittenCount;
        response.Headers.Connection = "close";
        if (!body.StartAsync().IsCompletedSuccessfully)
            return;
        connection.Write(output.WrittenSpan);
        _ = connection.FlushAsync().AsTask(); // Kestrel closes the connection behind it
    }

    public void OnCompleted()
    {
        // The listener lives as long as the process.
    }

    public void OnError(Exception error)
    {
        // Listeners report none.
    }

    private static Failure Of(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new Failure(FailureKind.ClientHeadersTooLarge),
        StatusCodes.Status408RequestTimeout => new Failure(FailureKind.ClientTooSlow),
        StatusCodes.Status413PayloadTooLarge => new Failure(FailureKind.ClientBodyTooLarge),
        _ => new Failure(FailureKind.ClientRequestInvalid) { Detail = bad.Message },
    };

    // Its request line may be what could not be read.
    private static Protocol ProtocolOf(HttpRequest request) => request.Path.HasValue ? RelayEndpoints.ProtocolOf(request) : Protocol.OpenAIChat;
}
