using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Requests;

/// <summary>What a request came to, in words and sums.</summary>
internal static class RequestWords
{
    public static string Tone(RequestTrace trace) => trace.Request is not { } request ? "plain" : request.ErrorCode.Length > 0 ? "bad" : request.Attempts > 1 ? "warn" : "good";

    public static string Outcome(ConsoleText text, RequestTrace trace) => trace.Request switch
    {
        null => text["requests.running"],
        { ErrorCode.Length: > 0 } failed => $"{failed.Status} {failed.ErrorCode}",
        { Attempts: > 1 } rescued => text["requests.rescued_by", rescued.Attempts],
        var answered => text["requests.answered", answered.Status],
    };

    /// <summary>Upstream and model of whoever answered, or was asked last.</summary>
    public static string AnsweredBy(ConsoleText text, RequestTrace trace) =>
        Last(trace) is { } last ? $"{last.Upstream}/{last.UpstreamModel}" : text["requests.no_attempt"];

    public static AttemptRecord? Last(RequestTrace trace) => trace.Attempts.LastOrDefault(attempt => attempt.Failure.Length == 0) ?? (trace.Attempts.Count > 0 ? trace.Attempts[^1] : null);

    public static string Whose(RequestRecord request) => request.Team.Length > 0 ? $"{request.Organisation} / {request.Team}" : request.Organisation;

    public static string FirstContent(ConsoleText text, RequestTrace trace) =>
        trace.Request is { } request && Last(trace) is { Failure.Length: 0, TimeToFirstContentMs: { } ms } last ? text["requests.first_content", text.Span(TimeSpan.FromMilliseconds(Math.Max(0, last.StartedMs - request.StartedMs + ms)))] : "";

    public static long Input(RequestTrace trace) => trace.Attempts.Sum(Input);

    public static long Output(RequestTrace trace) => trace.Attempts.Sum(attempt => attempt.OutputTextTokens + attempt.OutputReasoningTokens);

    public static long Input(AttemptRecord attempt) => attempt.InputUncachedTokens + attempt.InputCacheReadTokens + attempt.InputCacheWrite5mTokens + attempt.InputCacheWrite1hTokens;

    /// <summary>One sum per currency; one of nothing known where there was an attempt and no price.</summary>
    public static IReadOnlyList<(long? Nano, string Currency)> Cost(RequestTrace trace) => Sums(trace, attempt => (attempt.CostNano, attempt.Currency));

    public static IReadOnlyList<(long? Nano, string Currency)> Billed(RequestTrace trace) => Sums(trace, attempt => (attempt.ChargedNano, attempt.ChargeCurrency));

    /// <summary>What went wrong with an attempt.</summary>
    public static string FailureCode(string failure) => Enum.TryParse<FailureKind>(failure, out var kind) ? FailureTable.For(kind).Code : failure;

    private static IReadOnlyList<(long? Nano, string Currency)> Sums(RequestTrace trace, Func<AttemptRecord, (long? Nano, string Currency)> amount)
    {
        var known = trace.Attempts.Select(amount).Where(part => part.Nano is not null && part.Currency.Length > 0).ToList();
        if (known.Count == 0)
            return trace.Attempts.Any(attempt => amount(attempt).Nano is null && attempt.Failure.Length == 0) ? [(null, "")] : [];

        // Attempts that cost nothing say nothing beside one that did.
        var sums = known.GroupBy(part => part.Currency).Select(same => (Nano: same.Sum(part => part.Nano), same.Key)).ToList();
        return sums.Exists(sum => sum.Nano > 0) ? [.. sums.Where(sum => sum.Nano > 0)] : trace.Request is { ErrorCode.Length: > 0 } ? [] : sums;
    }
}
