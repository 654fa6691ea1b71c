using System.Globalization;
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
        // Sources, 2026-11-30: platform.openai.com/docs/guides/rate-limits, docs.claude.com/en/api/rate-limits.
        if (Find(headers, "x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining") is { } requests)
            Take(requests, Find(headers, "x-ratelimit-reset-requests", "anthropic-ratelimit-requests-reset"), now, ref _requests, ref _requestsUntilMs);
        if (Find(headers, "x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining") is { } tokens)
            Take(tokens, Find(headers, "x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset"), now, ref _tokens, ref _tokensUntilMs);
    }

    private static string? Find(HttpHeadersNonValidated headers, string name, string otherName) =>
        headers.TryGetValues(name, out var values) || headers.TryGetValues(otherName, out values) ? values.ToString() : null;

    private static void Take(string remaining, string? reset, DateTimeOffset now, ref long left, ref long untilMs)
    {
        if (!long.TryParse(remaining, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || Until(reset, now) is not { } until)
            return;
        Volatile.Write(ref left, count);
        Volatile.Write(ref untilMs, Math.Min(until, now.ToUnixTimeMilliseconds() + ResetMsMax));
    }

    // OpenAI says how long (6m0s, 850ms), Anthropic until when.
    private static long? Until(string? reset, DateTimeOffset now)
    {
        if (reset is null)
            return null;
        if (Yaml.Shapes.TryDuration(reset, out var span))
            return (now + span).ToUnixTimeMilliseconds();
        if (double.TryParse(reset.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < ResetMsMax)
            return now.ToUnixTimeMilliseconds() + (long)Math.Ceiling(seconds * 1000);
        return DateTimeOffset.TryParse(reset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) ? when.ToUnixTimeMilliseconds() : null;
    }
}
