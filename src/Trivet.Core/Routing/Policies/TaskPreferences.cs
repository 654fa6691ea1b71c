using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing.Policies;

/// <summary>Which offerings the operator prefers for a task.</summary>
internal static class TaskPreferences
{
    /// <summary>The place of the first entry that names an offering's vendor, its model or itself; behind all of them where none does.</summary>
    public static byte RankOf(Offering offering, IReadOnlyList<ModelPattern> preferred)
    {
        var i = 0;
        for (; i < preferred.Count && i < byte.MaxValue; i++)
        {
            var pattern = preferred[i];
            if (pattern.IsMatch(offering.Upstream.Vendor) || pattern.IsMatch(offering.Upstream.Name) || pattern.IsMatch(offering.Model) || pattern.IsMatch(offering.Id))
                break;
        }

        return (byte)i;
    }
}
