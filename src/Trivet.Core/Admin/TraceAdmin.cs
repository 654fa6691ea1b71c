using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin;

/// <summary>Looks up requests for people: the CLI, the console, the admin API.</summary>
public sealed class TraceAdmin(ITraceStore traces, TimeProvider time)
{
    /// <summary>How long a request that is not booked yet is waited for: the spool goes to the database within 200 ms, five seconds where that was away.</summary>
    public static readonly TimeSpan BookingPatience = TimeSpan.FromSeconds(2);

    private const int IdHexChars = 32;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// One request's story. What was just answered may still be in the spool of the running server, so an unknown id, and a request whose end
    /// is not booked, is looked for again for <see cref="BookingPatience"/>.
    /// </summary>
    public async ValueTask<StoreOutcome<RequestTrace>> FindAsync(string idAsTyped, CancellationToken cancellationToken)
    {
        var id = RequestId(idAsTyped);
        var started = time.GetTimestamp();
        while (true)
        {
            var found = await traces.FindAsync(id, cancellationToken);
            var isFinal = found.Fault is { } fault ? fault.Kind != StoreFaultKind.NotFound : found.Value.Request is { } request && found.Value.Attempts.Count >= request.Attempts;
            if (isFinal || time.GetElapsedTime(started) >= BookingPatience)
                return found;
            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    /// <summary>The newest requests first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<RequestRecord>>> ListRecentAsync(int countMax, CancellationToken cancellationToken) => traces.ListRecentAsync(countMax, cancellationToken);

    /// <summary>The request's id in whatever a person has at hand: the header's value, or an id of an answer (<c>chatcmpl-…</c>, <c>msg_…</c>) that Trivet made from it.</summary>
    internal static string RequestId(string typed)
    {
        typed = typed.Trim();
        if (typed.StartsWith("req_", StringComparison.Ordinal) || typed.Length < IdHexChars)
            return typed;
        var tail = typed[^IdHexChars..];
        return tail.All(char.IsAsciiHexDigitLower) ? "req_" + tail : typed;
    }
}
