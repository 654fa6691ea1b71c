namespace Trivet.Core.Relay.Metering;

/// <summary>What a client sent and what it came to, over all its attempts. Written once, at the end; refused requests are booked too.</summary>
public sealed record RequestRecord
{
    /// <summary>The id that the client sees in the response headers.</summary>
    public required string Id { get; init; }
    public required string Organisation { get; init; }
    public string Team { get; init; } = "";
    public required string KeyId { get; init; }

    /// <summary>Unix milliseconds, UTC, at arrival.</summary>
    public required long StartedMs { get; init; }

    /// <summary>The path pattern, such as <c>/v1/messages</c>; never a query string, which may carry a key.</summary>
    public required string Endpoint { get; init; }
    public string ClientProtocol { get; init; } = "";
    public string ModelAsked { get; init; } = "";

    /// <summary>The HTTP status that the client got.</summary>
    public int Status { get; init; }

    /// <summary>Stable error code, empty for success.</summary>
    public string ErrorCode { get; init; } = "";
    public int Attempts { get; init; }
    public long DurationMs { get; init; }

    /// <summary>Why it went where it went, as in the response header.</summary>
    public string RouteReason { get; init; } = "";
    public string Lost { get; init; } = "";
    public string UserAgent { get; init; } = "";

    /// <summary>The session id that the client sent, if any.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Where the payload is kept when the key's owner turned that on; empty otherwise.</summary>
    public string PayloadRef { get; init; } = "";
}

/// <summary>A request with its last attempt, as one record.</summary>
/// <param name="Request">The request.</param>
/// <param name="Attempt">Its last attempt.</param>
public sealed record RequestWithAttempt(RequestRecord Request, AttemptRecord Attempt);
