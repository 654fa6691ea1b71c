using Trivet.Benchmarks.Parties;

namespace Trivet.Benchmarks.Faults;

/// <summary>
/// The sixteen faults of a public crash test of gateways (Failover Bench, methodology v0.1) with what it asks for, and variants of ours: no fallback,
/// the other half of a rule, a wait in disguise.
/// </summary>
internal static class FaultCases
{
    private const double LimitedGapSMin = 1.8;      // "Retry-After: 2", less what clocks and timers may be off
    private const int TriesMax = 6;

    public static IReadOnlyList<FaultCase> All { get; } =
    [
        new("S01", "429 with Retry-After: 2, once")
        {
            Primary = _ => "@429:retry-after=2:times=1",
            Judge = e => [e.NotWhole(), Tries(e.Primary, 2, 2, "primary"), Tries(e.Fallback, 0, 0, "fallback"), e.GapsS.Any(g => g < LimitedGapSMin) ? $"asked again after {e.GapsS.Min():0.00} s" : null],
        },
        new("S01b", "429 with Retry-After: 30")
        {
            Primary = _ => "@429:retry-after=30",
            MsMax = _ => 5_000,
            Judge = e => [e.NotWhole(), Tries(e.Primary, 1, 1, "primary"), Tries(e.Fallback, 1, 1, "fallback")],
        },
        new("S02", "429 without Retry-After, persistent")
        {
            Primary = _ => "@429",
            MsMax = _ => 15_000,
            Judge = e => [e.NotWhole(), .. Spaced(e), Tries(e.Fallback, 1, 1, "fallback")],
        },
        new("S02b", "the same, without a fallback")
        {
            Primary = _ => "@429", Fallback = null,
            MsMax = _ => 15_000,
            Judge = e => [e.NotError(429), .. Spaced(e), Tries(e.Primary, 2, TriesMax, "primary")],
        },
        new("S03", "500 once")
        {
            Primary = _ => "@500:times=1",
            Judge = e => [e.NotWhole(), Tries(e.Primary, 2, 2, "primary"), Tries(e.Fallback, 0, 0, "fallback")],
        },
        new("S04", "503, persistent")
        {
            Primary = _ => "@503",
            Judge = e => [e.NotWhole(), Total(e, TriesMax)],
        },
        new("S05", "TCP reset before headers, once")
        {
            Primary = _ => "@reset:times=1",
            Judge = e => [e.NotWhole(), Total(e, TriesMax)],
        },
        new("S06", "accepts and never answers")
        {
            Primary = _ => "@silent", Deadlines = Waiting,
            MsMax = p => p.AnsweredMsMax,
            Judge = e => [e.NotWhole(), Tries(e.Primary, 1, 1, "primary")],
        },
        new("S06b", "the same, without a fallback")
        {
            Primary = _ => "@silent", Fallback = null, Deadlines = Waiting,
            MsMax = p => p.AnsweredMsMax,
            Judge = e => [e.NotWholeNorError(), Tries(e.Primary, 1, 1, "primary")],
        },
        new("S07", "first token late")
        {
            Primary = c => $"@first-token-ms={c.Profile.LateTokenMs}", Deadlines = Waiting,
            MsMax = p => p.AnsweredMsMax,
            Judge = e => [e.NotWhole()],
        },
        new("S07b", "the same, behind a preamble and comments")
        {
            Primary = c => $"@first-token-ms={c.Profile.LateTokenMs}:preamble@comments=300", Deadlines = Waiting,
            MsMax = p => p.AnsweredMsMax,
            Judge = e => [e.NotWhole()],
        },
        new("S07c", "first token after 17 s, as is allowed")
        {
            Primary = _ => "@first-token-ms=17000", Fallback = null, Deadlines = _ => "connect: 5s, first_content: 60s, idle: 60s, total: 2m",
            MsMax = _ => 25_000,
            Judge = e => [e.NotWhole(), Total(e, 1)],
        },
        new("S08", "cut after 40 of 60 tokens")
        {
            Primary = _ => "@cut-after=40",
            Judge = e => [e.NotWholeNorError()],
        },
        new("S08b", "the same, without a fallback")
        {
            Primary = _ => "@cut-after=40", Fallback = null,
            Judge = e => [e.NotWholeNorError()],
        },
        new("S09", "stalls after 30 tokens, once")
        {
            Primary = c => $"@stall-after=30:ms={c.Profile.StallMs}:times=1", Deadlines = Waiting, Requests = 2,
            MsMax = p => p.StallSeenMsMax,
            Judge = e => [e.NotWholeNorError(), e.NotWhole(request: 1)],
        },
        new("S10", "the tenth event is invalid JSON")
        {
            Primary = c => c.Stream ? "@bad-json-event=10" : "@truncated-json",
            Judge = e => [e.NotWhole()],
        },
        new("S10b", "an invalid event too many, no fallback")
        {
            Primary = c => c.Stream ? "@bad-json-event=10:extra" : "@truncated-json:times=1", Fallback = null,
            Judge = e => [e.NotWhole()],
        },
        new("S11", "complete, without its terminator")
        {
            Primary = _ => "@no-done",
            MsMax = _ => 3_000,
            // Where the terminator is what says that the answer is complete (Responses), another try may have to say it.
            Judge = e => [e.NotWhole(), Total(e, e.Cell is { Stream: true, Upstream: "responses" } ? 2 : 1), Usage(e, FaultRun.Tokens)],
        },
        new("S12", "400 context_length_exceeded, larger model behind")
        {
            Primary = _ => "@context-length",
            Judge = e => [e.NotWhole(), Tries(e.Primary, 1, 1, "primary"), Tries(e.Fallback, 1, 1, "fallback")],
        },
        new("S12b", "the same, the same model behind")
        {
            Primary = _ => "@context-length", Fallback = "@context-length",
            Judge = e => [e.NotError(400, "context", "token"), Total(e, 1)],
        },
        new("S13", "400 content filter")
        {
            Primary = _ => "@content-filter",
            Judge = e => [e.NotError(400, "content management policy", "content_filter", "content filter"), Total(e, 1)],
        },
        new("S14", "cut, and the fallback rejects prefill")
        {
            Primary = _ => "@cut-after=40", Fallback = "@rejects-prefill",
            Judge = e => [e.NotWhole()],
        },
        new("S15", "primary down, then healthy")
        {
            Primary = c => $"@503:down-ms={c.Profile.DownMs}", Requests = 20, PeriodMs = p => p.PeriodMs,
            Judge = e => [.. Enumerable.Range(0, e.Views.Count).Select(e.NotWhole), BackAtPrimary(e)],
        },
        new("S16", "503, the fallback answers")
        {
            Primary = _ => "@503",
            Judge = e => [e.NotWhole(), .. TheOneWhoAnswered(e)],
        },
    ];

    private static string Waiting(FaultProfile profile) => $"connect: 5s, first_content: {profile.FirstContentMs}ms, idle: {profile.IdleMs}ms, total: 60s";

    private static string? Tries(IReadOnlyList<Served> at, int min, int max, string name) =>
        at.Count >= min && at.Count <= max ? null : $"{at.Count} tries at the {name} instead of {(min == max ? $"{min}" : $"{min} to {max}")}";

    private static string? Total(FaultEvidence e, int max) => e.Tries <= max ? null : $"{e.Tries} tries in all, at most {max} are due";

    // Persistent limits: few tries in the first three seconds, few in all, and never two that are no wait apart.
    private static IEnumerable<string?> Spaced(FaultEvidence e)
    {
        if (e.Primary.Count == 0)
            yield break;
        var early = e.Primary.Count(t => t.Time - e.Primary[0].Time < TimeSpan.FromSeconds(3));
        yield return early <= 4 ? null : $"{early} tries at the primary within 3 s";
        yield return e.Primary.Count <= TriesMax ? null : $"{e.Primary.Count} tries at the primary";
        yield return e.GapsS.All(g => g >= 0.2) ? null : $"no back-off: tries {e.GapsS.Min():0.000} s apart";
    }

    private static string? Usage(FaultEvidence e, int output) =>
        e.Views[0].Heard?.Usage is not { } usage ? "no usage" : usage.Output == output ? null : $"usage of {usage.Output} output tokens instead of {output}";

    private static string? BackAtPrimary(FaultEvidence e)
    {
        if (e.Primary.Count == 0)
            return "the primary was never asked";
        var due = e.Primary[0].Time.AddMilliseconds(e.Cell.Profile.DownMs + FaultProfile.BackMsMax);
        var late = e.Fallback.Count(t => t.Time > due);
        return late > 0 ? $"{late} requests at the fallback more than {FaultProfile.BackMsMax / 1000} s after the primary's recovery"
            : e.Primary.Any(t => t.Status == 200) ? null
            : "the primary did not get its traffic back";
    }

    // The model, the usage and the bill are those of the upstream that answered.
    private static IEnumerable<string?> TheOneWhoAnswered(FaultEvidence e)
    {
        if (e.Fallback is not [var served] || e.Views[0].Heard is not { } heard)
        {
            yield return $"{e.Fallback.Count} tries at the fallback";
            yield break;
        }

        yield return heard.Model == e.Cell.FallbackModel ? null : $"model {heard.Model} instead of {e.Cell.FallbackModel}";
        yield return heard.Usage is { } usage && usage.Input == served.InputTokens && usage.Output == served.OutputTokens ? null : $"usage {heard.Usage} instead of {served.InputTokens} and {served.OutputTokens}";
        yield return e.PrimaryBooks is { OutputTokens: 0, InputTokens: 0, CostNano: 0 } && e.PrimaryBooks.Failed == e.PrimaryBooks.Attempts ? null : $"failed attempts are billed: {e.PrimaryBooks}";
        yield return e.FallbackBooks is { Attempts: 1, Failed: 0, CostNano: > 0 } && e.FallbackBooks.OutputTokens == served.OutputTokens ? null : $"the answer is booked as {e.FallbackBooks}";
    }
}
