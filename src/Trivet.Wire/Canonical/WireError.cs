namespace Trivet.Wire.Canonical;

/// <summary>
/// An error in no protocol's own words. Readers make one from a vendor's body (leniently: real bodies come in a dozen shapes), writers
/// render it in a client's protocol.
/// </summary>
public sealed record WireError
{
    /// <summary>What sort of error it is.</summary>
    public required ErrorClass Class { get; init; }

    /// <summary>HTTP status; 0 where it came inside a stream or a 200.</summary>
    public int Status { get; init; }

    /// <summary>For people.</summary>
    public required string Message { get; init; }

    /// <summary>Stable code (<c>context_length_exceeded</c>, <c>capability_rejected:…</c>, a vendor's business code); null where there is none.</summary>
    public string? Code { get; init; }

    /// <summary>The vendor's own type word (<c>invalid_request_error</c>); null where there is none.</summary>
    public string? Type { get; init; }

    /// <summary>The field that is at fault; null where unknown.</summary>
    public string? Param { get; init; }

    /// <summary>How long the vendor asks to wait, from the body (Gemini <c>RetryInfo</c>); headers are read elsewhere.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Sorts of errors that every protocol can name in its own words.</summary>
public enum ErrorClass : byte
{
    /// <summary>The request is at fault (400).</summary>
    InvalidRequest,

    /// <summary>No key, or a wrong one (401).</summary>
    Authentication,

    /// <summary>Balance or quota used up (402).</summary>
    Billing,

    /// <summary>The key may not do this (403).</summary>
    PermissionDenied,

    /// <summary>No such model or path (404).</summary>
    NotFound,

    /// <summary>The body is too large (413).</summary>
    RequestTooLarge,

    /// <summary>The conversation does not fit the model's context (400).</summary>
    ContextLength,

    /// <summary>A filter refused the input or the output (400).</summary>
    ContentFilter,

    /// <summary>Too many requests or tokens (429).</summary>
    RateLimited,

    /// <summary>The server is at its limit (503, Anthropic 529).</summary>
    Overloaded,

    /// <summary>Nothing came in time (504).</summary>
    Timeout,

    /// <summary>The server failed (500, 502).</summary>
    Server,
}
