using Trivet.Core.Limits;

namespace Trivet.Core.Keys;

/// <summary>
/// One key as it is stored: who may ask, for what, until when. Holds the key's hash and never the key. Times are Unix milliseconds, UTC.
/// </summary>
public sealed record KeyRecord
{
    /// <summary>The organisation of keys that name none.</summary>
    public const string DefaultOrganisation = "default";

    /// <summary>Public and stable, like <c>key_4f0c…</c>; what logs, usage and the console show.</summary>
    public required string Id { get; init; }

    /// <summary>The operator's name for it; unique among the keys of an organisation that are not revoked.</summary>
    public required string Name { get; init; }

    public string Organisation { get; init; } = DefaultOrganisation;

    /// <summary>Empty when the key belongs to no team.</summary>
    public string Team { get; init; } = "";

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 lower-case hex digits.</summary>
    public required string HashHex { get; init; }

    /// <summary>The same of the secret that it had before it was rotated, where that works for a while; empty for none.</summary>
    public string OldHashHex { get; init; } = "";

    /// <summary>Until when that one works.</summary>
    public long? OldUntilMs { get; init; }

    /// <summary>The last four characters, so that a person can tell keys apart; empty for operator-given keys too short to reveal any.</summary>
    public string Hint { get; init; } = "";

    /// <summary>Model names or patterns with <c>*</c>; null allows every model, an empty list none.</summary>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>What may be spent, by window; empty when unlimited.</summary>
    public IReadOnlyList<Budget> Budgets { get; init; } = [];

    public int? RequestsPerMinute { get; init; }

    public int? TokensPerMinute { get; init; }

    /// <summary>Requests at a time; null when unlimited.</summary>
    public int? ConcurrentMax { get; init; }

    /// <summary>The policy that decides its requests, whatever their routes say; empty for none.</summary>
    public string Policy { get; init; } = "";

    public long CreatedAtMs { get; init; }

    public long? ExpiresAtMs { get; init; }

    public long? RevokedAtMs { get; init; }

    /// <summary>Whether the operator turned on keeping payloads for this key. Off unless asked for by name.</summary>
    public bool LogsPayloads { get; init; }

    /// <summary>Whether it opens the admin endpoints too.</summary>
    public bool IsAdmin { get; init; }
}

/// <summary>What a person asks for when creating a key.</summary>
public sealed record KeyRequest
{
    /// <summary>Who makes it, for the journal; empty: the program, for a moment and for itself.</summary>
    public string By { get; init; } = "";
    public required string Name { get; init; }
    public string Organisation { get; init; } = KeyRecord.DefaultOrganisation;
    public string Team { get; init; } = "";
    public IReadOnlyList<string>? AllowedModels { get; init; }
    public IReadOnlyList<Budget> Budgets { get; init; } = [];
    public int? RequestsPerMinute { get; init; }
    public int? TokensPerMinute { get; init; }
    public int? ConcurrentMax { get; init; }
    public string Policy { get; init; } = "";
    public long? ExpiresAtMs { get; init; }
    public bool LogsPayloads { get; init; }
    public bool IsAdmin { get; init; }
}

/// <summary>A key just made. <paramref name="Secret"/> is the only copy of the key itself: show it once, store it never.</summary>
public sealed record CreatedKey(KeyRecord Record, string Secret)
{
    /// <summary>Without the secret, so that a log or an exception that prints the object cannot leak it.</summary>
    public override string ToString() => $"CreatedKey {{ Id = {Record.Id} }}";
}
