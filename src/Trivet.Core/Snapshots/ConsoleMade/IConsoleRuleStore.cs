using Trivet.Core.Failures;

namespace Trivet.Core.Snapshots.ConsoleMade;

/// <summary>What a rule of the console is.</summary>
public enum ConsoleRuleKind
{
    /// <summary>One of <c>policies:</c>.</summary>
    Policy,

    /// <summary>One of <c>routes:</c>.</summary>
    Route,

    /// <summary>The section <c>audits:</c>, of which there is one; its name is <see cref="ConsoleRule.AuditsName"/>.</summary>
    Audits,
}

/// <summary>A policy, a route, or how audits are made, that somebody set in the console.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Name">The policy's name, or the model that clients ask for; unique within its kind.</param>
/// <param name="Definition">What a configuration file would say of it, as YAML, without its name.</param>
public sealed record ConsoleRule(ConsoleRuleKind Kind, string Name, string Definition)
{
    /// <summary>The name of the one rule about audits.</summary>
    public const string AuditsName = "audits";

    /// <summary>Who changed it last.</summary>
    public string SetBy { get; init; } = "";

    /// <summary>When, Unix milliseconds.</summary>
    public long UpdatedAtMs { get; init; }
}

/// <summary>All of them as of one version; every change makes a larger one.</summary>
public sealed record ConsoleRuleSet(long Version, IReadOnlyList<ConsoleRule> Rules);

/// <summary>Where policies and routes of the console are kept, for all nodes.</summary>
public interface IConsoleRuleStore
{
    /// <summary>All of them, by kind and name.</summary>
    ValueTask<StoreOutcome<ConsoleRuleSet>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Adds or changes one.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, CancellationToken cancellationToken);

    /// <summary>Takes one away; false where there is none.</summary>
    ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, CancellationToken cancellationToken);

    /// <summary>Returns as soon as they may have changed since <paramref name="version"/>.</summary>
    ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken);
}
