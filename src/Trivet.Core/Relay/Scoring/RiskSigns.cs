using System.Text;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Scorecards;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Scoring;

/// <summary>Signs of risk controls in an upstream's answer: pages that ask whether somebody is human, and the limits that its headers tell.</summary>
internal static class RiskSigns
{
    private const int LookedAt = 4_096;

    // Cloudflare, hCaptcha and reCAPTCHA, Akamai, Alibaba Cloud and Tencent Cloud, as they were in 2026-11.
    private static readonly string[] Words = ["captcha", "challenge-platform", "cf-chl", "just a moment", "turnstile", "access denied", "unusual traffic", "verify you are human", "are you a robot", "人机验证", "安全验证", "访问被拒绝", "滑动验证"];

    /// <summary>Whether an answer is such a page. Only pages are looked into; what a model writes is never one.</summary>
    public static bool IsChallenge(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        if (response.Headers.NonValidated.TryGetValues("cf-mitigated", out var mitigated) && mitigated.ToString().Contains("challenge", StringComparison.OrdinalIgnoreCase))
            return true;
        if (UpstreamAnswer.ContentType(response)?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) != true)
            return false;
        var page = Encoding.UTF8.GetString(body[..Math.Min(body.Length, LookedAt)]);
        return Array.Exists(Words, word => page.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Notes on a credential's scorecard what its limits are said to be. A vendor may tell one at its Chat address and another at its Messages address: those are two limits, and neither has shrunk.</summary>
    public static void NoteLimits(Scorecard card, string model, Protocol protocol, HttpResponseMessage response)
    {
        foreach (var meter in RateLimitHeaders.Meters)
        {
            if (RateLimitHeaders.Limit(response.Headers.NonValidated, meter) is { } limit)
                card.NoteLimit(model, $"{RateLimitHeaders.Word(meter)} over {protocol.Name()}", limit);
        }
    }
}
