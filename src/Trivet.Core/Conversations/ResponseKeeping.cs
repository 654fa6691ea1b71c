using System.Text.Json;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;

namespace Trivet.Core.Conversations;

/// <summary>Keeps a response when it is complete, as its client gets it.</summary>
internal static class ResponseKeeping
{
    /// <summary>Looks at what is about to be sent. Once the whole response is in it, it is kept: before the client can go on from it.</summary>
    public static void Look(RelayCall call, Attempt attempt)
    {
        if (call.Kept is not { } request || !call.Tap.IsComplete || call.Responses is not { } memory)
            return;
        var body = call.Scan.Stream ? EndOf(call.Held.WrittenMemory) : call.Held.WrittenMemory;
        if (body.IsEmpty)
            return;
        try
        {
            using var json = JsonDocument.Parse(body);
            var response = call.Scan.Stream ? json.RootElement.GetProperty("response") : json.RootElement;
            var config = call.Snapshot.Config.Responses;
            var raw = response.GetRawText();
            if (response.GetProperty("id").GetString() is not { Length: > 0 } id || raw.Length + request.Input.Length > config.BytesMax)
                return;
            var isKept = attempt.IsPassThrough && response.TryGetProperty("store", out var store) && store.ValueKind == JsonValueKind.True;
            memory.Keep(
                new StoredResponse
                {
                    Organisation = call.Key!.Organisation,
                    KeyId = call.Key.Id,
                    Id = id,
                    PreviousId = request.PreviousId,
                    Upstream = isKept ? attempt.Offering.Upstream.Name : "",
                    Input = ResponseItems.AsArray(request.Input),
                    Body = raw,
                    ItemIds = [.. ResponseItems.NamedOutputOf(response).Select(static item => item.Id)],
                    CreatedMs = call.StartedMs,
                    ExpiresMs = call.StartedMs + (long)config.Keep.TotalMilliseconds,
                },
                config);
            call.Kept = null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            call.Kept = null; // an upstream of this protocol may answer what it likes: it passes, and is not kept
        }
    }

    // The data of the event that holds the whole response: the last but for pings. Nothing where it has not come yet.
    private static ReadOnlyMemory<byte> EndOf(ReadOnlyMemory<byte> events)
    {
        var span = events.Span;
        for (var at = span.LastIndexOf("data:"u8); at >= 0; at = span[..at].LastIndexOf("data:"u8))
        {
            if (at > 0 && span[at - 1] is not ((byte)'\n' or (byte)'\r'))
                continue; // within a text
            var line = span[(at + 5)..];
            var end = line.IndexOfAny((byte)'\n', (byte)'\r');
            line = end < 0 ? line : line[..end];
            if (line.IndexOf("\"response.completed\""u8) >= 0 || line.IndexOf("\"response.incomplete\""u8) >= 0)
                return events.Slice(at + 5, line.Length);
        }

        return default;
    }
}
