using Trivet.Core.Failures;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;

namespace Trivet.Tests.Snapshots;

/// <summary>Policies and routes that people make in the console, beside those of the file.</summary>
public sealed class ConsoleRulesTests
{
    private const string File = """
        upstreams:
          - { name: a, vendor: custom, keys: [x], endpoints: { openai-chat: 'http://127.0.0.1:9/v1' }, models: [m] }
          - { name: b, vendor: custom, keys: [x], endpoints: { openai-chat: 'http://127.0.0.1:8/v1' }, models: [m] }
        policies:
          filed: { aim: fastest }
        routes:
          - { model: known, aliases: [also], candidates: [{ upstream: a, model: m }] }
        """;

    private readonly Kept _store = new();
    private readonly SnapshotHolder _holder = new(GatewaySnapshot.Compile(ConfigReader.Read(File, new ConfigSource((string?)null), _ => null).Config!));
    private readonly ConsoleRules _rules;

    public ConsoleRulesTests() => _rules = new ConsoleRules(_store, new ManualTime());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_and_a_route_that_goes_by_it_are_in_force_as_soon_as_they_are_saved()
    {
        await SaveAsync(ConsoleRuleKind.Route, "mine", "candidates: [{ upstream: a, model: m }, { upstream: b, model: m }]\npolicy: careful");
        Assert.False(_holder.Current.TryResolve("mine", out _)); // its policy is not there yet
        Assert.Contains(_rules.Find(ConsoleRuleKind.Route, "mine")!.Problems, problem => problem.Contains("careful", StringComparison.Ordinal));

        await SaveAsync(ConsoleRuleKind.Policy, "careful", "floors: { availability: 0.9 }\nwhen_none: refuse\naim: cheapest");

        Assert.True(_holder.Current.TryResolve("mine", out var route));
        Assert.Equal(["a/m", "b/m"], route.Candidates.Select(candidate => candidate.Id));
        Assert.Equal((0.9, PolicyAim.Cheapest, true), (route.Evidence!.Floors.Availability, route.Evidence.Aim, route.Route!.IsOfConsole));
        Assert.Empty(_rules.States.SelectMany(state => state.Problems));
    }

    [Theory]
    [InlineData(ConsoleRuleKind.Policy, "filed", "aim: best")]
    [InlineData(ConsoleRuleKind.Route, "known", "candidates: [{ upstream: b, model: m }]")]
    [InlineData(ConsoleRuleKind.Route, "also", "candidates: [{ upstream: b, model: m }]")]
    public async Task The_file_wins_where_both_have_a_name_and_says_so(ConsoleRuleKind kind, string name, string definition)
    {
        await SaveAsync(kind, name, definition);

        Assert.True(_rules.Find(kind, name)!.IsShadowed);
        Assert.Equal(PolicyAim.Fastest, _holder.Current.Policies["filed"].Aim);
        Assert.True(_holder.Current.TryResolve(kind == ConsoleRuleKind.Route ? name : "known", out var route));
        Assert.Equal(["a/m"], route.Candidates.Select(candidate => candidate.Id));

        // And comes back when the file no longer has it.
        var without = _rules.Merge(_holder.Current.Config with { Policies = [], Routes = [] });
        Assert.Equal(1, without.Policies.Count + without.Routes.Count);
    }

    [Fact]
    public async Task A_preset_is_replaced_by_one_of_the_console_until_that_is_removed()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "cheap", "aim: fastest");
        Assert.Equal(PolicyAim.Fastest, _holder.Current.Policies["cheap"].Aim);

        Assert.True((await _rules.DeleteAsync(ConsoleRuleKind.Policy, "cheap", _holder, Cancel)).Value);
        Assert.Equal(PolicyAim.Cheapest, _holder.Current.Policies["cheap"].Aim);
    }

    [Fact]
    public async Task Audits_are_set_in_the_console_unless_the_file_says_how_they_are_made()
    {
        await SaveAsync(ConsoleRuleKind.Audits, ConsoleRule.AuditsName, "enabled: true\nevery: 12h\nbudget: 0.20USD");
        var audits = _holder.Current.Config.Audits;
        Assert.Equal((true, TimeSpan.FromHours(12), 200_000_000L), (audits.IsEnabled, audits.Every, audits.Budgets.Single().AmountNano));
        Assert.False(_rules.Find(ConsoleRuleKind.Audits, ConsoleRule.AuditsName)!.IsShadowed);

        var filed = ConfigReader.Read(File + "\naudits: { enabled: false }", new ConfigSource((string?)null), _ => null).Config!;
        Assert.False(_rules.Merge(filed).Audits.IsEnabled);
        Assert.True(_rules.Find(ConsoleRuleKind.Audits, ConsoleRule.AuditsName)!.IsShadowed);

        await _rules.DeleteAsync(ConsoleRuleKind.Audits, ConsoleRule.AuditsName, _holder, Cancel);
        Assert.False(_holder.Current.Config.Audits.IsEnabled);
    }

    [Theory]
    [InlineData(ConsoleRuleKind.Audits, "audits", "enabled: perhaps", "enabled")]
    [InlineData(ConsoleRuleKind.Audits, "audits", "budget: 0USD", "budget")]
    [InlineData(ConsoleRuleKind.Policy, "p", "floors: { quality: 2 }", "quality")]
    [InlineData(ConsoleRuleKind.Policy, "p", "floors: { quality: 0.9 }", "when_none")]
    [InlineData(ConsoleRuleKind.Policy, "p", "nonsense: 1", "nonsense")]
    [InlineData(ConsoleRuleKind.Policy, "p q", "aim: best", "header")]
    [InlineData(ConsoleRuleKind.Policy, "p", "difficulty: { table: /etc/passwd, weak: [a], strong: [b] }", "only the configuration file may")]
    [InlineData(ConsoleRuleKind.Route, "r", "candidates: [{ upstream: nobody, model: m }]", "nobody")]
    [InlineData(ConsoleRuleKind.Route, "r", "policy: cheap", "candidates")]
    [InlineData(ConsoleRuleKind.Route, "r", "candidates: [", "")]
    public void What_is_wrong_is_told_in_the_words_of_the_file(ConsoleRuleKind kind, string name, string definition, string word)
    {
        var state = ConsoleRules.Read(new ConsoleRule(kind, name, definition), _holder.Current.Config);

        Assert.Contains(state.Problems, problem => problem.Contains(word, StringComparison.Ordinal));
        Assert.Null(state.Policy);
        Assert.Null(state.Route);
    }

    [Theory]
    [InlineData(ConsoleRuleKind.Policy, "x': {}\nupstreams:\n  - name: 'y", "aim: best")]
    [InlineData(ConsoleRuleKind.Policy, "p", "aim: best\nupstreams:\n  - { name: evil, vendor: custom }")]
    [InlineData(ConsoleRuleKind.Policy, "p", "aim: best\n  q: { aim: fastest }")]
    [InlineData(ConsoleRuleKind.Route, "r", "candidates: [{ upstream: a, model: m }]\n- model: second\n  candidates: [{ upstream: a, model: m }]")]
    public async Task Names_and_definitions_are_not_configuration_of_anything_else(ConsoleRuleKind kind, string name, string definition)
    {
        await SaveAsync(kind, name, definition);

        Assert.NotEmpty(_rules.Find(kind, name)!.Problems);
        Assert.Equal(["a", "b"], _holder.Current.Config.Upstreams.Select(upstream => upstream.Name));
        Assert.Single(_holder.Current.Config.Policies);
        Assert.Single(_holder.Current.Config.Routes);
    }

    private async Task SaveAsync(ConsoleRuleKind kind, string name, string definition) => Assert.True((await _rules.SaveAsync(new ConsoleRule(kind, name, definition), _holder, Cancel)).IsSuccess);

    private sealed class Kept : IConsoleRuleStore
    {
        private readonly List<ConsoleRule> _all = [];
        private long _version;

        public ValueTask<StoreOutcome<ConsoleRuleSet>> LoadAsync(CancellationToken cancellationToken) => new(new ConsoleRuleSet(_version, [.. _all]));

        public ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, CancellationToken cancellationToken)
        {
            _all.RemoveAll(known => (known.Kind, known.Name) == (rule.Kind, rule.Name));
            _all.Add(rule);
            _version++;
            return new(1);
        }

        public ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, CancellationToken cancellationToken)
        {
            _version++;
            return new(_all.RemoveAll(known => (known.Kind, known.Name) == (kind, name)) > 0);
        }

        public async ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return version;
        }
    }
}
