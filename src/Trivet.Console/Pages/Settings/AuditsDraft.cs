using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.WebConsole.Pages.Settings;

/// <summary>How audits are to be made, as it was typed.</summary>
/// <param name="Enabled">true or false.</param>
/// <param name="Every">A duration.</param>
/// <param name="Budget">Amounts with their currency, of a day and an upstream.</param>
public sealed record AuditsDraft(string Enabled, string Every, string Budget)
{
    /// <summary>What is kept: as the configuration file would say it.</summary>
    public ConsoleRule Compose(string setBy) =>
        new(ConsoleRuleKind.Audits, ConsoleRule.AuditsName, $"enabled: {Scalar(Enabled)}\nevery: {Scalar(Every)}\nbudget: {Scalar(Budget)}") { SetBy = setBy };

    private static string Scalar(string typed) => "'" + typed.Replace("'", "''", StringComparison.Ordinal).ReplaceLineEndings(" ") + "'";
}
