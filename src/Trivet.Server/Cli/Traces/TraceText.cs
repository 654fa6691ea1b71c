using System.Globalization;
using System.Text;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Server.Cli.Traces;

/// <summary>A request's story for people, its attempts drawn on one time line.</summary>
internal static class TraceText
{
    private const int BarChars = 32;
    private const char Waiting = '░';
    private const char Answering = '█';

    public static void Write(TextWriter output, RequestTrace trace, RecordedPayload? payload = null)
    {
        if (trace.Request is { } request)
            WriteRequest(output, request, trace.Attempts);
        else
            output.WriteLine($"Request {trace.Attempts[0].RequestId}: still running, or its server ended before it did. Its attempts so far:");
        if (trace.Attempts.Count == 0)
        {
            output.WriteLine("  no attempt was made at any upstream");
            WritePayload(output, payload);
            return;
        }

        output.WriteLine();
        var originMs = trace.Request?.StartedMs ?? trace.Attempts[0].StartedMs;
        var spanMs = Math.Max(1, Math.Max(trace.Request?.DurationMs ?? 0, trace.Attempts.Max(attempt => attempt.StartedMs + attempt.DurationMs - originMs)));
        foreach (var attempt in trace.Attempts)
            WriteAttempt(output, attempt, originMs, spanMs);
        WriteCost(output, trace.Attempts);
        WritePayload(output, payload);
    }

    private static void WritePayload(TextWriter output, RecordedPayload? payload)
    {
        if (payload is null)
            return;
        Part("Sent", payload.Request, payload.RequestBytes);
        Part("Answered", payload.Answer, payload.AnswerBytes);

        void Part(string name, string text, long bytes)
        {
            output.WriteLine();
            output.WriteLine($"{name}, {bytes.ToString("#,0", CultureInfo.InvariantCulture)} bytes{(Encoding.UTF8.GetByteCount(text) < bytes ? ", of which the beginning is kept" : "")}:");
            output.WriteLine(text);
        }
    }

    public static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteRequest(TextWriter output, RequestRecord request, IReadOnlyList<AttemptRecord> attempts)
    {
        output.WriteLine($"Request {request.Id}   {Time(request.StartedMs)}");
        Line("asked", $"{request.ModelAsked} on {request.Endpoint} ({request.ClientProtocol}{(attempts.Any(attempt => attempt.Streamed) ? ", streamed" : "")})");
        Line("answered", $"{request.Status}{(request.ErrorCode.Length > 0 ? $" {request.ErrorCode}" : "")} after {Ms(request.DurationMs)}, {request.Attempts} {(request.Attempts == 1 ? "attempt" : "attempts")}{By(attempts)}");
        Line("route", request.RouteReason);
        Line("lost", request.Lost);
        Line("key", request.KeyId + (request.Organisation.Length > 0 ? $" of {request.Organisation}{(request.Team.Length > 0 ? "/" + request.Team : "")}" : ""));
        Line("session", request.SessionId);
        Line("client", request.UserAgent);
        Line("payload", request.PayloadRef.Length > 0 ? "recorded: --payload shows it" : "");

        void Line(string name, string text)
        {
            if (text.Length > 0)
                output.WriteLine($"  {name,-9} {text}");
        }
    }

    private static string By(IReadOnlyList<AttemptRecord> attempts) =>
        attempts.LastOrDefault(attempt => attempt.Failure.Length == 0) is { } winner
            ? $", by {winner.Upstream}/{winner.UpstreamModel}{(winner.ModelAnswered.Length > 0 && winner.ModelAnswered != winner.UpstreamModel ? $" (which calls itself {winner.ModelAnswered})" : "")}"
            : "";

    private static void WriteAttempt(TextWriter output, AttemptRecord attempt, long originMs, long spanMs)
    {
        var outcome = attempt.Failure.Length == 0 ? "answered" : Code(attempt.Failure);
        var status = attempt.HttpStatus is { } http ? $"HTTP {http} " : "";
        output.WriteLine($"  {attempt.Ordinal}  {Bar(attempt, originMs, spanMs)}  {attempt.Upstream}/{attempt.UpstreamModel}  {status}{outcome}");
        var first = attempt.TimeToFirstContentMs is { } ms ? $", first content after {Ms(ms)}" : "";
        output.WriteLine($"     +{Ms(Math.Max(0, attempt.StartedMs - originMs))}, took {Ms(attempt.DurationMs)}{first}, over {attempt.UpstreamProtocol}{(attempt.CredentialId.Length > 0 ? $" as {attempt.CredentialId}" : "")}");
        if (attempt.Failure.Length > 0)
            output.WriteLine($"     {Words(attempt.Failure)}{(attempt.Committed ? " Part of the answer had reached the client already." : "")}");
        if (attempt.Lost.Length > 0)
            output.WriteLine($"     lost in translation: {attempt.Lost}");
        if (Tokens(attempt) is { Length: > 0 } tokens)
            output.WriteLine($"     {tokens}");
    }

    // What an attempt waited for its first content, and how long it then answered, to scale.
    private static string Bar(AttemptRecord attempt, long originMs, long spanMs)
    {
        var start = Math.Clamp((int)((attempt.StartedMs - originMs) * BarChars / spanMs), 0, BarChars - 1);
        var end = Math.Clamp((int)Math.Ceiling((attempt.StartedMs - originMs + attempt.DurationMs) * (double)BarChars / spanMs), start + 1, BarChars);
        var content = attempt.TimeToFirstContentMs is { } ms ? Math.Clamp((int)((attempt.StartedMs - originMs + ms) * BarChars / spanMs), start, end - 1) : end;
        return $"|{new string(' ', start)}{new string(Waiting, content - start)}{new string(Answering, end - content)}{new string(' ', BarChars - end)}|";
    }

    private static string Tokens(AttemptRecord attempt)
    {
        var parts = new List<string>();
        Add(attempt.InputUncachedTokens, "in");
        Add(attempt.InputCacheReadTokens, "read from cache");
        Add(attempt.InputCacheWrite5mTokens + attempt.InputCacheWrite1hTokens, "written to cache");
        Add(attempt.OutputTextTokens, "out");
        Add(attempt.OutputReasoningTokens, "reasoning");
        if (parts.Count == 0)
            return "";
        return $"tokens: {string.Join(", ", parts)}{(attempt.Estimated ? " (estimated)" : "")}; {Cost(attempt)}";

        void Add(long tokens, string kind)
        {
            if (tokens > 0)
                parts.Add($"{tokens.ToString("#,0", CultureInfo.InvariantCulture)} {kind}");
        }
    }

    private static string Cost(AttemptRecord attempt)
    {
        if (attempt.CostNano is not { } nano)
            return "no price known";
        var cost = MoneyText.Format(nano, attempt.Currency);
        if (attempt.UnpricedMeters.Length > 0)
            cost += $" and what is not priced: {attempt.UnpricedMeters.Replace(",", ", ", StringComparison.Ordinal)}";
        if (attempt.ListNano is { } list && (list != nano || attempt.ListCurrency != attempt.Currency))
            cost += $" (list {MoneyText.Format(list, attempt.ListCurrency)})";
        return attempt.PriceVersion.Length > 0 ? $"{cost}, price {attempt.PriceVersion}{(attempt.ServiceTier.Length > 0 ? $", tier {attempt.ServiceTier}" : "")}" : cost;
    }

    private static void WriteCost(TextWriter output, IReadOnlyList<AttemptRecord> attempts)
    {
        var sums = attempts.Where(attempt => attempt.CostNano > 0).GroupBy(attempt => attempt.Currency).Select(same => MoneyText.Format(same.Sum(attempt => attempt.CostNano!.Value), same.Key)).ToList();
        var unpriced = attempts.Count(attempt => attempt.IsUnpriced);
        if (unpriced > 0)
            sums.Add(attempts.All(attempt => attempt.CostNano is null) ? "unknown: these upstreams have no price" : $"{unpriced} without a known price");
        output.WriteLine();
        output.WriteLine($"  cost      {(sums.Count == 0 ? "nothing" : string.Join(" + ", sums))}");
    }

    private static string Ms(long ms) => $"{ms.ToString("#,0", CultureInfo.InvariantCulture)} ms";

    private static string Code(string failure) => Enum.TryParse<FailureKind>(failure, out var kind) ? FailureTable.For(kind).Code : failure;

    private static string Words(string failure) => Enum.TryParse<FailureKind>(failure, out var kind) ? FailureTable.For(kind).Message : $"A newer version named it {failure}.";
}
