using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Attempts;

/// <summary>
/// How long an attempt may take to its first content. The operator's limit is the bound; where somebody else is left to ask, what the offering itself usually
/// takes is a better one.
/// </summary>
internal static class FirstContentLimits
{
    private const int TimesSlowest = 3;

    /// <summary>Nobody is given up sooner, however fast it usually is.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);

    /// <summary>For a stream of an offering of which nothing is known yet. Longer prompts take longer to read: a second for each 8,000 tokens.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(12);

    public static TimeSpan For(RelayCall call, Offering offering, FirstContentTimes times, bool hasOthers)
    {
        var bound = offering.Upstream.Deadlines.FirstContent;
        if (!hasOthers)
            return bound;
        var tokens = call.Scan.InputTokensEstimate;
        if (times.Quantile(call.Scan.Stream, tokens, 0.95) is { } slowest)
            return Shorter(bound, slowest * TimesSlowest > Least ? slowest * TimesSlowest : Least);

        // A whole answer begins when it is complete, and hidden thoughts come before the first word of a stream.
        return call.Scan.Stream && !call.Scan.Features.HasFlag(RequestFeatures.Reasoning) && !offering.Quirks(call.Format.Protocol).Thinking.OnByDefault
            ? Shorter(bound, Unknown + TimeSpan.FromSeconds(tokens / 8_000.0))
            : bound;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
