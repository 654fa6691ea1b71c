using Trivet.Core.Diagnostics;

namespace Trivet.WebConsole.Pages.Requests;

/// <summary>From when on a request counts as slow where a page offers those.</summary>
internal static class SlowMs
{
    /// <summary>Where nothing was measured lately: what people begin to wonder at.</summary>
    private const long Otherwise = 1_000;

    // The board rounds times up to a bucket that is a quarter wide; its lower end leaves out none of those in it.
    private const double Bucket = 1.25;

    /// <summary>As long as the slowest of twenty took to begin within the last five minutes on this node: an answer that took longer than that as a whole is worth a look.</summary>
    public static long Of(LiveReading reading) => reading.FirstContentP95 is { } time ? Math.Max(1, (long)(time.TotalMilliseconds / Bucket)) : Otherwise;
}
