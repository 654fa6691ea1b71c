using Trivet.Core.Audits.Checks;

namespace Trivet.Core.Audits;

/// <summary>A part of an audit that is asked as a whole; several tests may rest on its answers.</summary>
public enum AuditStep
{
    /// <summary>Greetings: do instructions of somebody else's stand before the prompt?</summary>
    HiddenPrompt,

    /// <summary>Blocks to be given back.</summary>
    Text,

    /// <summary>Arguments to be passed to a tool.</summary>
    Tools,

    /// <summary>One word at temperature 0.</summary>
    OneToken,

    /// <summary>Answers that a limit cuts, and the same sent back.</summary>
    Lengths,

    /// <summary>One long prefix again and again.</summary>
    Cache,

    /// <summary>Items that a program judges.</summary>
    Capability,

    /// <summary>Sampled answers.</summary>
    Sampling,
}

/// <summary>What is known of the steps: their order, their tests, which are dear.</summary>
public static class AuditSteps
{
    /// <summary>Cheap before dear.</summary>
    public static IReadOnlyList<AuditStep> All { get; } = Enum.GetValues<AuditStep>();

    /// <summary>These cost more than all others together: a round makes one of them.</summary>
    internal static bool IsDear(AuditStep step) => step >= AuditStep.Cache;

    /// <summary>The tests that rest on its answers and on no others.</summary>
    internal static IReadOnlyList<string> TestsOf(AuditStep step) => step switch
    {
        AuditStep.HiddenPrompt => [CheckShares.Hidden],
        AuditStep.Text => [CheckShares.Text, CheckShares.Injection],
        AuditStep.Tools => [CheckShares.Tools],
        AuditStep.OneToken => [CheckShares.OneToken],
        AuditStep.Lengths => [CheckShares.Output, CheckShares.Input],
        AuditStep.Cache => [CheckShares.Cache],
        AuditStep.Capability => [CheckShares.Capability, CheckShares.Own],
        _ => [CheckShares.Sampling, CheckShares.Repeats],
    };
}
