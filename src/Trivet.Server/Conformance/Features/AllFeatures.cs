namespace Trivet.Server.Conformance.Features;

/// <summary>Everything that is tried, group by group: the matrix.</summary>
internal static class AllFeatures
{
    public static IReadOnlyList<Feature> All { get; } = [.. TalkFeatures.All, .. ToolFeatures.All, .. ThoughtFeatures.All, .. FormatFeatures.All, .. AccountFeatures.All, .. ErrorFeatures.All];

    /// <summary>The matrix, and behind it what is no translation: the answers that the gateway gives itself.</summary>
    public static IReadOnlyList<Feature> WithGateways { get; } = [.. All, .. ErrorFeatures.Gateways];
}
