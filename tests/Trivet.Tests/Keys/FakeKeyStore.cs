using System.Threading.Channels;
using Trivet.Core.Failures;
using Trivet.Core.Keys;

namespace Trivet.Tests.Keys;

/// <summary>Keys in memory; a test decides when a change is announced and when the store is away.</summary>
internal sealed class FakeKeyStore : IKeyStore
{
    private readonly Channel<bool> _announcements = Channel.CreateUnbounded<bool>();
    private readonly List<KeyRecord> _keys = [];
    private long _version;

    public StoreFault? Fault { get; set; }

    public IReadOnlyList<KeyRecord> Keys => _keys;

    /// <summary>Completes each wait for a change once.</summary>
    public void Announce() => _announcements.Writer.TryWrite(true);

    public ValueTask<StoreOutcome<KeySet>> LoadAsync(CancellationToken cancellationToken) => new(Or(new KeySet(_version, [.. _keys])));

    public ValueTask<StoreOutcome<KeyRecord>> InsertAsync(KeyRecord key, CancellationToken cancellationToken)
    {
        _keys.Add(key);
        _version++;
        return new(Or(key));
    }

    public ValueTask<StoreOutcome<bool>> InsertFirstAsync(KeyRecord key, CancellationToken cancellationToken)
    {
        if (_keys.Count > 0)
            return new(Or(false));
        _keys.Add(key);
        _version++;
        return new(Or(true));
    }

    public ValueTask<StoreOutcome<KeyRecord>> RevokeAsync(string idOrName, string organisation, long revokedAtMs, CancellationToken cancellationToken)
    {
        var index = _keys.FindIndex(key => key.Id == idOrName || key.Name == idOrName);
        _keys[index] = _keys[index] with { RevokedAtMs = revokedAtMs };
        _version++;
        return new(Or(_keys[index]));
    }

    public ValueTask<StoreOutcome<KeyRecord>> ChangeAsync(string idOrName, string organisation, Func<KeyRecord, KeyRecord> change, CancellationToken cancellationToken)
    {
        var index = _keys.FindIndex(key => key.RevokedAtMs is null && (key.Id == idOrName || key.Name == idOrName));
        _keys[index] = change(_keys[index]);
        _version++;
        return new(Or(_keys[index]));
    }

    public async ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken)
    {
        await _announcements.Reader.ReadAsync(cancellationToken);
        return Or(_version);
    }

    private StoreOutcome<T> Or<T>(T value) => Fault is { } fault ? fault : StoreOutcome.Of(value);
}
