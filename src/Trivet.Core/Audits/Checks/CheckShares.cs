namespace Trivet.Core.Audits.Checks;

/// <summary>
/// How the report's error rate is shared out: each test convicts at its share of it, so that by Bonferroni an honest upstream's report holds any problem at all with at most the stated probability, whatever the tests have in
/// common. The sampling test gets most, for it alone is short of power; the others can afford to be strict.
/// </summary>
internal static class CheckShares
{
    public const string OneToken = "identity.one-token", Sampling = "identity.sampling", Repeats = "identity.repeats", Shape = "identity.shape", Signature = "identity.signature";
    public const string Past = "identity.past", Border = "identity.border", Replay = "identity.replay";
    public const string Output = "billing.output", Input = "billing.input", Arithmetic = "billing.arithmetic", Cache = "billing.cache";
    public const string Text = "integrity.text", Tools = "integrity.tools", Injection = "integrity.injection", Hidden = "integrity.hidden-prompt";
    public const string Capability = "capability", Own = "capability.own";

    private const double SamplingShare = 0.4;
    private const int Others = 15;

    /// <summary>How many tests of honesty there are.</summary>
    public const int Count = Others + 1;

    /// <summary>How many tests of change there are.</summary>
    public const int ChangeCount = 2;

    /// <summary>Whether a test can only say that an offering is not as it was: that is no dishonesty, and no standing follows from it.</summary>
    public static bool IsOfChange(string test) => test is Past or Border;

    /// <summary>The p-value that a test must reach; for e-values its inverse. A test of change takes nothing from those of honesty: it says something else, at a share of its own.</summary>
    public static double ThresholdOf(string test, double falseAlarmRate) => falseAlarmRate * (test == Sampling ? SamplingShare : (1 - SamplingShare) / Others);
}
