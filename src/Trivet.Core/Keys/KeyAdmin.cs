using System.Security.Cryptography;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.Core.Keys;

/// <summary>Creates, changes, lists and revokes keys for people: the CLI, the console and the admin API. Changes reach every running node through the store, and the journal has who made them.</summary>
public sealed class KeyAdmin(IKeyStore store, IJournalStore journal, TimeProvider time)
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
        if (outcome.Fault is { } fault)
            return fault;
        await NoteAsync(created.Record, "made", created.Record.LogsPayloads ? ["recording on"] : [], request.By, cancellationToken);
        return created;
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
    public async ValueTask<StoreOutcome<KeyRecord>> RevokeAsync(string idOrName, string organisation, string by, CancellationToken cancellationToken)
    {
        var revoked = await store.RevokeAsync(idOrName, organisation, NowMs, cancellationToken);
        if (revoked.IsSuccess)
            await NoteAsync(revoked.Value, "revoked", [], by, cancellationToken);
        return revoked;
    }

    /// <summary>Changes what a key may do; what the change does not name stays. Every node goes by it within a second.</summary>
    public async ValueTask<StoreOutcome<KeyRecord>> ChangeAsync(string idOrName, string organisation, KeyChange change, CancellationToken cancellationToken)
    {
        KeyRecord? before = null;
        var changed = await store.ChangeAsync(idOrName, organisation, key => change.ApplyTo(before = key), cancellationToken);
        if (changed.IsSuccess && KeyChange.Parts(before!, changed.Value) is { Count: > 0 } parts)
            await NoteAsync(changed.Value, "changed", parts, change.By, cancellationToken);
        return changed;
    }

    /// <summary>
    /// Gives a key a new secret. The old one is refused within a second, or works until <paramref name="oldUntilMs"/>, so that clients can be changed one after the other; one that was still
    /// working from a rotation before is refused. Its id, its limits and what it has spent stay. The answer holds the only copy.
    /// </summary>
    public async ValueTask<StoreOutcome<CreatedKey>> RotateAsync(string idOrName, string organisation, long? oldUntilMs, string by, CancellationToken cancellationToken)
    {
        var secret = KeyGenerator.NewSecret();
        var changed = await store.ChangeAsync(
            idOrName, organisation,
            key => key with { HashHex = HashOf(secret), Hint = HintOf(secret), OldHashHex = oldUntilMs is null ? "" : key.HashHex, OldUntilMs = oldUntilMs }, cancellationToken);
        if (changed.Fault is { } fault)
            return fault;
        string[] parts = oldUntilMs is { } until ? [$"the old secret works until {DateTimeOffset.FromUnixTimeMilliseconds(until):u}"] : [];
        await NoteAsync(changed.Value, "rotated", parts, by, cancellationToken);
        return new CreatedKey(changed.Value, secret);
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    // The key is changed already: a journal that cannot be written to, which is no ledger, does not undo that.
    private async ValueTask NoteAsync(KeyRecord key, string what, IReadOnlyList<string> parts, string by, CancellationToken cancellationToken)
    {
        if (by.Length > 0)
            await journal.SaveAsync([JournalEvents.KeyChanged(key.Organisation, key.Name, what, parts, by, NowMs)], cancellationToken);
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
            CreatedAtMs = NowMs,
            ExpiresAtMs = request.ExpiresAtMs,
            LogsPayloads = request.LogsPayloads,
            IsAdmin = request.IsAdmin,
        };
        return new CreatedKey(record, secret);
    }
}
