using System.Security.Cryptography;
using System.Text;
using Trivet.Core.Failures;

namespace Trivet.Core.Keys;

/// <summary>Creates, lists and revokes keys for people: the CLI and the console. Changes reach every running node through the store.</summary>
public sealed class KeyAdmin(IKeyStore store, TimeProvider time)
{
    /// <summary>Shortest key that an operator may give.</summary>
    public const int GivenKeyCharsMin = 8;

    /// <summary>Name of the key that the first start makes.</summary>
    public const string FirstKeyName = "first";

    private const int HintChars = 4;

    /// <summary>With fewer characters than this, four of them would give too much away.</summary>
    private const int HintedKeyCharsMin = 16;

    /// <summary>Makes a random key. The answer holds its only copy.</summary>
    public async ValueTask<StoreOutcome<CreatedKey>> CreateAsync(KeyRequest request, CancellationToken cancellationToken)
    {
        var created = NewKey(request, KeyGenerator.NewSecret());
        var outcome = await store.InsertAsync(created.Record, cancellationToken);
        return outcome.Fault is { } fault ? fault : created;
    }

    /// <summary>
    /// On a database without any key: makes the first one, an admin's, from <paramref name="given"/> (<c>TRIVET_KEY</c>) or at random, and returns it.
    /// Otherwise null, and a given key is ignored: who has the data directory has keys already.
    /// </summary>
    /// <exception cref="ArgumentException">The given key is too short or too long. The message does not repeat it.</exception>
    public async ValueTask<StoreOutcome<CreatedKey?>> EnsureFirstAsync(string? given, CancellationToken cancellationToken)
    {
        if (given is { Length: < GivenKeyCharsMin or > KeySnapshot.PresentedKeyCharsMax })
            throw new ArgumentException($"TRIVET_KEY must have {GivenKeyCharsMin} to {KeySnapshot.PresentedKeyCharsMax} characters.", nameof(given));
        var created = NewKey(new KeyRequest { Name = FirstKeyName, IsAdmin = true }, given ?? KeyGenerator.NewSecret());
        var outcome = await store.InsertFirstAsync(created.Record, cancellationToken);
        if (outcome.Fault is { } fault)
            return fault;
        return outcome.Value ? created : (CreatedKey?)null;
    }

    /// <summary>Every key, revoked ones too, oldest first.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<KeyRecord>>> ListAsync(CancellationToken cancellationToken)
    {
        var outcome = await store.LoadAsync(cancellationToken);
        return outcome.Fault is { } fault ? fault : StoreOutcome.Of(outcome.Value.Keys);
    }

    /// <summary>Revokes by id or by name; every node refuses it within a second.</summary>
    public ValueTask<StoreOutcome<KeyRecord>> RevokeAsync(string idOrName, string organisation, CancellationToken cancellationToken) =>
        store.RevokeAsync(idOrName, organisation, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);

    /// <summary>Changes what a key may do; what the change does not name stays. Every node goes by it within a second.</summary>
    public ValueTask<StoreOutcome<KeyRecord>> ChangeAsync(string idOrName, string organisation, KeyChange change, CancellationToken cancellationToken) =>
        store.ChangeAsync(idOrName, organisation, change.ApplyTo, cancellationToken);

    /// <summary>Gives a key a new secret; the old one is refused within a second. Its id, its limits and what it has spent stay. The answer holds the only copy.</summary>
    public async ValueTask<StoreOutcome<CreatedKey>> RotateAsync(string idOrName, string organisation, CancellationToken cancellationToken)
    {
        var secret = KeyGenerator.NewSecret();
        var changed = await store.ChangeAsync(idOrName, organisation, key => key with { HashHex = HashOf(secret), Hint = HintOf(secret) }, cancellationToken);
        return changed.Fault is { } fault ? fault : new CreatedKey(changed.Value, secret);
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static string HintOf(string secret) => secret.Length >= HintedKeyCharsMin ? secret[^HintChars..] : "";

    private CreatedKey NewKey(KeyRequest request, string secret)
    {
        var record = new KeyRecord
        {
            Id = KeyGenerator.NewId(),
            Name = request.Name,
            Organisation = request.Organisation,
            Team = request.Team,
            HashHex = HashOf(secret),
            Hint = HintOf(secret),
            AllowedModels = request.AllowedModels,
            Budgets = request.Budgets,
            RequestsPerMinute = request.RequestsPerMinute,
            TokensPerMinute = request.TokensPerMinute,
            ConcurrentMax = request.ConcurrentMax,
            Policy = request.Policy,
            CreatedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ExpiresAtMs = request.ExpiresAtMs,
            LogsPayloads = request.LogsPayloads,
            IsAdmin = request.IsAdmin,
        };
        return new CreatedKey(record, secret);
    }
}
