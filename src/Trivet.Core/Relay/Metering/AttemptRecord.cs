namespace Trivet.Core.Relay.Metering;

/// <summary>
/// One try of a request at one upstream, as it is booked: failed ones, hedge losers and abandoned ones too. Written once, never changed.
/// Empty text means "does not apply"; null numbers mean "unknown", which is never the same as zero.
/// </summary>
public sealed record AttemptRecord
{
    /// <summary>Made by the relay, unique over all nodes; booking the same id twice books it once.</summary>
    public required string Id { get; init; }
    public required string RequestId { get; init; }

    /// <summary>Position within its request, from 1.</summary>
    public int Ordinal { get; init; } = 1;

    public required string Organisation { get; init; }
    public string Team { get; init; } = "";
    public required string KeyId { get; init; }

    /// <summary>Unix milliseconds, UTC, at sending.</summary>
    public required long StartedMs { get; init; }

    /// <summary>The route's model name that took the request.</summary>
    public string Route { get; init; } = "";

    /// <summary>What the client asked for.</summary>
    public string ModelAsked { get; init; } = "";
    public required string Upstream { get; init; }

    /// <summary>A name or index of the credential, never the credential.</summary>
    public string CredentialId { get; init; } = "";

    /// <summary>What was sent to the upstream as its model.</summary>
    public string UpstreamModel { get; init; } = "";

    /// <summary>What the upstream said that answered.</summary>
    public string ModelAnswered { get; init; } = "";

    public string ClientProtocol { get; init; } = "";
    public string UpstreamProtocol { get; init; } = "";
    public bool Streamed { get; init; }

    /// <summary>Empty for success, otherwise the name of the failure kind.</summary>
    public string Failure { get; init; } = "";

    /// <summary>The upstream's; null when it never answered.</summary>
    public int? HttpStatus { get; init; }

    // Six disjoint counters: every protocol's view is a sum of some of them.
    public long InputUncachedTokens { get; init; }
    public long InputCacheReadTokens { get; init; }
    public long InputCacheWrite5mTokens { get; init; }
    public long InputCacheWrite1hTokens { get; init; }
    public long OutputTextTokens { get; init; }
    public long OutputReasoningTokens { get; init; }

    /// <summary>Whether any counter is our estimate and not the upstream's word.</summary>
    public bool Estimated { get; init; }

    public long? TimeToFirstContentMs { get; init; }
    public long DurationMs { get; init; }

    /// <summary>Bytes of the upstream's answer body.</summary>
    public long OutputBytes { get; init; }

    /// <summary>Nano-units of <see cref="Currency"/>; null when the offering has no price (unpriced, not free).</summary>
    public long? CostNano { get; init; }

    /// <summary>Three letters; empty when unpriced.</summary>
    public string Currency { get; init; } = "";

    /// <summary>What translation dropped or changed, as in <c>x-trivet-lost</c>.</summary>
    public string Lost { get; init; } = "";

    /// <summary>Whether any of the answer was released to the client.</summary>
    public bool Committed { get; init; }
    public bool ClientDisconnected { get; init; }

    /// <summary>A hash that is the same for all requests of one client session; empty when there is none.</summary>
    public string SessionHash { get; init; } = "";
}
