using Trivet.Core.Failures;

namespace Trivet.Core.Conversations;

/// <summary>A response that a client may go on from or ask for again.</summary>
public sealed record StoredResponse
{
    /// <summary>Whose.</summary>
    public required string Organisation { get; init; }

    /// <summary>The key that asked for it: no other key finds it.</summary>
    public required string KeyId { get; init; }

    /// <summary>The id that the client was given (<c>resp_…</c>).</summary>
    public required string Id { get; init; }

    /// <summary>The response it went on from; empty for the first.</summary>
    public string PreviousId { get; init; } = "";

    /// <summary>The upstream whose id it is and that keeps it as well; empty where only Trivet knows it.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The items of its request alone, a JSON array.</summary>
    public required string Input { get; init; }

    /// <summary>The whole response, a JSON object.</summary>
    public required string Body { get; init; }

    /// <summary>Ids of its output items: clients may name an item instead of sending it (<c>item_reference</c>). Written, and not read back.</summary>
    public IReadOnlyList<string> ItemIds { get; init; } = [];

    /// <summary>Unix milliseconds.</summary>
    public required long CreatedMs { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long ExpiresMs { get; init; }
}

/// <summary>Where responses are kept, for all nodes. Safe for concurrent use.</summary>
public interface IResponseStore
{
    /// <summary>Keeps responses; one that is there already stays as it is. Returns how many were new.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<StoredResponse> responses, CancellationToken cancellationToken);

    /// <summary>A response and all that it went on from, the oldest first, as far as they are there and not expired. Empty where it is unknown.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> ChainAsync(string organisation, string keyId, string id, long nowMs, CancellationToken cancellationToken);

    /// <summary>The responses that hold some of these output items, as far as they are there and not expired.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> FindByItemsAsync(string organisation, string keyId, IReadOnlyList<string> itemIds, long nowMs, CancellationToken cancellationToken);

    /// <summary>Deletes a response. False where there is none.</summary>
    ValueTask<StoreOutcome<bool>> DeleteAsync(string organisation, string keyId, string id, CancellationToken cancellationToken);

    /// <summary>Deletes what has expired at <paramref name="nowMs"/>.</summary>
    ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken);
}
