using System.Collections.Frozen;
using Trivet.Core.Yaml;

namespace Trivet.Core.Routing.Policies;

/// <summary>The words of policies, as files and output have them.</summary>
internal static class PolicyWords
{
    /// <summary>Floors by their words.</summary>
    public static KeyValuePair<string, Floor>[] Floors { get; } = [.. Shapes.Words<Floor>().Where(word => word.Value != Floor.None)];

    private static readonly FrozenDictionary<Floor, string> FloorWords = Floors.ToFrozenDictionary(word => word.Value, word => word.Key);

    /// <summary>The word for one floor.</summary>
    public static string Of(Floor floor) => FloorWords[floor];

    /// <summary>The word for a standing.</summary>
    public static string Of(Standing standing) => standing switch
    {
        Standing.Well => "well",
        Standing.Ahead => "ahead of its plan",
        Standing.Unsteady => "fails often",
        Standing.Warned => "about to be cut off",
        Standing.DownWeighted => "suspicious",
        Standing.Doubtful => "failed last",
        Standing.Limited => "at its limit",
        Standing.Resting => "rests",
        _ => "quarantined",
    };
}
