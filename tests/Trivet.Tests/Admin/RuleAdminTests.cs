using Trivet.Core.Admin.Routes;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Tests.Journal;
using Trivet.Tests.Keys;
using Trivet.Tests.Snapshots;
using Trivet.WebConsole.Pages.Policies;

namespace Trivet.Tests.Admin;

/// <summary>Policies and routes of the console, changed by several people who do not see each other.</summary>
public sealed class RuleAdminTests
{
    private readonly ManualTime _time = new();
    private readonly JournalRecorder _journal = new();
    private readonly SnapshotHolder _holder = new(GatewaySnapshot.Compile(ConfigReader.Read(ConsoleRulesTests.File, new ConfigSource((string?)null), _ => null).Config!));
    private readonly ConsoleRules _rules;
    private readonly KeyAdmin _keys;
    private readonly RuleAdmin _admin;

    public RuleAdminTests()
    {
        _rules = new ConsoleRules(new ConsoleRulesTests.Kept(), _time);
        _keys = new KeyAdmin(new FakeKeyStore(), new MemoryJournal(), _time);
        _admin = new RuleAdmin(_rules, _holder, _keys, _journal, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_that_keys_and_routes_use_names_them()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: best", "ann");
        await SaveAsync(ConsoleRuleKind.Route, "mine", "candidates: [{ upstream: a, model: m }]\npolicy: near", "ann");
        var kept = (await _keys.CreateAsync(new KeyRequest { Name = "laptop", Policy = "near" }, Cancel)).Value;

        Assert.Equal(["mine", "laptop"], (await _admin.UsersAsync("near", Cancel)).Value.All);

        await _keys.RevokeAsync(kept.Record.Id, kept.Record.Organisation, "ada", Cancel);
        await _admin.DeleteAsync(ConsoleRuleKind.Route, "mine", "ann", Cancel);
        Assert.Empty((await _admin.UsersAsync("near", Cancel)).Value.All);
    }

    [Fact]
    public async Task The_journal_says_who_made_changed_and_removed_what()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: best", "ann");
        _time.Advance(TimeSpan.FromSeconds(1));
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: fastest", "bob");
        await _admin.DeleteAsync(ConsoleRuleKind.Policy, "near", "cid", Cancel);
        await _admin.DeleteAsync(ConsoleRuleKind.Policy, "near", "cid", Cancel); // there is none any more: nothing was done

        var written = new List<(string, string, bool)>();
        while (_journal.Queue.Reader.TryRead(out var entry))
            written.Add((entry.Entry.Author, entry.Entry.Title, entry.Entry.Text.Contains("fastest", StringComparison.Ordinal)));
        Assert.Equal(
            [("ann", "The policy near was made in the console", false), ("bob", "The policy near was changed in the console", true), ("cid", "The policy near was removed in the console", true)],
            written.AsEnumerable());
    }

    [Fact]
    public async Task How_audits_are_made_is_in_the_journal_too()
    {
        await SaveAsync(ConsoleRuleKind.Audits, ConsoleRule.AuditsName, "enabled: true\nbudget: 0.20USD", "ann");

        Assert.True(_journal.Queue.Reader.TryRead(out var entry));
        Assert.Equal(("ann", JournalKinds.RuleChanged, "What is said of audits was made in the console"), (entry.Entry.Author, entry.Entry.Kind, entry.Entry.Title));
        Assert.Contains("0.20USD", entry.Entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_has_written_meanwhile_is_not_written_over()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: best", "ann");
        var opened = Seen("near");
        _time.Advance(TimeSpan.FromSeconds(1));
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: fastest", "bob");

        var rule = new ConsoleRule(ConsoleRuleKind.Policy, "near", "aim: best");
        Assert.Equal("bob", _admin.WrittenMeanwhileBy(rule, opened));
        Assert.Equal("bob", _admin.WrittenMeanwhileBy(rule, "")); // whoever makes a new one does not know that the name is taken
        Assert.Null(_admin.WrittenMeanwhileBy(rule, Seen("near")));
        Assert.Null(_admin.WrittenMeanwhileBy(rule with { Name = "other" }, ""));
    }

    [Fact]
    public void What_a_form_says_of_a_policy_comes_back_into_its_fields_and_is_written_once()
    {
        var typed = PolicyFields.New with { Name = "near", PerMillion = "0", Regions = "eu, us", Vendors = "openai", Rest = "# beside the form\ntasks: { code: [openai] }" };
        var rule = typed.Compose("ann");
        var state = ConsoleRules.Read(rule, _holder.Current.Config);

        Assert.Empty(state.Problems);
        Assert.Equal(["eu", "us"], state.Policy!.Floors.Regions);
        Assert.Equal(["openai"], state.Policy.Floors.Vendors);
        Assert.Equal(0L, state.Policy.Floors.PerMillionNano);
        Assert.Equal(typed, PolicyFields.Of(rule, state.Policy));
        Assert.Equal(rule.Definition, PolicyFields.Of(rule, state.Policy).Compose("ann").Definition);
    }

    private string Seen(string name) => _rules.Find(ConsoleRuleKind.Policy, name)!.Rule.UpdatedAtMs.ToString(null, null);

    private async Task SaveAsync(ConsoleRuleKind kind, string name, string definition, string by) => Assert.True((await _admin.SaveAsync(new ConsoleRule(kind, name, definition) { SetBy = by }, Cancel)).IsSuccess);
}
