namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// An interval for the probability of a success, from <c>successes</c> of <c>trials</c>. Assumes trials that are independent with one probability; it cannot see
/// a probability that drifts or successes that come in clusters. Sources: Wilson 1927 (coverage near nominal on average), Clopper and Pearson 1934 (never below nominal).
/// </summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct ProportionInterval(double Low, double High)
{
    /// <summary>Wilson's score interval: for showing.</summary>
    /// <param name="successes">How often.</param>
    /// <param name="trials">Of how many; with none, everything is possible.</param>
    /// <param name="confidence">Such as 0.95.</param>
    public static ProportionInterval Wilson(long successes, long trials, double confidence = 0.95)
    {
        if (trials == 0)
            return new ProportionInterval(0, 1);
        var z = SpecialFunctions.NormalQuantile(1 - (1 - confidence) / 2);
        var p = (double)successes / trials;
        var centre = (p + z * z / (2 * trials)) / (1 + z * z / trials);
        var half = z / (1 + z * z / trials) * Math.Sqrt(p * (1 - p) / trials + z * z / (4.0 * trials * trials));
        return new ProportionInterval(successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }

    /// <summary>Clopper and Pearson's exact interval: for deciding.</summary>
    /// <param name="successes">How often.</param>
    /// <param name="trials">Of how many; with none, everything is possible.</param>
    /// <param name="confidence">Such as 0.95.</param>
    public static ProportionInterval ClopperPearson(long successes, long trials, double confidence = 0.95)
    {
        if (trials == 0)
            return new ProportionInterval(0, 1);
        var tail = (1 - confidence) / 2;
        return new ProportionInterval(
            successes == 0 ? 0 : SpecialFunctions.BetaQuantile(successes, trials - successes + 1, tail),
            successes == trials ? 1 : SpecialFunctions.BetaQuantile(successes + 1, trials - successes, 1 - tail));
    }
}
