using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.Tests.Snapshots;

/// <summary>Policies and routes that people make in the console, beside those of the file.</summary>
public sealed class ConsoleRulesTests
{
    internal const string File = """
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
    private readonly JournalRecorder _journal = new();
    private readonly RecordingLogger<ConsoleRules> _log = new();
    private readonly ConsoleRules _rules;

    public ConsoleRulesTests() => _rules = new ConsoleRules(_store, new ManualTime(), _log, _journal);

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
    public async Task The_name_of_a_preset_stays_the_presets_because_routes_of_the_file_may_go_by_it()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "cheap", "aim: fastest");

        Assert.Equal(PolicyAim.Cheapest, _holder.Current.Policies["cheap"].Aim);
        Assert.Contains(_rules.Find(ConsoleRuleKind.Policy, "cheap")!.Problems, problem => problem.Contains("comes with Trivet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_route_whose_policy_is_gone_answers_with_an_error_instead_of_going_without_it()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "floors: { regions: [eu] }\nwhen_none: refuse");
        await SaveAsync(ConsoleRuleKind.Route, "m", "aliases: [n]\ncandidates: [{ upstream: a }]\npolicy: near");
        Assert.True(_holder.Current.TryResolve("m", out var route));
        Assert.Equal(["eu"], route.Evidence!.Floors.Regions);

        await _rules.DeleteAsync(ConsoleRuleKind.Policy, "near", _holder, Cancel);

        // Both upstreams offer a model of this name, and would take it without the floor.
        Assert.All((string[])["m", "n", "claude-via-m", "m[1m]"], name =>
        {
            Assert.False(_holder.Current.TryResolve(name, out _));
            Assert.Contains("'near'", _holder.Current.BrokenRoute(name), StringComparison.Ordinal);
        });
        Assert.DoesNotContain(_holder.Current.Models, model => model.Id is "m" or "n");
        Assert.True(_holder.Current.TryResolve("a/m", out _)); // whoever asks an upstream by name means it

        await SaveAsync(ConsoleRuleKind.Policy, "near", "floors: { regions: [eu] }\nwhen_none: refuse");
        Assert.True(_holder.Current.TryResolve("m", out _));
        Assert.Null(_holder.Current.BrokenRoute("m"));
    }

    [Fact]
    public async Task A_pattern_whose_policy_is_gone_answers_with_an_error_too_and_names_that_nobody_has_stay_unknown()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "floors: { regions: [eu] }\nwhen_none: refuse");
        await SaveAsync(ConsoleRuleKind.Route, "gpt-*", "candidates: [{ upstream: a, model: '*' }]\npolicy: near");
        Assert.True(_holder.Current.TryResolve("gpt-x", out _));

        await _rules.DeleteAsync(ConsoleRuleKind.Policy, "near", _holder, Cancel);

        Assert.False(_holder.Current.TryResolve("gpt-x", out _));
        Assert.NotNull(_holder.Current.BrokenRoute("gpt-x"));
        Assert.Null(_holder.Current.BrokenRoute("nobody-has-it"));
    }

    [Fact]
    public async Task A_candidate_whose_upstream_is_gone_is_left_out_and_the_route_stays_until_none_is_left()
    {
        await SaveAsync(ConsoleRuleKind.Route, "m", "candidates: [{ upstream: a }, { upstream: b }]\npolicy: filed");

        Reload(File.Replace("name: b,", "name: c,", StringComparison.Ordinal));
        Assert.True(_holder.Current.TryResolve("m", out var route));
        Assert.Equal(["a/m"], route.Candidates.Select(candidate => candidate.Id));
        Assert.Equal("filed", route.Evidence!.Name);
        Assert.Contains(_rules.Find(ConsoleRuleKind.Route, "m")!.Problems, problem => problem.Contains("'b'", StringComparison.Ordinal));

        Reload(File.Replace("name: b,", "name: c,", StringComparison.Ordinal).Replace("name: a,", "name: d,", StringComparison.Ordinal).Replace("upstream: a,", "upstream: d,", StringComparison.Ordinal));
        Assert.False(_holder.Current.TryResolve("m", out _)); // c and d offer it, without the policy
        Assert.NotNull(_holder.Current.BrokenRoute("m"));
    }

    [Theory]
    [InlineData("keys: [laptop]\nnonsense: 1")] // what a later version no longer knows
    [InlineData("keys: [laptop]\nfloors: { quality: 2 }\nwhen_none: refuse")]
    public async Task Requests_of_the_keys_of_a_policy_that_can_no_longer_be_read_are_refused_and_those_of_others_are_not(string definition)
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", definition);

        var policy = _holder.Current.PolicyOfKey("key_1", "laptop");
        Assert.Equal(("near", true), (policy!.Name, policy.Broken is not null));
        Assert.Null(_holder.Current.PolicyOfKey("key_2", "desk"));
        Assert.False(_holder.Current.Policies.ContainsKey("near"));
        Assert.Null(_rules.Find(ConsoleRuleKind.Policy, "near")!.Policy);

        await SaveAsync(ConsoleRuleKind.Policy, "near", "keys: [laptop]");
        Assert.Null(_holder.Current.PolicyOfKey("key_1", "laptop")!.Broken);
    }

    [Theory]
    [InlineData("keys: { laptop: yes }")]
    [InlineData("keys: [laptop")]
    [InlineData("\"k\\u0065ys\": [laptop")]
    public async Task A_policy_of_which_nobody_knows_whose_requests_it_decides_refuses_those_that_no_other_names(string definition)
    {
        await SaveAsync(ConsoleRuleKind.Policy, "sure", "keys: [desk]");
        await SaveAsync(ConsoleRuleKind.Policy, "near", definition);

        Assert.Equal("near", _holder.Current.PolicyOfKey("key_1", "laptop")!.Name);
        Assert.Contains("nobody knows whose", _holder.Current.PolicyOfKey("key_1", "laptop")!.Broken, StringComparison.Ordinal);
        Assert.Null(_holder.Current.PolicyOfKey("key_2", "desk")!.Broken);
    }

    [Fact]
    public async Task A_policy_that_can_no_longer_be_read_and_decides_no_keys_refuses_nobody()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "near", "aim: best\nnonsense: 1");
        await SaveAsync(ConsoleRuleKind.Policy, "far", "aim: [");

        Assert.Null(_holder.Current.PolicyOfKey("key_1", "laptop"));
        Assert.Equal(["filed"], _holder.Current.Config.Policies.Select(policy => policy.Name));
    }

    [Fact]
    public async Task What_has_become_wrong_is_told_once_in_the_log_and_in_the_journal()
    {
        await SaveAsync(ConsoleRuleKind.Route, "m", "candidates: [{ upstream: a }, { upstream: b }]\npolicy: filed");
        Assert.Empty(_log.Lines);

        Reload(File.Replace("name: b,", "name: c,", StringComparison.Ordinal));
        Reload(File.Replace("name: b,", "name: c,", StringComparison.Ordinal));
        await SaveAsync(ConsoleRuleKind.Policy, "near", "keys: [laptop]\nnonsense: 1\nfolly: 2");

        Assert.Equal([1006, 1006, 1006], _log.EventIds);
        Assert.True(_journal.Queue.Reader.TryRead(out var route));
        Assert.Equal((JournalKinds.RuleBroken, "m", "The route m of the console is no longer in order"), (route.Entry.Kind, route.Entry.Subject, route.Entry.Title));
        Assert.Contains("unknown upstream 'b'", route.Entry.Text, StringComparison.Ordinal);
        Assert.True(_journal.Queue.Reader.TryRead(out var policy));
        Assert.Contains("nonsense", policy.Entry.Text, StringComparison.Ordinal);
        Assert.Contains("folly", policy.Entry.Text, StringComparison.Ordinal);
        Assert.False(_journal.Queue.Reader.TryRead(out _));
    }

    [Fact]
    public void What_is_saved_now_must_name_upstreams_that_are_there_and_no_name_twice()
    {
        Assert.Contains(Problems(ConsoleRuleKind.Route, "r", "candidates: [{ upstream: a, model: m }, { upstream: gone, model: m }]"), problem => problem.Contains("gone", StringComparison.Ordinal));
        Assert.Contains(Problems(ConsoleRuleKind.Route, "r", "aliases: [also]\ncandidates: [{ upstream: a, model: m }]"), problem => problem.Contains("of the file, which wins", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"diff\\u0069culty\": { table: /etc/hosts, weak: [a], strong: [b] }")]
    [InlineData("\"diff\\u0069culty\": { table: /nowhere/at/all, weak: [a], strong: [b] }")]
    public void However_it_is_spelled_a_file_of_the_server_is_not_looked_for(string definition) =>
        Assert.EndsWith("difficulty names a file of the server: only the configuration file may.", Assert.Single(Problems(ConsoleRuleKind.Policy, "p", definition)), StringComparison.Ordinal);

    [Fact]
    public void What_is_too_long_too_deep_or_stands_for_itself_is_told_before_it_is_read()
    {
        Assert.Contains("KiB", Assert.Single(Problems(ConsoleRuleKind.Policy, "p", new string('#', ConsoleRules.DefinitionCharsMax + 1))), StringComparison.Ordinal);
        Assert.Contains("deep", Assert.Single(Problems(ConsoleRuleKind.Policy, "p", "tasks: " + new string('[', 60_000))), StringComparison.Ordinal);
        Assert.Contains("write it out", Assert.Single(Problems(ConsoleRuleKind.Policy, "p", "tasks: &all { code: *all }")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_saved_while_the_file_is_read_again_does_not_bring_the_old_file_back()
    {
        // The load of a save is held until the file has been read again beside it.
        _store.Loading = () => Reload(File.Replace("filed", "refiled", StringComparison.Ordinal));
        await SaveAsync(ConsoleRuleKind.Policy, "mine", "aim: best");

        Assert.True(_holder.Current.Policies.ContainsKey("refiled"));
        Assert.True(_holder.Current.Policies.ContainsKey("mine"));
    }

    [Fact]
    public async Task An_older_set_that_arrives_late_undoes_nothing()
    {
        await SaveAsync(ConsoleRuleKind.Policy, "one", "aim: best");
        var older = await _store.LoadAsync(Cancel);
        await SaveAsync(ConsoleRuleKind.Policy, "two", "aim: best");

        _store.Late = older.Value;
        Assert.Null(await _rules.StartAsync(_holder, Cancel));

        Assert.True(_holder.Current.Policies.ContainsKey("two"));
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
        Assert.Equal(["known"], _holder.Current.Config.Routes.Where(route => route.Broken is null).Select(route => route.Model));
    }

    private IReadOnlyList<string> Problems(ConsoleRuleKind kind, string name, string definition) => ConsoleRules.Read(new ConsoleRule(kind, name, definition), _holder.Current.Config).Problems;

    // As the watch over the file does it.
    private void Reload(string file) => _holder.Update(_ => _rules.Merge(ConfigReader.Read(file, new ConfigSource((string?)null), _ => null).Config!));

    private async Task SaveAsync(ConsoleRuleKind kind, string name, string definition) => Assert.True((await _rules.SaveAsync(new ConsoleRule(kind, name, definition), _holder, Cancel)).IsSuccess);

    internal sealed class Kept : IConsoleRuleStore
    {
        private readonly List<ConsoleRule> _all = [];
        private long _version;

        /// <summary>Happens while a set is on its way.</summary>
        public Action? Loading { get; set; }

        /// <summary>What is answered instead: a set that was read before and comes late.</summary>
        public ConsoleRuleSet? Late { get; set; }

        public ValueTask<StoreOutcome<ConsoleRuleSet>> LoadAsync(CancellationToken cancellationToken)
        {
            var loaded = Late ?? new ConsoleRuleSet(_version, [.. _all]);
            Loading?.Invoke();
            return new(loaded);
        }

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
