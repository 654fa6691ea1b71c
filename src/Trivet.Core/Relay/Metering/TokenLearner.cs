using System.Collections.Concurrent;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// How far our own counts are from what each upstream reports: tokens of an input per byte, tokens of an answer per event and per byte differ by vendor and text. Where an upstream cannot say what it served any more,
/// because the client or the process was gone, our count is corrected by what it said before. In memory, one entry for each upstream.
/// </summary>
public sealed class TokenLearner
{
    /// <summary>Nearly all vendors send one token in each event; the few events around them are not worth a correction.</summary>
    private const double AboutOne = 0.2;

    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <summary>Notes what a complete answer reported beside our own counts.</summary>
    /// <param name="upstream">Who answered.</param>
    /// <param name="inputEstimate">Our estimate of the input.</param>
    /// <param name="inputTokens">The input as reported.</param>
    /// <param name="outputTokens">The output as reported.</param>
    /// <param name="events">Events from the first with content; 0 where it did not stream or nobody counted.</param>
    /// <param name="contentBytes">Bytes of text, thoughts and arguments; 0 where nobody counted.</param>
    public void Note(string upstream, long inputEstimate, long inputTokens, long outputTokens, long events, long contentBytes)
    {
        if (inputEstimate <= 0 || inputTokens <= 0)
            return;
        var seen = _seen.GetOrAdd(upstream, static _ => new Seen());
        lock (seen)
        {
            seen.Input.Note(inputTokens, inputEstimate);
            (seen.LastEstimate, seen.LastInput, seen.LastOutput) = (inputEstimate, inputTokens, outputTokens);
            if (events > 0)
                seen.PerEvent.Note(outputTokens, events);
            if (contentBytes > 0)
                seen.PerByte.Note(outputTokens, contentBytes);
        }
    }

    /// <summary>An estimate of an input, corrected.</summary>
    public long InputOf(string upstream, long inputEstimate)
    {
        if (!_seen.TryGetValue(upstream, out var seen))
            return inputEstimate;
        lock (seen)
            return seen.LastEstimate == inputEstimate ? seen.LastInput : seen.Input.Apply(inputEstimate, 1);
    }

    /// <summary>The output of the last answer; 0 where nothing was reported yet.</summary>
    public long LastOutputOf(string upstream)
    {
        if (!_seen.TryGetValue(upstream, out var seen))
            return 0;
        lock (seen)
            return seen.LastOutput;
    }

    /// <summary>Tokens in so many events with content.</summary>
    public long OutputOfEvents(string upstream, long events)
    {
        if (!_seen.TryGetValue(upstream, out var seen))
            return events;
        lock (seen)
            return Math.Abs(seen.PerEvent.Or(1) - 1) < AboutOne ? events : seen.PerEvent.Apply(events, 1);
    }

    /// <summary>Tokens in so many bytes of content.</summary>
    public long OutputOfBytes(string upstream, long bytes, double tokensPerByte)
    {
        if (!_seen.TryGetValue(upstream, out var seen))
            return (long)Math.Ceiling(bytes * tokensPerByte);
        lock (seen)
            return seen.PerByte.Apply(bytes, tokensPerByte);
    }

    private sealed class Seen
    {
        public Ratio Input;
        public Ratio PerEvent;
        public Ratio PerByte;

        public long LastEstimate { get; set; }
        public long LastInput { get; set; }
        public long LastOutput { get; set; }
    }

    // Older ones fade: a sixteenth for each new one.
    private struct Ratio
    {
        private double _reported;
        private double _counted;

        public void Note(long reported, long counted) => (_reported, _counted) = (_reported * 15 / 16 + reported, _counted * 15 / 16 + counted);

        public readonly double Or(double unknown) => _counted == 0 ? unknown : _reported / _counted;

        public readonly long Apply(long count, double unknown) => (long)Math.Round(count * Or(unknown));
    }
}
