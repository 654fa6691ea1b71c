namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// The expected input cost of a prompt at an offering, its warm cache counted, relative to the list price of one input token. A switch to another offering pays for the cache that it loses by this alone:
/// there the same prompt is cold.
/// </summary>
/// <param name="Price">Price of an uncached input token, in whatever unit the candidates share.</param>
/// <param name="ReadFactor">A cached token's price over an uncached one's (0.1).</param>
/// <param name="WriteFactor">The price of a token that is written to the cache over an uncached one's (1.25); 1 where writing is free.</param>
internal readonly record struct InputCost(double Price, double ReadFactor, double WriteFactor)
{
    /// <summary>Expected cost of <paramref name="tokens"/>, of which so many are expected to be cached.</summary>
    public double Of(int tokens, double expectedCached) => Price * (expectedCached * ReadFactor + (tokens - expectedCached) * WriteFactor);

    /// <summary>
    /// The share of requests that must read a written prefix again before writing pays: (w − 1)/(1 − r) reads for each write. 0.28 at 1.25 and 0.1.
    /// </summary>
    public double ReadsToPayForWrite => (WriteFactor - 1) / (1 - ReadFactor);
}
