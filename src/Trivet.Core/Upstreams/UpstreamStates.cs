using System.Collections.Concurrent;

namespace Trivet.Core.Upstreams;

/// <summary>The running state of every upstream, by name. Follows configuration: connections are kept where nothing that they depend on has changed.</summary>
public sealed class UpstreamStates(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, UpstreamState> _states = new(StringComparer.Ordinal);

    /// <summary>The state of an upstream, made when first asked for.</summary>
    public UpstreamState For(UpstreamConfig config)
    {
        if (_states.TryGetValue(config.Name, out var state) && (ReferenceEquals(state.Config, config) || state.Fits(config)))
            return state;

        // The old one is left to requests that still run on it; its idle connections close by themselves.
        return _states.AddOrUpdate(
            config.Name,
            static (_, made) => new UpstreamState(made.Config, made.Time),
            static (_, old, made) => old.Fits(made.Config) ? old : new UpstreamState(made.Config, made.Time),
            (Config: config, Time: time));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var state in _states.Values)
            state.Dispose();
    }
}
