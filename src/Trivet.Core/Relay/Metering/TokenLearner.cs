using System.Collections.Concurrent;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// How far our estimates of tokens are from what each offering reports: the input per byte differs by tokenizer and text. Where an upstream cannot say what it served any more, the estimate is corrected by what it said before.
/// In memory.
/// </summary>
public sealed class TokenLearner
{
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <summary>Notes what an answer reported beside our estimate of its input.</summary>
    public void Note(string offeringId, long inputEstimate, long inputTokens, long outputTokens)
    {
        if (inputEstimate <= 0 || inputTokens <= 0)
            return;
        var seen = _seen.GetOrAdd(offeringId, static _ => new Seen());
        lock (seen)
        {
            // Older ones fade: half of what is remembered is of the last dozen or so.
            seen.Estimated = seen.Estimated - seen.Estimated / 16 + inputEstimate;
            seen.Reported = seen.Reported - seen.Reported / 16 + inputTokens;
            (seen.LastEstimate, seen.LastInput, seen.LastOutput) = (inputEstimate, inputTokens, outputTokens);
        }
    }

    /// <summary>An estimate, corrected; null where nothing was reported yet.</summary>
    public long? InputOf(string offeringId, long inputEstimate)
    {
        if (!_seen.TryGetValue(offeringId, out var seen))
            return null;
        lock (seen)
        {
            if (seen.LastEstimate == inputEstimate)
                return seen.LastInput;
            return seen.Estimated == 0 ? null : (long)Math.Round((double)inputEstimate * seen.Reported / seen.Estimated);
        }
    }

    /// <summary>The output of the last answer; null where nothing was reported yet.</summary>
    public long? OutputOf(string offeringId)
    {
        if (!_seen.TryGetValue(offeringId, out var seen))
            return null;
        lock (seen)
            return seen.LastOutput;
    }

    private sealed class Seen
    {
        public long Estimated { get; set; }
        public long Reported { get; set; }
        public long LastEstimate { get; set; }
        public long LastInput { get; set; }
        public long LastOutput { get; set; }
    }
}
