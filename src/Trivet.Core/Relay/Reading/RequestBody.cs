using System.Buffers;
using System.IO.Pipelines;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Load;

namespace Trivet.Core.Relay.Reading;

/// <summary>Reads a client's body once into the call's pooled buffer, where every attempt finds it again.</summary>
internal static class RequestBody
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async ValueTask<Failure?> ReadAsync(RelayCall call, TimeProvider time)
    {
        if (call.Client.Header("content-type") is { Length: > 0 } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase) && !IsCurls(type))
            return new Failure(FailureKind.ClientMediaType) { Detail = $"It was '{ResponseHeaders.Ascii(type)}'." };
        var bytesMax = call.Snapshot.Config.Limits.BodyBytesMax;
        if (call.Client.ContentLength > bytesMax)
            return new Failure(FailureKind.ClientBodyTooLarge);
        if (call.Client.ContentLength > LoadGate.SmallBodyBytes && !TryHold(call, call.Client.ContentLength.Value))
            return new Failure(FailureKind.GatewayOverloaded);
        if (call.Client.ContentLength is > 0 and var length)
            call.Body.Expect((int)length);
        var reader = call.Client.Body;
        try
        {
            // Most bodies are here with the headers: then no timer is made.
            if (reader.TryRead(out var first))
            {
                Take(call, reader, first);
                if (call.Body.Length > bytesMax)
                    return new Failure(FailureKind.ClientBodyTooLarge);
                if (first.IsCompleted || call.Body.Length == call.Client.ContentLength)
                    return null;
            }

            using var patience = new CancellationTokenSource(Patience, time);
            while (true)
            {
                var result = await reader.ReadAsync(patience.Token);
                Take(call, reader, result);
                if (call.Body.Length > bytesMax)
                    return new Failure(FailureKind.ClientBodyTooLarge);
                if (call.Body.Length > Math.Max(call.BodyBytesHeld, LoadGate.SmallBodyBytes) && !TryHold(call, Math.Min(bytesMax, call.Body.Length * 2L)))
                    return new Failure(FailureKind.GatewayOverloaded);
                if (result.IsCompleted)
                    return null;
            }
        }
        catch (OperationCanceledException)
        {
            return new Failure(call.Client.Aborted.IsCancellationRequested ? FailureKind.ClientGone : FailureKind.ClientTooSlow);
        }
        catch (IOException exception)
        {
            return new Failure(call.Client.KindOf(exception) ?? FailureKind.ClientGone) { Internal = exception.Message };
        }
    }

    // A body whose length was not said is counted as it comes, by doubling.
    private static bool TryHold(RelayCall call, long bytes)
    {
        if (call.Load?.TryHold(call.Snapshot.Config.Limits, bytes - call.BodyBytesHeld) != false)
        {
            call.BodyBytesHeld = call.Load is null ? 0 : bytes;
            return true;
        }

        return false;
    }

    // What curl says of `-d` where nobody said otherwise; that the body is JSON is seen when it is read.
    private static bool IsCurls(string type) => type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static void Take(RelayCall call, PipeReader reader, in ReadResult result)
    {
        foreach (var segment in result.Buffer)
            call.Body.Write(segment.Span);
        reader.AdvanceTo(result.Buffer.End);
    }
}
