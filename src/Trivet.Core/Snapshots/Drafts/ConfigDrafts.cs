using System.Net;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Catalogue;
using Trivet.Core.Conversations;
using Trivet.Core.Journal;
using Trivet.Core.Replay;
using Trivet.Core.Routing;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

// What the file says, key by key, before it is checked against itself and the vendors' profiles. Null: not written.

internal sealed record ConfigDraft
{
    public Placed<string>? Listen { get; init; }

    public string? Data { get; init; }

    public DatabaseConfig? Database { get; init; }

    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    public IReadOnlyList<Placed<UpstreamDraft>> Upstreams { get; init; } = [];

    public IReadOnlyList<Placed<RouteDraft>> Routes { get; init; } = [];

    public IReadOnlyDictionary<string, Placed<PolicyDraft>> Policies { get; init; } = new Dictionary<string, Placed<PolicyDraft>>(StringComparer.Ordinal);

    public RetryConfig Retry { get; init; } = RetryConfig.Default;

    public bool Continuation { get; init; } = true;

    public LimitsConfig Limits { get; init; } = new();

    public ImageFetchConfig ImageFetch { get; init; } = new();

    public ReplayConfig Replay { get; init; } = new();

    public ResponsesConfig Responses { get; init; } = new();

    public UnpricedPolicy Unpriced { get; init; }

    public FxDraft Fx { get; init; } = new();

    public Placed<AuditsConfig>? Audits { get; init; }

    public Placed<AlarmsConfig>? Alarms { get; init; }

    public TelemetryConfig Telemetry { get; init; } = new();

    public PayloadLoggingConfig PayloadLogging { get; init; } = new();
}

internal sealed record UpstreamDraft
{
    public Placed<string>? Name { get; init; }

    public Placed<string>? Vendor { get; init; }

    public Placed<string>? Site { get; init; }

    public IReadOnlyList<Secret>? Keys { get; init; }

    public EndpointsDraft? Endpoints { get; init; }

    public AuthScheme? Auth { get; init; }

    public IReadOnlyList<string>? Models { get; init; }

    public IReadOnlyDictionary<string, string>? ModelAliases { get; init; }

    public DeadlineConfig Deadlines { get; init; } = DeadlineConfig.Default;

    public PlanConfig? Plan { get; init; }

    public bool IsPrepaid { get; init; }

    public string? Currency { get; init; }

    public UnpricedPolicy? Unpriced { get; init; }

    public PriceConfig? Price { get; init; }

    public IReadOnlyDictionary<string, PriceConfig>? ModelPrices { get; init; }

    public IReadOnlyDictionary<string, Secret>? Headers { get; init; }

    public ProxyConfig? Proxy { get; init; }

    public Placed<string>? CaFile { get; init; }

    public bool Enabled { get; init; } = true;

    public bool AllowPrivateImages { get; init; }

    public bool CachesPrompts { get; init; }

    public string? Region { get; init; }

    public TimeSpan PromptCache { get; init; } = UpstreamConfig.PromptCacheDefault;
}

internal sealed record RouteDraft
{
    public Placed<string>? Model { get; init; }

    public IReadOnlyList<Placed<string>> Aliases { get; init; } = [];

    public IReadOnlyList<Placed<CandidateDraft>> Candidates { get; init; } = [];

    public Placed<string>? Policy { get; init; }

    public RetryDraft? Retry { get; init; }

    public bool? Continuation { get; init; }

    public HedgeConfig? Hedge { get; init; }

    public LossPolicy Loss { get; init; }

    public StructuredOutputPolicy StructuredOutput { get; init; }

    public ForcedToolPolicy ForcedTools { get; init; }

    public string? DisplayName { get; init; }
}

internal sealed record CandidateDraft
{
    public Placed<string>? Upstream { get; init; }

    public Placed<string>? Model { get; init; }

    public int Weight { get; init; } = 1;
}

internal sealed record PriceDraft
{
    public long? Factor { get; init; }

    public string? Currency { get; init; }

    public MeterRates? PerMillion { get; init; }

    public long? PerRequest { get; init; }

    public long? PerSearch { get; init; }

    public string? Of { get; init; }
}

internal sealed record FxDraft
{
    public IReadOnlyList<FxRate> Rates { get; init; } = [];

    public Placed<string>? File { get; init; }
}
