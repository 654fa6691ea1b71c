using System.Globalization;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Formats;

namespace Trivet.Core.Relay.Answers;

/// <summary>Tells a client that its request failed, in its own protocol.</summary>
internal static class ErrorAnswer
{
    public static async ValueTask WriteAsync(RelayCall call, Failure failure)
    {
        if (failure.Kind == FailureKind.ClientGone)
            return;
        await call.Output.EnterAsync(TimeProvider.System);
        try
        {
            call.Held.Clear();
            if (call.Output.IsOpen)
            {
                // A keep-alive opened the stream: the status is out, so the error goes into the stream.
                call.Format.WriteStreamError(failure.ToWireError(), call.RequestId, StreamPlace.Start, call.Held);
            }
            else if (call.UpstreamErrorBody is { } verbatim && failure.TellsUpstreamsWords && failure.UpstreamStatus == verbatim.Status)
            {
                Open(call, verbatim);
                await call.Output.WriteAsync(verbatim.Body, call.Client.Aborted);
                return;
            }
            else
            {
                Render(call, failure);
            }

            await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted);
            call.Held.Clear();
        }
        finally
        {
            call.Output.Exit();
        }
    }

    private static void Open(RelayCall call, VerbatimError verbatim)
    {
        ResponseHeaders.Set(call, null, null);
        foreach (var (name, value) in verbatim.Headers)
            call.Client.SetHeader(name, value);
        call.Output.Open(verbatim.Status, verbatim.ContentType, verbatim.Body.Length);
    }

    private static void Render(RelayCall call, Failure failure)
    {
        var error = failure.ToWireError();
        call.Format.WriteError(error, call.RequestId, call.Held);
        ResponseHeaders.Set(call, null, null);
        if (failure.RetryAfter is { } wait)
            call.Client.SetHeader("retry-after", Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
        else if (error.Status == 503)
            call.Client.SetHeader("retry-after", "1");
        if (failure.Kind == FailureKind.GatewayStopping)
            call.Client.SetHeader("connection", "close"); // the next request is for another node
        call.Output.Open(error.Status, "application/json", call.Held.Length);
    }
}
