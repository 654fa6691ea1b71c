using System.Net;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Catalogue;
using Trivet.Core.Conversations;
using Trivet.Core.Journal;
using Trivet.Core.Limits;
using Trivet.Core.Replay;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

/// <summary>Everything the operator said, validated. Immutable; swapped whole.</summary>
public sealed record GatewayConfig
{
    /// <summary>Where Trivet listens when nothing says otherwise.</summary>
    public const string DefaultListen = "http://127.0.0.1:4180";

    /// <summary>Where it keeps its data when nothing says otherwise.</summary>
    public const string DefaultData = "./trivet-data";

    /// <summary>The address to listen on, as <c>http://host:port</c>; null: not said, see <see cref="DefaultListen"/>.</summary>
    public string? Listen { get; init; }

    /// <summary>The data directory; relative paths start at the file's folder. Null: not said, see <see cref="DefaultData"/>.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where records live.</summary>
    public DatabaseConfig Database { get; init; } = DatabaseConfig.Sqlite;

    /// <summary>Proxies whose word for who a client is, and for how it came, is believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Upstreams in file order, disabled ones included.</summary>
    public IReadOnlyList<UpstreamConfig> Upstreams { get; init; } = [];

    /// <summary>Routes in file order.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];

    /// <summary>Policies in file order, the presets not among them.</summary>
    public IReadOnlyList<PolicyConfig> Policies { get; init; } = [];

    /// <summary>How patiently and how often a request is tried, where its route does not say otherwise.</summary>
    public RetryConfig Retry { get; init; } = RetryConfig.Default;

    /// <summary>An answer that breaks off after some of it has reached the client is continued by another attempt where that is sound, and its route does not say otherwise.</summary>
    public bool Continuation { get; init; } = true;

    /// <summary>Bounds on what clients may send, and on what the gateway takes on.</summary>
    public LimitsConfig Limits { get; init; } = new();

    /// <summary>Bounds on fetching image URLs.</summary>
    public ImageFetchConfig ImageFetch { get; init; } = new();

    /// <summary>Whether and how long thoughts are kept for the vendors that want them back.</summary>
    public ReplayConfig Replay { get; init; } = new();

    /// <summary>Whether and how long responses are kept for clients that go on from them.</summary>
    public ResponsesConfig Responses { get; init; } = new();

    /// <summary>The models and list prices that are known.</summary>
    public ModelCatalogue Catalogue { get; init; } = ModelCatalogue.Shipped;

    /// <summary>What happens to requests for offerings whose price is not known.</summary>
    public UnpricedPolicy Unpriced { get; init; }

    /// <summary>Rates of exchange between currencies.</summary>
    public FxRates Fx { get; init; } = FxRates.None;

    /// <summary>Whether upstreams are audited, how often and for how much.</summary>
    public AuditsConfig Audits { get; init; } = new();

    /// <summary>Where alarms go beside the journal.</summary>
    public AlarmsConfig Alarms { get; init; } = new();

    /// <summary>Where traces and metrics go.</summary>
    public TelemetryConfig Telemetry { get; init; } = new();

    /// <summary>Whose payloads may be recorded.</summary>
    public PayloadLoggingConfig PayloadLogging { get; init; } = new();

    /// <summary>Where all this came from.</summary>
    public ConfigSource Source { get; init; } = ConfigSource.Environment;

    /// <summary>What is legal but probably not meant.</summary>
    public IReadOnlyList<ConfigProblem> Warnings { get; init; } = [];
}

/// <summary>Which database.</summary>
/// <param name="Kind">The engine.</param>
/// <param name="ConnectionUrl">The PostgreSQL URL with its password; null for SQLite.</param>
public sealed record DatabaseConfig(DatabaseKind Kind, Secret? ConnectionUrl)
{
    /// <summary>A file in the data directory.</summary>
    public static DatabaseConfig Sqlite { get; } = new(DatabaseKind.Sqlite, null);
}

/// <summary>A database engine.</summary>
public enum DatabaseKind
{
    /// <summary>A file in the data directory: the default.</summary>
    Sqlite,

    /// <summary>PostgreSQL, for more than one node.</summary>
    Postgres,
}

/// <summary>Bounds on what clients may send, and on what the gateway takes on.</summary>
public sealed record LimitsConfig
{
    /// <summary>The largest request body.</summary>
    public long BodyBytesMax { get; init; } = 64L << 20;

    /// <summary>All request headers together.</summary>
    public int HeaderBytesMax { get; init; } = 64 << 10;

    /// <summary>How many request headers.</summary>
    public int HeaderCountMax { get; init; } = 200;

    /// <summary>How long a client may take to send its headers.</summary>
    public TimeSpan HeadersWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How much of a budget is set aside for a request.</summary>
    public ReserveMode Reserve { get; init; }

    /// <summary>How long a request waits for money that is set aside for others.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an upstream is still read after its client has left.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long what runs may go on when the gateway is stopped.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>The most requests that run at a time.</summary>
    public int ConcurrentMax { get; init; } = 10_000;

    /// <summary>The memory beyond which nothing new is taken on; null: three quarters of what the process may have.</summary>
    public long? MemoryBytesMax { get; init; }
}

/// <summary>Bounds on fetching image URLs that must be inlined for an upstream.</summary>
public sealed record ImageFetchConfig
{
    /// <summary>True: addresses in private networks and on this machine may be fetched.</summary>
    public bool AllowPrivateNetworks { get; init; }

    /// <summary>The largest image.</summary>
    public long BytesMax { get; init; } = 20L << 20;

    /// <summary>The longest fetch.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Where traces and metrics go.</summary>
public sealed record TelemetryConfig
{
    /// <summary>The OTLP collector; null: none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Headers for the collector.</summary>
    public IReadOnlyDictionary<string, Secret> OtlpHeaders { get; init; } = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Whose payloads are recorded, and for how long. Nobody's by default.</summary>
public sealed record PayloadLoggingConfig
{
    /// <summary>Names or ids of client keys whose requests are recorded with their payloads.</summary>
    public IReadOnlySet<string> Keys { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>How long.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What is kept of what was sent, and of what was answered: the first so many bytes.</summary>
    public long BytesMax { get; init; } = 256L << 10;
}

/// <summary>Where a configuration came from.</summary>
/// <param name="Path">Absolute path of the file, or null when it was made from environment variables.</param>
public sealed record ConfigSource(string? Path)
{
    /// <summary>No file: environment variables.</summary>
    public static ConfigSource Environment { get; } = new((string?)null);

    /// <summary>SHA-256 of the file's text in hexadecimal, by which a change is noticed; null when there is no file.</summary>
    public string? Hash { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? "environment variables";
}
