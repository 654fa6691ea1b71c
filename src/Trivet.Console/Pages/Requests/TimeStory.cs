using Trivet.Core.Relay.Metering;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Requests;

/// <summary>Why a request took as long as it did, in sentences: what failed before, what was waited for, what was answered, and what was ours.</summary>
internal static class TimeStory
{
    public static IEnumerable<string> Tell(ConsoleText text, RequestTrace trace)
    {
        if (trace.Request is not { } request || trace.Attempts.Count == 0)
            yield break;
        var winner = trace.Attempts.LastOrDefault(attempt => attempt.Failure.Length == 0);
        var failed = trace.Attempts.Where(attempt => attempt.Failure.Length > 0).ToList();
        var parts = new List<(long Ms, string Sentence)>();
        if (failed.Count > 0)
        {
            // Attempts of a race run at the same time: their time counts until the one that answered began, or until the end.
            var untilMs = winner?.StartedMs ?? request.StartedMs + request.DurationMs;
            var ms = Math.Max(0, untilMs - failed[0].StartedMs);
            parts.Add((ms, text["requests.time_failed", failed.Count, Span(text, ms), string.Join(", ", failed.Select(attempt => $"{attempt.Upstream}: {RequestWords.FailureCode(attempt.Failure)}").Distinct())]));
        }

        if (winner is not null)
        {
            var waited = Math.Min(winner.TimeToFirstContentMs ?? winner.DurationMs, winner.DurationMs);
            parts.Add((waited, text["requests.time_waited", Span(text, waited), winner.Upstream]));
            if (winner.DurationMs - waited > 0)
                parts.Add((winner.DurationMs - waited, text["requests.time_answered", Span(text, winner.DurationMs - waited), text.Count(winner.OutputTextTokens + winner.OutputReasoningTokens)]));
        }

        var before = trace.Attempts[0].StartedMs - request.StartedMs;
        if (before > 0)
            parts.Add((before, text["requests.time_before", Span(text, before)]));
        if (parts.Count > 0 && parts.MaxBy(part => part.Ms) is { Ms: > 0 } most && request.DurationMs > 0)
            yield return text["requests.time_most", text.Percent(Math.Min(1, (double)most.Ms / request.DurationMs)), Span(text, request.DurationMs), most.Sentence];
        foreach (var (_, sentence) in parts.OrderByDescending(part => part.Ms).Skip(1).Where(part => part.Ms > 0))
            yield return sentence;
    }

    private static string Span(ConsoleText text, long ms) => text.Span(TimeSpan.FromMilliseconds(ms));
}
