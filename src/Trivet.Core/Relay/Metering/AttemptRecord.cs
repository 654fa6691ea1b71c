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

    /// <summary>What the upstream will bill, in nano-units of <see cref="Currency"/>; null when the offering has no price (unpriced, not free).</summary>
    public long? CostNano { get; init; }

    /// <summary>Three letters; empty when unpriced.</summary>
    public string Currency { get; init; } = "";

    /// <summary>The upstream was paid in advance: the cost is taken from that rather than owed.</summary>
    public bool UpstreamPrepaid { get; init; }

    /// <summary>Which price it was: a hash of its content; empty when unpriced or when nothing was served.</summary>
    public string PriceVersion { get; init; } = "";

    /// <summary>The operator's factor on the list price, in millionths; null: none. Zero: a plan's flat fee paid for it.</summary>
    public long? PriceFactorMillionths { get; init; }

    /// <summary>What the vendor's list says, in nano-units of <see cref="ListCurrency"/>; null when that is unknown, also in part.</summary>
    public long? ListNano { get; init; }

    /// <summary>Three letters; empty without a list price.</summary>
    public string ListCurrency { get; init; } = "";

    /// <summary>Meters that were used and have no price, <c>cache_read,audio_in</c>: <see cref="CostNano"/> is then that of the others, unpriced in part.</summary>
    public string UnpricedMeters { get; init; } = "";

    /// <summary>The tier of service that answered, in the vendor's word; empty for the usual one.</summary>
    public string ServiceTier { get; init; } = "";

    /// <summary>Whether what it cost is unknown, wholly or in part.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsUnpriced => CostNano is null || UnpricedMeters.Length > 0;

    /// <summary>Nano-units of <see cref="ChargeCurrency"/> that the key is billed, what is absorbed not in it; null when unpriced.</summary>
    public long? ChargedNano { get; init; }

    /// <summary>Three letters; empty when unpriced.</summary>
    public string ChargeCurrency { get; init; } = "";

    /// <summary>The part of <see cref="ChargedNano"/> above what was reserved.</summary>
    public long OverrunNano { get; init; }

    /// <summary>What the key would have been billed beside <see cref="ChargedNano"/> had its money covered it.</summary>
    public long AbsorbedNano { get; init; }

    /// <summary>The account that pays; empty: its organisation's, on credit.</summary>
    public string Payer { get; init; } = "";

    /// <summary><see cref="ChargedNano"/> in the payer's currency; 0 where that is the same.</summary>
    public long PaidNano { get; init; }

    /// <summary>Nano-units of the payer's currency for one unit of <see cref="ChargeCurrency"/>; null where that is the same.</summary>
    public long? RateNano { get; init; }

    /// <summary>Ids of the allowances that the charge counts against, between blanks, each with the amount in its own currency where that differs: <c>id=amount</c>.</summary>
    public string Allowances { get; init; } = "";

    /// <summary>Whose leases it was spent from; empty where nothing was limited.</summary>
    public string Holder { get; init; } = "";

    /// <summary>Unix milliseconds when the request arrived; 0: as <see cref="StartedMs"/>.</summary>
    public long AdmittedMs { get; init; }

    /// <summary>It was running when its process was killed, and was booked by the next start.</summary>
    public bool Recovered { get; init; }

    /// <summary>What translation dropped or changed, as in <c>x-trivet-lost</c>.</summary>
    public string Lost { get; init; } = "";

    /// <summary>Whether any of the answer was released to the client.</summary>
    public bool Committed { get; init; }
    public bool ClientDisconnected { get; init; }

    /// <summary>A hash that is the same for all requests of one client session; empty when there is none.</summary>
    public string SessionHash { get; init; } = "";
}
