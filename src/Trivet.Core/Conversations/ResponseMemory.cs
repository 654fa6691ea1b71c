using System.Threading.Channels;
using Trivet.Core.Failures;
using Trivet.Core.Replay;

namespace Trivet.Core.Conversations;

/// <summary>The kept responses: the newest in memory, all of them in the database, to which they are written behind the requests' backs.</summary>
public sealed class ResponseMemory(IResponseStore store, TimeProvider time)
{
    private const int QueuedMax = 512;

    // The client may ask another node for what this one has just answered.
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(300);

    private readonly BoundedCache<(string KeyId, string Id), StoredResponse> _cache = new(time);
    private readonly BoundedCache<(string KeyId, string ItemId), StoredResponse> _byItem = new(time);

    /// <summary>What waits to be written.</summary>
    internal Channel<StoredResponse> Queue { get; } = Channel.CreateBounded<StoredResponse>(new BoundedChannelOptions(QueuedMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Keeps a response.</summary>
    internal void Keep(StoredResponse response, ResponsesConfig config)
    {
        var bytes = (response.Input.Length + response.Body.Length) * sizeof(char);
        _cache.Set((response.KeyId, response.Id), response, bytes, config.Keep, config.MemoryBytes);
        foreach (var item in response.ItemIds)
            _byItem.Set((response.KeyId, item), response, bytes / response.ItemIds.Count, config.Keep, config.MemoryBytes);
        Queue.Writer.TryWrite(response);
    }

    /// <summary>The responses that hold some output items.</summary>
    internal async ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> FindByItemsAsync(string organisation, string keyId, IReadOnlyList<string> itemIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredResponse>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var id in itemIds)
        {
            if (_byItem.Find((keyId, id)) is not { } response)
                unknown.Add(id);
            else if (!IsDeleted(response))
                found[response.Id] = response;
        }

        if (unknown.Count > 0)
        {
            var more = await store.FindByItemsAsync(organisation, keyId, unknown, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
            if (more.Fault is { } fault)
                return fault;
            foreach (var response in more.Value)
                found[response.Id] = response;
        }

        return StoreOutcome.Of<IReadOnlyList<StoredResponse>>([.. found.Values]);
    }

    /// <summary>A response with all that it went on from, the oldest first. Null where it, or something it went on from, is not there.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>?>> FindAsync(string organisation, string keyId, string id, CancellationToken cancellationToken)
    {
        var newer = new Stack<StoredResponse>();
        var next = id;
        while (_cache.Find((keyId, next)) is { } known)
        {
            if (known.Body.Length == 0)
                return StoreOutcome.Of<IReadOnlyList<StoredResponse>?>(null); // deleted here
            newer.Push(known);
            if (known.PreviousId.Length == 0)
                return StoreOutcome.Of<IReadOnlyList<StoredResponse>?>([.. newer]);
            next = known.PreviousId;
        }

        for (var isSecond = false; ; isSecond = true)
        {
            var found = await store.ChainAsync(organisation, keyId, next, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
            if (found.Fault is { } fault)
                return fault;
            if (found.Value.Count > 0 || isSecond)
                return StoreOutcome.Of<IReadOnlyList<StoredResponse>?>(found.Value is [{ PreviousId.Length: 0 }, ..] ? [.. found.Value, .. newer] : null);
            await Task.Delay(SecondLook, time, cancellationToken);
        }
    }

    /// <summary>Deletes a response. False where there is none.</summary>
    public async ValueTask<StoreOutcome<bool>> DeleteAsync(string organisation, string keyId, string id, ResponsesConfig config, CancellationToken cancellationToken)
    {
        var isHere = _cache.Find((keyId, id)) is { Body.Length: > 0 };
        var gone = new StoredResponse { Organisation = organisation, KeyId = keyId, Id = id, Input = "", Body = "", CreatedMs = 0, ExpiresMs = 0 };
        if (isHere)
            _cache.Set((keyId, id), gone, 0, config.Keep, config.MemoryBytes);
        var deleted = await store.DeleteAsync(organisation, keyId, id, cancellationToken);
        return deleted is { IsSuccess: true, Value: false } && isHere ? true : deleted;
    }

    /// <summary>Whether a response was deleted before it was written.</summary>
    internal bool IsDeleted(StoredResponse response) => _cache.Find((response.KeyId, response.Id)) is { Body.Length: 0 };
}
