using Trivet.Core.Relay;

namespace Trivet.Core.Audits.Rounds;

/// <summary>Ids of audits: ordered by time, and the seed of an audit follows from its id.</summary>
internal static class AuditIds
{
    private const string Prefix = "aud_";

    public static string New(DateTimeOffset now) => Prefix + RequestIds.NewRequest(now)[RequestIds.PrefixLength..];

    public static int SeedOf(string id)
    {
        var hash = 2166136261;
        foreach (var c in id)
            hash = (hash ^ c) * 16777619;
        return (int)(hash % 1_000_000);
    }
}
