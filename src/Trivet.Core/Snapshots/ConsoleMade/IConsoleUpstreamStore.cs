using Trivet.Core.Failures;

namespace Trivet.Core.Snapshots.ConsoleMade;

/// <summary>An upstream that somebody made in the console.</summary>
public sealed record ConsoleUpstream
{
    /// <summary>Its name, unique among them.</summary>
    public required string Name { get; init; }

    /// <summary>What a configuration file would say of it, as YAML, without name and keys.</summary>
    public required string Definition { get; init; }

    /// <summary>Its keys, each sealed (<see cref="Upstreams.SecretBox"/>) and in base64.</summary>
    public IReadOnlyList<string> SealedKeys { get; init; } = [];

    /// <summary>Kept, and asked nothing.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Who changed it last.</summary>
    public string SetBy { get; init; } = "";

    /// <summary>When, Unix milliseconds.</summary>
    public long UpdatedAtMs { get; init; }
}

/// <summary>All of them as of one version; every change makes a larger one.</summary>
public sealed record ConsoleUpstreamSet(long Version, IReadOnlyList<ConsoleUpstream> Upstreams);

/// <summary>Where upstreams of the console are kept, for all nodes.</summary>
public interface IConsoleUpstreamStore
{
    /// <summary>All of them, by name.</summary>
    ValueTask<StoreOutcome<ConsoleUpstreamSet>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Adds or changes one.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(ConsoleUpstream upstream, CancellationToken cancellationToken);

    /// <summary>Takes one away; false where there is none.</summary>
    ValueTask<StoreOutcome<bool>> DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Returns as soon as they may have changed since <paramref name="version"/>.</summary>
    ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken);
}
