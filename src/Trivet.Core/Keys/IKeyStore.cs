using Trivet.Core.Failures;

namespace Trivet.Core.Keys;

/// <summary>All keys as of one version. Every change of any key, by any process or node, makes a larger version.</summary>
public sealed record KeySet(long Version, IReadOnlyList<KeyRecord> Keys)
{
    /// <summary>What is set for organisations and teams; those that have no record have no limits and are billed what their requests cost.</summary>
    public IReadOnlyList<OwnerRecord> Owners { get; init; } = [];
}

/// <summary>Where keys are kept. Safe for concurrent use, also from several processes and nodes on one database.</summary>
public interface IKeyStore
{
    /// <summary>Every key, revoked and expired ones included, oldest first.</summary>
    ValueTask<StoreOutcome<KeySet>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Adds a key. <see cref="StoreFaultKind.Conflict"/> when the name, the id or the key itself is taken.</summary>
    ValueTask<StoreOutcome<KeyRecord>> InsertAsync(KeyRecord key, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a key only if there is none at all yet, in one transaction, so that of two nodes that start on an empty database one makes the first key.
    /// False when there is one already.
    /// </summary>
    ValueTask<StoreOutcome<bool>> InsertFirstAsync(KeyRecord key, CancellationToken cancellationToken);

    /// <summary>Revokes by id, or by name within an organisation. Revoking twice keeps the first time. Returns the key as it is now.</summary>
    ValueTask<StoreOutcome<KeyRecord>> RevokeAsync(string idOrName, string organisation, long revokedAtMs, CancellationToken cancellationToken);

    /// <summary>Changes one that is not revoked, by id, or by name within an organisation, in one transaction. Id, organisation and time of making stay. <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<KeyRecord>> ChangeAsync(string idOrName, string organisation, Func<KeyRecord, KeyRecord> change, CancellationToken cancellationToken);

    /// <summary>
    /// Returns as soon as keys may have changed since <paramref name="version"/>: well under a second after a change elsewhere.
    /// A fault means that the database could not be asked; callers wait and ask again.
    /// </summary>
    ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken);
}
