using System.Net.Http.Headers;

namespace Trivet.Core.Routing.Caps;

/// <summary>
/// What an upstream said is left of its limit, in the headers of its last answer: until that is reset, a request that does not fit is refused there for certain, so it is tried elsewhere first. Safe for concurrent use.
/// </summary>
public sealed class LearnedLimit
{
    /// <summary>No reset is believed that is further away: vendors' minutes are what this is for.</summary>
    private const long ResetMsMax = 3_600_000;

    private long _requests = long.MaxValue;
    private long _tokens = long.MaxValue;
    private long _requestsUntilMs;
    private long _tokensUntilMs;

    /// <summary>Whether a request of so many tokens would be beyond it.</summary>
    public bool IsReached(long tokens, long nowMs) =>
        (Volatile.Read(ref _requestsUntilMs) > nowMs && Volatile.Read(ref _requests) <= 0)
        || (Volatile.Read(ref _tokensUntilMs) > nowMs && Volatile.Read(ref _tokens) < tokens);

    /// <summary>Reads what an answer's headers say; nothing where they say nothing.</summary>
    /// <param name="headers">Of the answer.</param>
    /// <param name="now">The time.</param>
    public void Read(HttpHeadersNonValidated headers, DateTimeOffset now)
    {
        if (RateLimitHeaders.Remaining(headers, LimitMeter.Requests, now) is { } requests)
            Take(requests, now, ref _requests, ref _requestsUntilMs);
        if (RateLimitHeaders.Remaining(headers, LimitMeter.Tokens, now) is { } tokens)
            Take(tokens, now, ref _tokens, ref _tokensUntilMs);
    }

    private static void Take((long Left, long UntilMs) told, DateTimeOffset now, ref long left, ref long untilMs)
    {
        Volatile.Write(ref left, told.Left);
        Volatile.Write(ref untilMs, Math.Min(told.UntilMs, now.ToUnixTimeMilliseconds() + ResetMsMax));
    }
}
