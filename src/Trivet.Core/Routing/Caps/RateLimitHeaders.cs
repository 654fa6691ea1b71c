using System.Globalization;
using System.Net.Http.Headers;

namespace Trivet.Core.Routing.Caps;

/// <summary>What a limit counts.</summary>
internal enum LimitMeter
{
    /// <summary>Requests.</summary>
    Requests,

    /// <summary>Tokens of prompts and answers, or whichever of both the vendor says is scarcest.</summary>
    Tokens,

    /// <summary>Tokens of prompts.</summary>
    InputTokens,
}

/// <summary>The one reader of the headers in which vendors tell their limits: what is left of them is for routing, how large they are for the early warning.</summary>
internal static class RateLimitHeaders
{
    // Sources, 2026-11-30: platform.openai.com/docs/guides/rate-limits, docs.claude.com/en/api/rate-limits.
    private static readonly Names[][] Known =
    [
        [new("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"), Anthropic("requests")],
        [new("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"), Anthropic("tokens")],
        [Anthropic("input-tokens")],
    ];

    /// <summary>All that a limit can count.</summary>
    public static ReadOnlySpan<LimitMeter> Meters => [LimitMeter.Requests, LimitMeter.Tokens, LimitMeter.InputTokens];

    /// <summary>As people read it.</summary>
    public static string Word(LimitMeter meter) => meter switch { LimitMeter.Requests => "requests", LimitMeter.Tokens => "tokens", _ => "input tokens" };

    /// <summary>How large a limit is said to be; null where that is not said.</summary>
    public static double? Limit(HttpHeadersNonValidated headers, LimitMeter meter)
    {
        foreach (var names in Known[(int)meter])
        {
            if (headers.TryGetValues(names.Limit, out var told) && double.TryParse(told.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) && limit > 0)
                return limit;
        }

        return null;
    }

    /// <summary>What is left of a limit until when; null where that is not said.</summary>
    public static (long Left, long UntilMs)? Remaining(HttpHeadersNonValidated headers, LimitMeter meter, DateTimeOffset now)
    {
        foreach (var names in Known[(int)meter])
        {
            if (headers.TryGetValues(names.Remaining, out var remaining) && long.TryParse(remaining.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var left)
                && headers.TryGetValues(names.Reset, out var reset) && Until(reset.ToString(), now) is { } untilMs)
                return (left, untilMs);
        }

        return null;
    }

    // OpenAI says how long (6m0s, 850ms), Anthropic until when.
    private static long? Until(string reset, DateTimeOffset now)
    {
        if (Yaml.Shapes.TryDuration(reset, out var span))
            return (now + span).ToUnixTimeMilliseconds();
        if (double.TryParse(reset.TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue)
            return now.ToUnixTimeMilliseconds() + (long)Math.Ceiling(seconds * 1000);
        return DateTimeOffset.TryParse(reset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) ? when.ToUnixTimeMilliseconds() : null;
    }

    private static Names Anthropic(string meter) => new($"anthropic-ratelimit-{meter}-limit", $"anthropic-ratelimit-{meter}-remaining", $"anthropic-ratelimit-{meter}-reset");

    private readonly record struct Names(string Limit, string Remaining, string Reset);
}
