using Trivet.Core.Audits.Checks;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

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

    /// <summary>What it answered when it was enrolled, asked again.</summary>
    Past,

    /// <summary>Answers that a limit cuts, and the same sent back.</summary>
    Lengths,

    /// <summary>One long prefix again and again.</summary>
    Cache,

    /// <summary>Signed thoughts, given to their issuer.</summary>
    Replay,

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

    /// <summary>Those that there is something to ask in: the others would only ever say that they were not made.</summary>
    internal static IReadOnlyList<AuditStep> For(Offering observed, Offering? reference) =>
        [.. All.Where(step => step switch { AuditStep.Replay => IsClaude(observed) && reference is not null && IsClaude(reference), AuditStep.Past => reference is null, _ => true })];

    /// <summary>Sells Claude in its own protocol, where thoughts are signed.</summary>
    internal static bool IsClaude(Offering offering) => offering.Upstream.Endpoints is [{ Protocol: Protocol.AnthropicMessages }, ..] && offering.Model.Contains("claude", StringComparison.OrdinalIgnoreCase);

    /// <summary>These cost more than all others together: a round makes one of them.</summary>
    internal static bool IsDear(AuditStep step) => step >= AuditStep.Cache;

    /// <summary>The tests that rest on its answers and on no others.</summary>
    internal static IReadOnlyList<string> TestsOf(AuditStep step) => step switch
    {
        AuditStep.HiddenPrompt => [CheckShares.Hidden],
        AuditStep.Text => [CheckShares.Text, CheckShares.Injection],
        AuditStep.Tools => [CheckShares.Tools],
        AuditStep.OneToken => [CheckShares.OneToken],
        AuditStep.Past => [CheckShares.Past, CheckShares.Border],
        AuditStep.Lengths => [CheckShares.Output, CheckShares.Input],
        AuditStep.Cache => [CheckShares.Cache],
        AuditStep.Replay => [CheckShares.Replay],
        AuditStep.Capability => [CheckShares.Capability, CheckShares.Own],
        _ => [CheckShares.Sampling, CheckShares.Repeats],
    };
}
