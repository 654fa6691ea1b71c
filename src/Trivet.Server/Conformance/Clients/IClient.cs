using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>
/// A client of one protocol, written by hand from the vendor's documents and sharing nothing with the code that it judges: makes requests, reads answers.
/// </summary>
internal interface IClient
{
    /// <summary>The protocol, as configuration names it.</summary>
    string Name { get; }

    /// <summary>One letter, for tables.</summary>
    char Letter { get; }

    /// <summary>Path and query of a request.</summary>
    string Path(string model, bool stream);

    /// <summary>Path of a request for a count of tokens; null where the protocol has none.</summary>
    string? CountPath(string model) => null;

    void Authorize(HttpRequestMessage request, string key);

    /// <summary>The body. Throws <see cref="UnsayableException"/>.</summary>
    JsonObject Make(Talk talk, string model, bool stream);

    Heard ReadWhole(JsonObject body);

    Heard ReadStream(ReadOnlyMemory<byte> body);

    /// <summary>The count in an answer to a counting request.</summary>
    long? ReadCount(JsonObject body) => null;

    /// <summary>What is wrong with an error's envelope, or null; its message and the field that it names.</summary>
    (string? Fault, string Message) ReadError(int status, JsonNode? body);
}
