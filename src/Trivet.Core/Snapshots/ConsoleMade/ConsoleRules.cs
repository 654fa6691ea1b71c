using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots.Checks;

namespace Trivet.Core.Snapshots.ConsoleMade;

/// <summary>How a policy or a route of the console stands.</summary>
/// <param name="Rule">As it was set.</param>
/// <param name="Policy">What became of it; null where it is a route, or not in force.</param>
/// <param name="Route">The same for a route; one that is kept and cannot be served says why in <see cref="RouteConfig.Broken"/>.</param>
/// <param name="Audits">The same for audits.</param>
/// <param name="IsShadowed">The file has one of this name, and that one counts.</param>
/// <param name="Problems">What is wrong with it; empty where nothing is.</param>
public sealed record ConsoleRuleState(ConsoleRule Rule, PolicyConfig? Policy, RouteConfig? Route, AuditsConfig? Audits, bool IsShadowed, IReadOnlyList<string> Problems)
{
    /// <summary>What stands in for a policy that is kept, decides keys and cannot be read: their requests are refused. Null otherwise.</summary>
    public PolicyConfig? Refusing { get; init; }
}

/// <summary>
/// Puts the policies and routes that people made in the console, and what they said of audits, beside those of the configuration file: the file wins where both have a name. They are read by the file's own reader,
/// so that the same mistakes are found. What cannot be read is told. A policy is left out then, and requests of keys that it decides are refused; a route keeps its names and answers them with an error, as it does where its
/// policy is gone: a policy may be what keeps data in a region. A candidate whose upstream is gone is told and left out, and the others stay.
/// </summary>
public sealed partial class ConsoleRules
{
    /// <summary>The longest definition: a whole configuration file is rarely that long.</summary>
    public const int DefinitionCharsMax = 64 * 1024;

    /// <summary>How many there may be: each is read anew whenever any changes.</summary>
    public const int CountMax = 500;

    private const int NameCharsMax = 256;

    private readonly IConsoleRuleStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<ConsoleRules>? _log;
    private readonly JournalRecorder? _journal;
    private readonly KeptSet<ConsoleRuleSet> _set;
    private ImmutableArray<ConsoleRuleState> _states = [];

    /// <summary>Those of a database; nothing is fetched yet.</summary>
    /// <param name="store">Where they are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears what is wrong with those that are kept.</param>
    /// <param name="journal">Hears it too.</param>
    public ConsoleRules(IConsoleRuleStore store, TimeProvider time, ILogger<ConsoleRules>? log = null, JournalRecorder? journal = null)
    {
        (_store, _time, _log, _journal) = (store, time, log, journal);
        _set = new(new(0, []), static set => set.Version, store.LoadAsync, store.WaitForChangeAsync, Merge, time);
    }

    /// <summary>All of them, as they stand.</summary>
    public ImmutableArray<ConsoleRuleState> States => _states;

    /// <summary>How one stands; null where there is none.</summary>
    public ConsoleRuleState? Find(ConsoleRuleKind kind, string name) => _states.FirstOrDefault(state => state.Rule.Kind == kind && state.Rule.Name == name);

    /// <summary>Fetches them and puts them in force; call it before the first request is served.</summary>
    public ValueTask<StoreFault?> StartAsync(SnapshotHolder holder, CancellationToken cancellationToken) => _set.ApplyAsync(holder, cancellationToken);

    /// <summary>A configuration with them; those that an earlier call added are taken out first.</summary>
    public GatewayConfig Merge(GatewayConfig config)
    {
        var own = config with { Policies = [.. config.Policies.Where(policy => !policy.IsOfConsole)], Routes = [.. config.Routes.Where(route => !route.IsOfConsole)], Audits = config.Audits.IsOfConsole ? new AuditsConfig() : config.Audits };
        var rules = _set.Held.Rules;

        // Policies first: routes go by them.
        var policies = rules.Where(rule => rule.Kind == ConsoleRuleKind.Policy).Select(rule => Read(rule, own, isKept: true)).ToList();
        var withPolicies = own with { Policies = [.. own.Policies, .. policies.Where(state => !state.IsShadowed).Select(state => state.Policy ?? state.Refusing).OfType<PolicyConfig>()] };
        var routes = rules.Where(rule => rule.Kind == ConsoleRuleKind.Route).Select(rule => Read(rule, withPolicies, isKept: true)).ToList();
        var audits = rules.Where(rule => rule.Kind == ConsoleRuleKind.Audits).Select(rule => Read(rule, own, isKept: true)).ToList();
        var before = ImmutableInterlocked.InterlockedExchange(ref _states, [.. policies, .. routes, .. audits]);
        Tell(before);
        return withPolicies with { Audits = audits.Where(state => !state.IsShadowed).Select(state => state.Audits).OfType<AuditsConfig>().FirstOrDefault() ?? own.Audits, Routes = [.. own.Routes, .. routes.Where(state => !state.IsShadowed).Select(state => state.Route).OfType<RouteConfig>()] };
    }

    /// <summary>Reads one as it would be beside a configuration if it were saved now.</summary>
    public static ConsoleRuleState Read(ConsoleRule rule, GatewayConfig beside) => Read(rule, beside, isKept: false);

    /// <summary>What is wrong with a definition's size, before anything reads it; null where nothing is.</summary>
    internal static string? ProblemOfSize(string definition) => definition.Length > DefinitionCharsMax ? $"It is longer than {DefinitionCharsMax / 1024} KiB." : null;

    private static ConsoleRuleState Read(ConsoleRule rule, GatewayConfig beside, bool isKept)
    {
        var isShadowed = rule.Kind switch
        {
            ConsoleRuleKind.Policy => beside.Policies.Any(policy => !policy.IsOfConsole && policy.Name == rule.Name),
            ConsoleRuleKind.Route => beside.Routes.Any(route => !route.IsOfConsole && Names(route).Contains(rule.Name, StringComparer.Ordinal)),
            _ => beside.Audits is { IsWritten: true, IsOfConsole: false },
        };
        if (rule.Name.Length > NameCharsMax)
            return Wrong([$"Its name is longer than {NameCharsMax} characters."]);
        if (ProblemOfSize(rule.Definition) is { } tooLarge)
            return Wrong([tooLarge]);
        var read = ConfigReader.ReadRules(Text(rule), beside, isKept);

        // Routes of the file that say `cheap` mean the preset, and nobody who wrote them is asked here.
        if (rule.Kind == ConsoleRuleKind.Policy && PolicyPresets.Names.Contains(rule.Name, StringComparer.Ordinal))
            return Wrong([$"'{rule.Name}' comes with Trivet, and routes of the file may go by it: call it otherwise. The file may replace it."], read: read);
        var route = read is { Routes.Count: 1, Policies.Count: 0, Audits.IsWritten: false } ? read.Routes[0] : null;
        if (read.Problems.Count > 0)
            return Wrong(read.Problems, route, read);
        return (rule.Kind, read.Policies.Count, read.Routes.Count, read.Audits.IsWritten) switch
        {
            (ConsoleRuleKind.Policy, 1, 0, false) => new ConsoleRuleState(rule, read.Policies[0] with { IsOfConsole = true }, null, null, isShadowed, []),
            (ConsoleRuleKind.Route, 0, 1, false) => OfRoute(route!),
            (ConsoleRuleKind.Audits, 0, 0, true) => new ConsoleRuleState(rule, null, null, read.Audits with { IsOfConsole = true }, isShadowed, []),
            _ => Wrong(["It is not one policy, one route, or one section of audits."]),
        };

        ConsoleRuleState OfRoute(RouteConfig found)
        {
            var clashes = isShadowed ? [] : Clashes(found, beside);
            return clashes.Count > 0 && !isKept ? Wrong(clashes) : new(rule, null, found with { IsOfConsole = true }, null, isShadowed, [.. read.Warnings, .. clashes]);
        }

        ConsoleRuleState Wrong(IReadOnlyList<string> problems, RouteConfig? written = null, ConfigReader.RuleReading? read = null) =>
            new(rule, null, rule.Kind == ConsoleRuleKind.Route && isKept ? Broken(rule.Name, written, written is null ? null : beside) : null, null, isShadowed, problems)
            {
                Refusing = rule.Kind == ConsoleRuleKind.Policy && isKept ? Refusing(rule, read) : null,
            };
    }

    // Left out, the keys that it decides would go by the policies of their routes, which are not what somebody made it for. Whose they are may be readable where the rest is not; where it is not, they may be anybody's.
    private static PolicyConfig? Refusing(ConsoleRule rule, ConfigReader.RuleReading? read)
    {
        var keys = read?.KeysOfPolicy;
        var isAnybodys = keys is null && MayNameKeys(rule.Definition);
        return keys is null or { Count: 0 } && !isAnybodys ? null : new PolicyConfig
        {
            Name = rule.Name,
            IsOfConsole = true,
            Keys = keys ?? [],
            Broken = isAnybodys
                ? "what was said of it in the console cannot be read, so that nobody knows whose requests it decides"
                : "it decides this key's requests, and what was said of it in the console cannot be read",
        };
    }

    // A backslash may spell the word otherwise.
    private static bool MayNameKeys(string definition) => definition.Contains("keys", StringComparison.Ordinal) || definition.Contains('\\', StringComparison.Ordinal);

    // It keeps its names, and answers them with an error: left out, they would be served without the policy that somebody made it for.
    private static RouteConfig Broken(string name, RouteConfig? written, GatewayConfig? beside) => (written ?? new RouteConfig { Model = name, Candidates = [] }) with
    {
        Model = name,
        IsOfConsole = true,
        Broken = written is not null && beside is not null && !PolicyChecks.NamesFor(beside.Policies).Contains(written.Policy, StringComparer.Ordinal)
            ? $"there is no policy '{written.Policy}' any more, by which it goes"
            : "what was said of it in the console cannot be read",
    };

    // The first to have a name keeps it, and the file comes first: an alias that is taken would silently be nobody's.
    private static IReadOnlyList<string> Clashes(RouteConfig route, GatewayConfig beside) =>
    [
        .. from other in beside.Routes
           where !(other.IsOfConsole && other.Model == route.Model)
           from name in Names(route).Intersect(Names(other), StringComparer.Ordinal)
           select $"'{name}' is a name or an alias of the route '{other.Model}'{(other.IsOfConsole ? "" : " of the file, which wins")}.",
    ];

    private static IEnumerable<string> Names(RouteConfig route) => route.Aliases.Prepend(route.Model);

    /// <summary>Adds or changes one, and puts it in force on this node; others follow within a second or two.</summary>
    public async ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        if (_set.Held.Rules.Count >= CountMax && Find(rule.Kind, rule.Name) is null)
            return new StoreFault(StoreFaultKind.Conflict, $"There are {CountMax} policies and routes in the console, and no more may be: the configuration file holds as many as you like.");
        return await _set.AfterAsync(await _store.SaveAsync(rule with { UpdatedAtMs = NowMs }, cancellationToken), holder, cancellationToken);
    }

    /// <summary>Takes one away.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, SnapshotHolder holder, CancellationToken cancellationToken) =>
        await _set.AfterAsync(await _store.DeleteAsync(kind, name, cancellationToken), holder, cancellationToken);

    /// <summary>Follows changes of other nodes until cancelled; returns then, without throwing.</summary>
    public Task RunAsync(SnapshotHolder holder, CancellationToken stopping) => _set.RunAsync(holder, stopping);

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // What could be read when it was saved and can no longer be: its requests are refused, or go elsewhere, and nobody may be looking at the console.
    private void Tell(ImmutableArray<ConsoleRuleState> before)
    {
        if (_log is null && _journal is null)
            return;
        var known = before.SelectMany(static state => state.Problems.Select(problem => (state.Rule.Kind, state.Rule.Name, problem))).ToHashSet();
        foreach (var state in _states)
        {
            var found = state.Problems.Where(problem => !known.Contains((state.Rule.Kind, state.Rule.Name, problem))).ToList();
            foreach (var problem in found)
                if (_log is not null)
                    Wrong(_log, state.Rule.Kind, state.Rule.Name, problem);
            if (found.Count > 0)
                _journal?.Record(JournalEvents.RuleBroken(Word(state.Rule.Kind), state.Rule.Name, found, NowMs));
        }
    }

    /// <summary>What people call such a rule.</summary>
    internal static string Word(ConsoleRuleKind kind) => kind switch { ConsoleRuleKind.Policy => "policy", ConsoleRuleKind.Route => "route", _ => "audits" };

    [LoggerMessage(1006, LogLevel.Warning, "{Kind} {Name}, made in the console: {Problem}")]
    private static partial void Wrong(ILogger log, ConsoleRuleKind kind, string name, string problem);

    // The definition stands below its name, further in: no line of it can be a key of the file.
    private static string Text(ConsoleRule rule)
    {
        var text = new StringBuilder(rule.Kind switch
        {
            ConsoleRuleKind.Policy => $"policies:\n  {Quoted(rule.Name)}:\n",
            ConsoleRuleKind.Route => $"routes:\n  - model: {Quoted(rule.Name)}\n",
            _ => "audits:\n",
        });
        foreach (var line in rule.Definition.ReplaceLineEndings("\n").Split('\n'))
            text.Append("    ").Append(line).Append('\n');
        return text.ToString();
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
