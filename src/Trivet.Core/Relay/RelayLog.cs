using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Core.Relay;

/// <summary>What the relay logs: events 2000–2099. Never a payload, never a secret.</summary>
internal static partial class RelayLog
{
    public static void Ended(ILogger log, Failure? failure, RelayCall call, long durationMs)
    {
        if (failure is null)
            Answered(log, call.RequestId, call.Scan.Model, call.AttemptCount, durationMs);
        else
            Failed(log, failure.Rule.Level, call.RequestId, call.Scan.Model, failure.Kind, call.Output.Status, call.AttemptCount, durationMs, failure.Detail ?? "");
    }

    [LoggerMessage(2000, LogLevel.Debug, "{RequestId} {Model}: answered after {Attempts} attempts in {DurationMs} ms")]
    private static partial void Answered(ILogger log, string requestId, string model, int attempts, long durationMs);

    [LoggerMessage(EventId = 2001, Message = "{RequestId} {Model}: {Kind}, status {Status}, after {Attempts} attempts in {DurationMs} ms. {Detail}")]
    private static partial void Failed(ILogger log, LogLevel level, string requestId, string model, FailureKind kind, int status, int attempts, long durationMs, string detail);

    [LoggerMessage(EventId = 2002, Message = "{RequestId} attempt {Ordinal} at {Offering}: {Kind}, HTTP {Status}. {Detail}")]
    public static partial void AttemptFailed(ILogger log, LogLevel level, string requestId, int ordinal, string offering, FailureKind kind, int status, string detail);

    [LoggerMessage(2003, LogLevel.Error, "{RequestId}: a bug in the gateway")]
    public static partial void Bug(ILogger log, string requestId, Exception exception);

    [LoggerMessage(2004, LogLevel.Warning, "{Offering} is down after {Failures} failures in a row: it is probed until it answers")]
    public static partial void OfferingDown(ILogger log, string offering, int failures);

    [LoggerMessage(2006, LogLevel.Information, "Stopping: {Running} requests are given {Seconds} s to end; new ones are refused")]
    public static partial void Draining(ILogger log, int running, long seconds);

    [LoggerMessage(2007, LogLevel.Warning, "Stopping: {Running} requests did not end in time and are ended")]
    public static partial void EndedAll(ILogger log, int running);

    [LoggerMessage(2008, LogLevel.Information, "The difficulty router of {Table} is {State}: APGR {Learned:0.000}, prompt length {Length:0.000}. {Problem}")]
    public static partial void DifficultyJudged(ILogger log, string table, string state, double learned, double length, string problem);

    [LoggerMessage(2005, LogLevel.Information, "{Offering} answers again after {Seconds} s")]
    public static partial void OfferingBack(ILogger log, string offering, long seconds);
}
