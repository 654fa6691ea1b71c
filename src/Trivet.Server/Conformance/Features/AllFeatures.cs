namespace Trivet.Server.Conformance.Features;

/// <summary>Everything that is tried, group by group.</summary>
internal static class AllFeatures
{
    public static IReadOnlyList<Feature> All { get; } = [.. TalkFeatures.All, .. ToolFeatures.All, .. ThoughtFeatures.All, .. FormatFeatures.All, .. AccountFeatures.All, .. ErrorFeatures.All];
}
