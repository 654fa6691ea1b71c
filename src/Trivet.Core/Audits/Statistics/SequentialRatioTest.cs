namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Wald's sequential probability ratio test of a probability: at most <c>p0</c> (innocent) against at least <c>p1</c> (guilty). Assumes independent trials.
/// The likelihood ratio is an e-process under every probability up to <c>p0</c>, so that <see cref="Verdict.Guilty"/> is false with probability at most α however long one looks; innocence is
/// told with error at most about β for probabilities from <c>p1</c>. Between <c>p0</c> and <c>p1</c> it decides neither surely nor soon. Source: Wald 1945.
/// </summary>
internal sealed class SequentialRatioTest
{
    private readonly double _logSuccess, _logFailure, _logGuilty, _logInnocent;
    private double _logRatio;

    /// <param name="p0">Probability of a success in the worst innocent case.</param>
    /// <param name="p1">Probability in the mildest case that must be found; above <paramref name="p0"/>.</param>
    /// <param name="alpha">Probability of a false alarm.</param>
    /// <param name="beta">Probability of a false clearance.</param>
    public SequentialRatioTest(double p0, double p1, double alpha, double beta)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(p0);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(p1, p0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(p1, 1);
        (_logSuccess, _logFailure) = (Math.Log(p1 / p0), Math.Log((1 - p1) / (1 - p0)));
        (_logGuilty, _logInnocent) = (Math.Log(1 / alpha), Math.Log(beta / (1 - alpha)));
    }

    /// <summary>What is known.</summary>
    public enum Verdict
    {
        /// <summary>Go on.</summary>
        Open,

        /// <summary>At least <c>p1</c>, as far as errors allow.</summary>
        Guilty,

        /// <summary>At most <c>p0</c>, as far as errors allow.</summary>
        Innocent,
    }

    /// <summary>Trials so far.</summary>
    public int Trials { get; private set; }

    /// <summary>The evidence against innocence.</summary>
    public double EValue => Math.Exp(_logRatio);

    /// <summary>Where it stands; once decided it stays so.</summary>
    public Verdict Decision { get; private set; }

    /// <summary>Takes a trial.</summary>
    public Verdict Add(bool success)
    {
        Trials++;
        _logRatio += success ? _logSuccess : _logFailure;
        if (Decision == Verdict.Open)
            Decision = _logRatio >= _logGuilty ? Verdict.Guilty : _logRatio <= _logInnocent ? Verdict.Innocent : Verdict.Open;
        return Decision;
    }
}
