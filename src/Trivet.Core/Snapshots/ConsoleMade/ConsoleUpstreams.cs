using System.Collections.Immutable;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Snapshots.ConsoleMade;

/// <summary>How an upstream of the console stands.</summary>
/// <param name="Upstream">As it was set.</param>
/// <param name="Config">What became of it; null where it is not in force.</param>
/// <param name="IsShadowed">The file has one of this name, and that one counts.</param>
/// <param name="Problems">What is wrong with it; empty where nothing is.</param>
public sealed record ConsoleUpstreamState(ConsoleUpstream Upstream, UpstreamConfig? Config, bool IsShadowed, IReadOnlyList<string> Problems);

/// <summary>
/// Puts the upstreams that people made in the console beside those of the configuration file: the file wins where both have a name. They are read by the same reader, so that
/// the same mistakes are found; keys stay sealed until then and never stand in a text. One that cannot be read is left out and told, whatever else changes.
/// </summary>
public sealed class ConsoleUpstreams
{
    // Nobody who writes a definition can name it, and so have a key written where keys are shown.
    private readonly string _keyVariable = $"KEY_{Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16))}_";
    private readonly IConsoleUpstreamStore _store;
    private readonly SecretBox _box;
    private readonly TimeProvider _time;
    private readonly ConsoleRules? _rules;
    private readonly KeptSet<ConsoleUpstreamSet> _set;
    private ImmutableArray<ConsoleUpstreamState> _states = [];

    /// <summary>Those of a database; nothing is fetched yet.</summary>
    /// <param name="store">Where they are kept.</param>
    /// <param name="box">Opens their keys.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rules">What the console made beside them, to be put in force with them.</param>
    public ConsoleUpstreams(IConsoleUpstreamStore store, SecretBox box, TimeProvider time, ConsoleRules? rules = null)
    {
        (_store, _box, _time, _rules) = (store, box, time, rules);
        _set = new(new(0, []), static set => set.Version, store.LoadAsync, store.WaitForChangeAsync, Merge, time);
    }

    /// <summary>All of them, as they stand.</summary>
    public ImmutableArray<ConsoleUpstreamState> States => _states;

    /// <summary>Fetches them and puts them in force; call it before the first request is served.</summary>
    public ValueTask<StoreFault?> StartAsync(SnapshotHolder holder, CancellationToken cancellationToken) => _set.ApplyAsync(holder, cancellationToken);

    /// <summary>A configuration with them; those that an earlier call added are taken out first.</summary>
    public GatewayConfig Merge(GatewayConfig config)
    {
        var own = config.Upstreams.Where(upstream => !upstream.IsOfConsole).ToList();
        var names = own.Select(upstream => upstream.Name).ToHashSet(StringComparer.Ordinal);
        var states = _set.Held.Upstreams.Select(upstream => Read(upstream, names.Contains(upstream.Name))).ToImmutableArray();
        ImmutableInterlocked.InterlockedExchange(ref _states, states);
        config = config with { Upstreams = [.. own, .. states.Select(state => state.Config).OfType<UpstreamConfig>()] };
        return _rules?.Merge(config) ?? config; // routes of the console name upstreams, those of the console too
    }

    /// <summary>What is wrong with a definition; empty where nothing is.</summary>
    public IReadOnlyList<string> Check(ConsoleUpstream upstream) => Read(upstream, isShadowed: false).Problems;

    /// <summary>Adds or changes one, and puts it in force on this node; others follow within a second or two.</summary>
    /// <param name="upstream">As it is to be.</param>
    /// <param name="keys">New keys; null: those it has.</param>
    /// <param name="holder">What is in force.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<StoreOutcome<int>> SaveAsync(ConsoleUpstream upstream, IReadOnlyList<string>? keys, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        if (keys is not null)
            upstream = upstream with { SealedKeys = Seal(upstream.Name, keys) };
        return await _set.AfterAsync(await _store.SaveAsync(upstream with { UpdatedAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken), holder, cancellationToken);
    }

    /// <summary>Takes one away.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(string name, SnapshotHolder holder, CancellationToken cancellationToken) =>
        await _set.AfterAsync(await _store.DeleteAsync(name, cancellationToken), holder, cancellationToken);

    /// <summary>Keys as they are kept.</summary>
    public IReadOnlyList<string> Seal(string upstream, IReadOnlyList<string> keys) => [.. keys.Select(key => Convert.ToBase64String(_box.Seal(new Secret(key), upstream)))];

    /// <summary>Follows changes of other nodes until cancelled; returns then, without throwing.</summary>
    public Task RunAsync(SnapshotHolder holder, CancellationToken stopping) => _set.RunAsync(holder, stopping);

    private ConsoleUpstreamState Read(ConsoleUpstream upstream, bool isShadowed)
    {
        var keys = new List<string>();
        foreach (var sealedKey in upstream.SealedKeys)
        {
            if (!_box.TryUnseal(Convert.FromBase64String(sealedKey), upstream.Name, out var key))
                return new ConsoleUpstreamState(upstream, null, isShadowed, ["Its keys cannot be opened with this data directory's secret.key: enter them again."]);
            keys.Add(key.Reveal());
        }

        if (ConsoleRules.ProblemOfSize(upstream.Definition) is { } tooLarge)
            return new ConsoleUpstreamState(upstream, null, isShadowed, [tooLarge]);
        var reading = ConfigReader.ReadUpstream(Text(upstream, keys.Count), name => Variable(name, keys));
        var config = reading.Config?.Upstreams.Count == 1 ? reading.Config.Upstreams[0] with { IsOfConsole = true } : null;
        if (config is not null && upstream.IsDisabled)
            config = config with { Enabled = false };
        return new ConsoleUpstreamState(upstream, isShadowed ? null : config, isShadowed, config is null ? Problems(reading) : []);
    }

    // The environment is the operator's: a definition of the console sees its own keys in it and nothing else.
    private string? Variable(string name, List<string> keys) =>
        name.StartsWith(_keyVariable, StringComparison.Ordinal) && int.TryParse(name.AsSpan(_keyVariable.Length), out var place) && place >= 0 && place < keys.Count ? keys[place] : null;

    private static IReadOnlyList<string> Problems(ConfigReading reading) =>
        reading.Problems.Count > 0 ? [.. reading.Problems.Select(problem => problem.Message).Distinct(StringComparer.Ordinal)] : ["It is not one upstream."];

    private string Text(ConsoleUpstream upstream, int keyCount)
    {
        var text = new StringBuilder("upstreams:\n  - name: ").Append(Quoted(upstream.Name)).Append('\n');
        if (keyCount > 0)
            text.Append("    keys: [").AppendJoin(", ", Enumerable.Range(0, keyCount).Select(place => $"\"${{{_keyVariable}{place}}}\"")).Append("]\n");
        foreach (var line in upstream.Definition.ReplaceLineEndings("\n").Split('\n'))
            text.Append("    ").Append(line).Append('\n');
        return text.ToString();
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
