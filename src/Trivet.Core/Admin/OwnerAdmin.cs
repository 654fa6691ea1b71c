using Trivet.Core.Failures;
using Trivet.Core.Keys;

namespace Trivet.Core.Admin;

/// <summary>An organisation or a team, with what is set for it and how many keys it has.</summary>
/// <param name="Owner">What is set; of one that is only named by keys, nothing.</param>
/// <param name="KeysActive">Keys that are neither revoked nor past their end.</param>
public sealed record OwnerEntry(OwnerRecord Owner, int KeysActive);

/// <summary>Organisations and teams for people.</summary>
public sealed class OwnerAdmin(IOwnerStore owners, IKeyStore keys, TimeProvider time)
{
    /// <summary>All that anything is set for or that a key names, by name: each organisation before its teams.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<OwnerEntry>>> ListAsync(CancellationToken cancellationToken)
    {
        var loaded = await keys.LoadAsync(cancellationToken);
        if (loaded.Fault is { } fault)
            return fault;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var entries = loaded.Value.Owners.ToDictionary(owner => (owner.Organisation, owner.Team));
        var active = new Dictionary<(string, string), int>();
        foreach (var key in loaded.Value.Keys)
        {
            foreach (var team in key.Team.Length == 0 ? [""] : (string[])["", key.Team])
            {
                entries.TryAdd((key.Organisation, team), new OwnerRecord { Organisation = key.Organisation, Team = team });
                if (key.RevokedAtMs is null && !(key.ExpiresAtMs <= nowMs))
                    active[(key.Organisation, team)] = active.GetValueOrDefault((key.Organisation, team)) + 1;
            }
        }

        return StoreOutcome.Of<IReadOnlyList<OwnerEntry>>(
        [
            .. entries.Values.OrderBy(owner => owner.Organisation, StringComparer.Ordinal).ThenBy(owner => owner.Team, StringComparer.Ordinal)
                .Select(owner => new OwnerEntry(owner, active.GetValueOrDefault((owner.Organisation, owner.Team)))),
        ]);
    }

    /// <summary>Changes one, or makes it; what the change does not name stays. Every node goes by it within a second.</summary>
    public ValueTask<StoreOutcome<OwnerRecord>> ChangeAsync(string organisation, string team, OwnerChange change, CancellationToken cancellationToken) =>
        owners.ChangeAsync(organisation, team, change.ApplyTo, cancellationToken);
}
