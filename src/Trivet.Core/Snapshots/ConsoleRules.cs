using System.Collections.Immutable;
using System.Text;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

/// <summary>How a policy or a route of the console stands.</summary>
/// <param name="Rule">As it was set.</param>
/// <param name="Policy">What became of it; null where it is a route, or not in force.</param>
/// <param name="Route">The same for a route.</param>
/// <param name="Audits">The same for audits.</param>
/// <param name="IsShadowed">The file has one of this name, and that one counts.</param>
/// <param name="Problems">What is wrong with it; empty where nothing is.</param>
public sealed record ConsoleRuleState(ConsoleRule Rule, PolicyConfig? Policy, RouteConfig? Route, AuditsConfig? Audits, bool IsShadowed, IReadOnlyList<string> Problems);

/// <summary>
/// Puts the policies and routes that people made in the console, and what they said of audits, beside those of the configuration file: the file wins where both have a name. They are read by the file's own reader,
/// so that the same mistakes are found. One that cannot be read is left out and told; routes that go by a policy which is gone are told too.
/// </summary>
public sealed class ConsoleRules(IConsoleRuleStore store, TimeProvider time)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private ConsoleRuleSet _set = new(0, []);
    private ImmutableArray<ConsoleRuleState> _states = [];

    /// <summary>All of them, as they stand.</summary>
    public ImmutableArray<ConsoleRuleState> States => _states;

    /// <summary>How one stands; null where there is none.</summary>
    public ConsoleRuleState? Find(ConsoleRuleKind kind, string name) => _states.FirstOrDefault(state => state.Rule.Kind == kind && state.Rule.Name == name);

    /// <summary>Fetches them and puts them in force; call it before the first request is served.</summary>
    public ValueTask<StoreFault?> StartAsync(SnapshotHolder holder, CancellationToken cancellationToken) => ApplyAsync(holder, cancellationToken);

    /// <summary>A configuration with them; those that an earlier call added are taken out first.</summary>
    public GatewayConfig Merge(GatewayConfig config)
    {
        var own = config with { Policies = [.. config.Policies.Where(policy => !policy.IsOfConsole)], Routes = [.. config.Routes.Where(route => !route.IsOfConsole)], Audits = config.Audits.IsOfConsole ? new AuditsConfig() : config.Audits };
        var rules = Volatile.Read(ref _set).Rules;

        // Policies first: routes go by them.
        var policies = rules.Where(rule => rule.Kind == ConsoleRuleKind.Policy).Select(rule => Read(rule, own)).ToList();
        var withPolicies = own with { Policies = [.. own.Policies, .. policies.Where(state => !state.IsShadowed).Select(state => state.Policy).OfType<PolicyConfig>()] };
        var routes = rules.Where(rule => rule.Kind == ConsoleRuleKind.Route).Select(rule => Read(rule, withPolicies)).ToList();
        var audits = rules.Where(rule => rule.Kind == ConsoleRuleKind.Audits).Select(rule => Read(rule, own)).ToList();
        ImmutableInterlocked.InterlockedExchange(ref _states, [.. policies, .. routes, .. audits]);
        return withPolicies with { Audits = audits.Where(state => !state.IsShadowed).Select(state => state.Audits).OfType<AuditsConfig>().FirstOrDefault() ?? own.Audits, Routes = [.. own.Routes, .. routes.Where(state => !state.IsShadowed).Select(state => state.Route).OfType<RouteConfig>()] };
    }

    /// <summary>Reads one as it would be beside a configuration, whether it is kept or not.</summary>
    public static ConsoleRuleState Read(ConsoleRule rule, GatewayConfig beside)
    {
        var isShadowed = rule.Kind switch
        {
            ConsoleRuleKind.Policy => beside.Policies.Any(policy => !policy.IsOfConsole && policy.Name == rule.Name),
            ConsoleRuleKind.Route => beside.Routes.Any(route => !route.IsOfConsole && (route.Model == rule.Name || route.Aliases.Contains(rule.Name, StringComparer.Ordinal))),
            _ => beside.Audits is { IsWritten: true, IsOfConsole: false },
        };
        if (rule.Kind == ConsoleRuleKind.Policy && rule.Definition.Contains("difficulty", StringComparison.Ordinal))
            return Wrong(["difficulty names a file of the server: only the configuration file may."]);
        var (policies, routes, audits, problems) = ConfigReader.ReadRules(Text(rule), beside);
        if (problems.Count > 0)
            return Wrong(problems);
        return (rule.Kind, policies.Count, routes.Count, audits.IsWritten) switch
        {
            (ConsoleRuleKind.Policy, 1, 0, false) => new ConsoleRuleState(rule, policies[0] with { IsOfConsole = true }, null, null, isShadowed, []),
            (ConsoleRuleKind.Route, 0, 1, false) => new ConsoleRuleState(rule, null, routes[0] with { IsOfConsole = true }, null, isShadowed, []),
            (ConsoleRuleKind.Audits, 0, 0, true) => new ConsoleRuleState(rule, null, null, audits with { IsOfConsole = true }, isShadowed, []),
            _ => Wrong(["It is not one policy, one route, or one section of audits."]),
        };

        ConsoleRuleState Wrong(IReadOnlyList<string> problems) => new(rule, null, null, null, isShadowed, problems);
    }

    /// <summary>Adds or changes one, and puts it in force on this node; others follow within a second or two.</summary>
    public async ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var saved = await store.SaveAsync(rule with { UpdatedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);
        return saved.IsSuccess && await ApplyAsync(holder, cancellationToken) is { } fault ? fault : saved;
    }

    /// <summary>Takes one away.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var deleted = await store.DeleteAsync(kind, name, cancellationToken);
        return deleted.IsSuccess && await ApplyAsync(holder, cancellationToken) is { } fault ? fault : deleted;
    }

    /// <summary>Follows changes of other nodes until cancelled; returns then, without throwing.</summary>
    public async Task RunAsync(SnapshotHolder holder, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var changed = await store.WaitForChangeAsync(Volatile.Read(ref _set).Version, stopping);
                if (!changed.IsSuccess || await ApplyAsync(holder, stopping) is not null)
                    await Task.Delay(RetryDelay, time, stopping); // what was in force stays
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    private async ValueTask<StoreFault?> ApplyAsync(SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var loaded = await store.LoadAsync(cancellationToken);
        if (loaded.Fault is { } fault)
            return fault;
        var before = Interlocked.Exchange(ref _set, loaded.Value);
        if (before.Version != loaded.Value.Version)
            holder.Swap(GatewaySnapshot.Compile(Merge(holder.Current.Config)));
        return null;
    }

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
