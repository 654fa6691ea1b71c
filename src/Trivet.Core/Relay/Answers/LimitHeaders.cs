using System.Globalization;
using Trivet.Core.Limits;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// What is left of a key's requests and tokens per minute, in the headers that clients of its protocol know. Of several limits (key, team, organisation) the tightest is told. Costs nothing where a key has none.
/// </summary>
internal static class LimitHeaders
{
    private const string OpenAIPrefix = "x-ratelimit-";
    private const string AnthropicPrefix = "anthropic-ratelimit-";

    /// <summary>Times are told in whole seconds, rounded up.</summary>
    private static readonly TimeSpan AlmostASecond = TimeSpan.FromMilliseconds(999);

    // Sources, 2026-11-30: platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers, docs.claude.com/en/api/rate-limits#response-headers. Google's API sends none; its clients get OpenAI's.
    private static readonly Names OpenAIRequests = new("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests");
    private static readonly Names OpenAITokens = new("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
    private static readonly Names AnthropicRequests = new("anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset");
    private static readonly Names AnthropicTokens = new("anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset");

    /// <summary>Whether the upstream's headers of this kind are ours to say: its limits are those of a credential that many keys share.</summary>
    public static bool Replaces(RelayCall call, string name) =>
        call.Key?.Limits is { HasMinutes: true }
        && (name.StartsWith(OpenAIPrefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith(AnthropicPrefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Sets them.</summary>
    public static void Set(RelayCall call)
    {
        if (call.Key?.Limits is not { HasMinutes: true } limits)
            return;
        var isAnthropic = call.Format.Protocol == Protocol.AnthropicMessages;
        Set(call.Client, isAnthropic, isAnthropic ? AnthropicRequests : OpenAIRequests, limits.Requests);
        Set(call.Client, isAnthropic, isAnthropic ? AnthropicTokens : OpenAITokens, limits.Tokens);
    }

    /// <summary>A time as OpenAI says it: <c>850ms</c>, <c>1s</c>, <c>1m20s</c>. Rounded up: who waits so long finds it true.</summary>
    internal static string Duration(TimeSpan time)
    {
        var ms = (long)Math.Ceiling(time.TotalMilliseconds);
        if (ms is > 0 and < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{ms}ms");
        var (minutes, seconds) = Math.DivRem((ms + 999) / 1000, 60);
        return minutes == 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s") : string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s");
    }

    private static void Set(IClientExchange client, bool isAnthropic, in Names names, MinuteCounter[] counters)
    {
        if (MinuteStanding.Tightest(counters) is not { } standing)
            return;
        client.SetHeader(names.Limit, standing.Limit.ToString(CultureInfo.InvariantCulture));
        client.SetHeader(names.Remaining, standing.Remaining.ToString(CultureInfo.InvariantCulture));
        client.SetHeader(names.Reset, isAnthropic ? (standing.Now + standing.Reset + AlmostASecond).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : Duration(standing.Reset));
    }

    private readonly record struct Names(string Limit, string Remaining, string Reset);
}
