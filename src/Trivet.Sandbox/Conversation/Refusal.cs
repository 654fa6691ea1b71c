namespace Trivet.Sandbox.Conversation;

/// <summary>A request that the vendor answers with an error. Each protocol renders it in its own shape.</summary>
internal sealed class Refusal(int status, string message, string? param = null, string? code = null, string? type = null) : Exception(message)
{
    public int Status { get; } = status;

    public string? Param { get; } = param;

    public string? Code { get; } = code;

    /// <summary>The error type where it is not the protocol's usual one for this status.</summary>
    public string? Type { get; } = type;

    /// <summary>Sent as <c>Retry-After</c>, as given.</summary>
    public string? RetryAfter { get; init; }

    public string? RetryAfterMs { get; init; }

    /// <summary>JSON for <c>error.details</c> (Messages) or <c>error.innererror</c> (Chat).</summary>
    public string? DetailsJson { get; init; }

    /// <summary>Which staged fault this is, for the log.</summary>
    public string? Fault { get; init; }
}
