using System.Globalization;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.Core.Admin.Routes;

/// <summary>Who uses a policy.</summary>
/// <param name="Routes">Routes of the console that go by it, by name.</param>
/// <param name="Keys">Keys whose requests it decides, by name.</param>
public sealed record PolicyUsers(IReadOnlyList<string> Routes, IReadOnlyList<string> Keys)
{
    /// <summary>All of them.</summary>
    public IEnumerable<string> All => Routes.Concat(Keys);
}

/// <summary>Changes policies and routes of the console for people: not over what somebody else has written meanwhile, not away from under those who use them, and never without the journal.</summary>
public sealed class RuleAdmin(ConsoleRules rules, SnapshotHolder holder, KeyAdmin keys, JournalRecorder journal, TimeProvider time)
{
    /// <summary>Who wrote what is there, where that is not what a form began with; null where the form may be saved.</summary>
    /// <param name="rule">What is to be saved.</param>
    /// <param name="seen">When what the form began with was changed last, as it was sent; empty: it began with nothing.</param>
    public string? WrittenMeanwhileBy(ConsoleRule rule, string seen) =>
        rules.Find(rule.Kind, rule.Name) is { } kept && kept.Rule.UpdatedAtMs.ToString(CultureInfo.InvariantCulture) != seen ? kept.Rule.SetBy : null;

    /// <summary>Who would be left without a policy if it were removed; nobody where a policy of the file stands in its place.</summary>
    public async ValueTask<StoreOutcome<PolicyUsers>> UsersAsync(string policy, CancellationToken cancellationToken)
    {
        if (rules.Find(ConsoleRuleKind.Policy, policy) is null or { IsShadowed: true } || PolicyPresets.Names.Contains(policy, StringComparer.Ordinal))
            return new PolicyUsers([], []);
        var listed = await keys.ListAsync(cancellationToken);
        if (listed.Fault is { } fault)
            return fault;
        return new PolicyUsers(
            [.. rules.States.Where(state => !state.IsShadowed && state.Route?.Policy == policy).Select(state => state.Rule.Name)],
            [.. listed.Value.Where(key => key.RevokedAtMs is null && key.Policy == policy).Select(key => key.Name)]);
    }

    /// <summary>Saves one, and writes down who did.</summary>
    public async ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, CancellationToken cancellationToken)
    {
        var isNew = rules.Find(rule.Kind, rule.Name) is null;
        var saved = await rules.SaveAsync(rule, holder, cancellationToken);
        if (saved.IsSuccess)
            journal.Record(JournalEvents.RuleChanged(ConsoleRules.Word(rule.Kind), rule.Name, isNew ? "made" : "changed", rule.SetBy, NowMs) with { Text = Fenced(rule.Definition) });
        return saved;
    }

    /// <summary>Removes one, and writes down who did and what it said.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, string by, CancellationToken cancellationToken)
    {
        var before = rules.Find(kind, name)?.Rule.Definition ?? "";
        var deleted = await rules.DeleteAsync(kind, name, holder, cancellationToken);
        if (deleted is { IsSuccess: true, Value: true })
            journal.Record(JournalEvents.RuleChanged(ConsoleRules.Word(kind), name, "removed", by, NowMs) with { Text = Fenced(before) });
        return deleted;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Indented: nothing that a definition holds can end it.
    private static string Fenced(string definition) => JournalEntry.Cut("    " + definition.ReplaceLineEndings("\n    "), JournalEntry.TextCharsMax);
}
