using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Talks;
using SseFrame = Trivet.FunctionalTests.Replay.Meaning.SseFrame;

namespace Trivet.Benchmarks.Parties;

internal enum Outcome
{
    /// <summary>All of the answer, legal to its end.</summary>
    Whole,

    /// <summary>An error that a client of the protocol understands as one.</summary>
    ClearError,

    /// <summary>Neither: cut, hanging, illegal, or a part of the answer that passes for all of it.</summary>
    Wrong,
}

/// <summary>
/// A reply as a client understands it. The reading is that of the conformance clients, the grammar that of the replay tests: neither shares code
/// with Trivet's own readers and writers.
/// </summary>
internal sealed record View(Reply Reply, Outcome Outcome, string Why, Heard? Heard)
{
    /// <summary>Reads a reply to a request whose whole answer is known beforehand.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="protocol">Whose client reads it.</param>
    /// <param name="stream">A stream was asked for.</param>
    /// <param name="incomplete">What keeps it from being the whole answer.</param>
    /// <param name="passed">It came from an upstream of the same protocol: Chat's end marker, which vendors leave out, is then the vendor's to send (docs/faults.md). Null: it did not.</param>
    public static View Of(Reply reply, IClient protocol, bool stream, Func<Heard, string?> incomplete, Func<Heard, bool>? passed = null)
    {
        if (reply.Broken is { } broken)
            return new View(reply, Outcome.Wrong, broken, null);
        if (reply.Status != 200)
            return OfError(reply, protocol);
        try
        {
            return stream ? OfStream(reply, protocol, incomplete, passed) : OfWhole(reply, protocol, incomplete);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or KeyNotFoundException)
        {
            return new View(reply, Outcome.Wrong, $"cannot be read: {e.Message}", null);
        }
    }

    private static View OfError(Reply reply, IClient protocol)
    {
        JsonNode? body = null;
        try
        {
            body = JsonNode.Parse(reply.Body);
        }
        catch (JsonException)
        {
            // Told below, as no envelope.
        }

        var (fault, message) = protocol.ReadError(reply.Status, body);
        return fault is null
            ? new View(reply, Outcome.ClearError, $"{reply.Status} {message.Trim()}", null)
            : new View(reply, Outcome.Wrong, $"status {reply.Status} with an error that is none of its protocol: {fault}", null);
    }

    private static View OfWhole(Reply reply, IClient protocol, Func<Heard, string?> incomplete)
    {
        if (JsonNode.Parse(reply.Body) is not JsonObject body)
            return new View(reply, Outcome.Wrong, "not an object", null);
        var heard = protocol.ReadWhole(body);
        return heard.Error is { } error ? new View(reply, Outcome.Wrong, $"an error in a 200: {error}", heard) : Judged(reply, heard, heard.Faults, incomplete);
    }

    private static View OfStream(Reply reply, IClient protocol, Func<Heard, string?> incomplete, Func<Heard, bool>? passed)
    {
        var heard = protocol.ReadStream(reply.Body);
        var frames = SseFrame.ReadAll(reply.Text);
        if (frames.Count == 0)
            return new View(reply, Outcome.Wrong, "a stream without events", heard);
        IReadOnlyList<string> illegal = protocol.Name switch
        {
            "openai-chat" => ChatLegality.Check(frames, wantsUsage: true),
            "openai-responses" => ResponsesLegality.Check(frames),
            "anthropic-messages" => MessagesLegality.Check(frames),
            _ => GeminiLegality.Check(frames),
        };
        if (heard.Error is null)
            return Judged(reply, heard, [.. heard.Faults.Concat(illegal).Where(fault => fault != ChatLegality.NoEndMarker || passed?.Invoke(heard) != true)], incomplete);
        return illegal.Count > 0 ? new View(reply, Outcome.Wrong, $"illegal before its error: {illegal[0]}", heard)
            : heard.Error.Length == 0 ? new View(reply, Outcome.Wrong, "an error event without a message", heard)
            : new View(reply, Outcome.ClearError, $"in the stream: {heard.Error}", heard);
    }

    private static View Judged(Reply reply, Heard heard, IReadOnlyList<string> illegal, Func<Heard, string?> incomplete) =>
        illegal.Count > 0 ? new View(reply, Outcome.Wrong, $"illegal: {illegal[0]}", heard)
        : incomplete(heard) is { } missing ? new View(reply, Outcome.Wrong, missing, heard)
        : new View(reply, Outcome.Whole, "", heard);
}
