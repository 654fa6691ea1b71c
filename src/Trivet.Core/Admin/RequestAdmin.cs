using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin;

/// <summary>Finds requests for people: the console's explorer, the admin API.</summary>
public sealed class RequestAdmin(IRequestStore requests, IKeyStore keys)
{
    /// <summary>The most on one page.</summary>
    public const int CountMax = 500;

    /// <summary>One page, the newest first. A key may be named by its name too, where only one has it.</summary>
    public async ValueTask<StoreOutcome<RequestPage>> SearchAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        query = query with { CountMax = Math.Clamp(query.CountMax, 1, CountMax) };
        if (query.KeyId is { } typed)
        {
            // A key's organisation is where its rows are: they are found without reading everybody's.
            var known = await keys.LoadAsync(cancellationToken);
            if (known.Fault is { } fault)
                return fault;
            if (Find(known.Value.Keys, typed, query.Organisation) is { } key)
                query = query with { KeyId = key.Id, Organisation = key.Organisation };
        }

        return await requests.SearchAsync(query, cancellationToken);
    }

    private static KeyRecord? Find(IReadOnlyList<KeyRecord> keys, string typed, string? organisation)
    {
        if (keys.FirstOrDefault(key => key.Id == typed) is { } byId)
            return byId;
        var named = keys.Where(key => key.Name == typed && (organisation is null || key.Organisation == organisation)).OrderByDescending(key => key.RevokedAtMs is null).ThenByDescending(key => key.CreatedAtMs).ToList();
        return named.Count(key => key.RevokedAtMs is null) <= 1 ? named.FirstOrDefault() : null;
    }
}
