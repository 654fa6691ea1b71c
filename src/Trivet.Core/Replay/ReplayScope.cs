using Trivet.Core.Keys;
using Trivet.Core.Relay;

namespace Trivet.Core.Replay;

/// <summary>Whose conversations a request may find: those of its own key.</summary>
/// <param name="Organisation">The key's organisation.</param>
/// <param name="Text">Put before everything that is hashed to a <see cref="ReplayKey"/>.</param>
/// <param name="Config">How long and how much.</param>
internal sealed record ReplayScope(string Organisation, string Text, ReplayConfig Config)
{
    /// <summary>The scope of a request.</summary>
    public static ReplayScope? Of(RelayCall call) => call.Key is { } key ? Of(key, call.Snapshot.Config.Replay) : null;

    private static ReplayScope Of(KeyEntry key, ReplayConfig config) => new(key.Organisation, $"{key.Organisation}\n{key.Id}", config);
}
