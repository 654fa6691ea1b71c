using System.Collections.Immutable;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

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
public sealed class ConsoleUpstreams(IConsoleUpstreamStore store, SecretBox box, TimeProvider time, ConsoleRules? rules = null)
{
    // Nobody who writes a definition can name it, and so have a key written where keys are shown.
    private readonly string _keyVariable = $"KEY_{Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16))}_";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private ConsoleUpstreamSet _set = new(0, []);
    private ImmutableArray<ConsoleUpstreamState> _states = [];

    /// <summary>All of them, as they stand.</summary>
    public ImmutableArray<ConsoleUpstreamState> States => _states;

    /// <summary>Fetches them and puts them in force; call it before the first request is served.</summary>
    public ValueTask<StoreFault?> StartAsync(SnapshotHolder holder, CancellationToken cancellationToken) => ApplyAsync(holder, cancellationToken);

    /// <summary>A configuration with them; those that an earlier call added are taken out first.</summary>
    public GatewayConfig Merge(GatewayConfig config)
    {
        var own = config.Upstreams.Where(upstream => !upstream.IsOfConsole).ToList();
        var names = own.Select(upstream => upstream.Name).ToHashSet(StringComparer.Ordinal);
        var states = Volatile.Read(ref _set).Upstreams.Select(upstream => Read(upstream, names.Contains(upstream.Name))).ToImmutableArray();
        ImmutableInterlocked.InterlockedExchange(ref _states, states);
        config = config with { Upstreams = [.. own, .. states.Select(state => state.Config).OfType<UpstreamConfig>()] };
        return rules?.Merge(config) ?? config; // routes of the console name upstreams, those of the console too
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
        var saved = await store.SaveAsync(upstream with { UpdatedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, cancellationToken);
        return saved.IsSuccess && await ApplyAsync(holder, cancellationToken) is { } fault ? fault : saved;
    }

    /// <summary>Takes one away.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(string name, SnapshotHolder holder, CancellationToken cancellationToken)
    {
        var deleted = await store.DeleteAsync(name, cancellationToken);
        return deleted.IsSuccess && await ApplyAsync(holder, cancellationToken) is { } fault ? fault : deleted;
    }

    /// <summary>Keys as they are kept.</summary>
    public IReadOnlyList<string> Seal(string upstream, IReadOnlyList<string> keys) => [.. keys.Select(key => Convert.ToBase64String(box.Seal(new Secret(key), upstream)))];

    /// <summary>Follows changes of other nodes until cancelled; returns then, without throwing.</summary>
    public async Task RunAsync(SnapshotHolder holder, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var held = Volatile.Read(ref _set).Version;
                var changed = await store.WaitForChangeAsync(held, stopping);
                if (!changed.IsSuccess || await ApplyAsync(holder, stopping) is not null || Volatile.Read(ref _set).Version == held) // a database that was put back to an older one
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
        holder.Update(config =>
        {
            // Two that load at a time may come here in either order: what is older than what is held would undo it.
            if (loaded.Value.Version <= _set.Version)
                return config;
            Volatile.Write(ref _set, loaded.Value);
            return Merge(config);
        });
        return null;
    }

    private ConsoleUpstreamState Read(ConsoleUpstream upstream, bool isShadowed)
    {
        var keys = new List<string>();
        foreach (var sealedKey in upstream.SealedKeys)
        {
            if (!box.TryUnseal(Convert.FromBase64String(sealedKey), upstream.Name, out var key))
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
