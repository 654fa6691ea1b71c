using System.Net;
using System.Text.Json.Nodes;
using Trivet.Core.Catalogue;
using Trivet.Core.Conversations;
using Trivet.Core.Limits;
using Trivet.Core.Replay;
using Trivet.Core.Routing;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>The keys of <c>trivet.yaml</c>: one table for the reader, for "did you mean" and for the JSON schema.</summary>
internal static class ConfigShape
{
    /// <summary>The whole file.</summary>
    public static ObjectShape<ConfigDraft> Root { get; } = RootKeys();

    private const string WaitMax = "A wait that an upstream asks for is waited out up to this, because its prompt cache is warm; a longer one goes elsewhere. Default 3s.";
    private const string TriesMax = "Attempts of one request in all. Default 6.";

    private static ObjectShape<ConfigDraft> RootKeys() => new ObjectShape<ConfigDraft>(() => new ConfigDraft())
        .Key("listen", $"Where to listen. Default {GatewayConfig.DefaultListen}.", new PlacedShape<string>(Shapes.Text), (draft, value) => draft with { Listen = value })
        .Key("data", $"Directory of database, spool and secrets. Default {GatewayConfig.DefaultData}; a relative path starts at this file's folder.", Shapes.Text, (draft, value) => draft with { Data = value })
        .Key("database", "sqlite (a file in the data directory), or postgres://user:password@host:5432/name.", Database(), (draft, value) => draft with { Database = value })
        .Key("trusted_proxies", "Addresses or networks (10.1.2.3, 10.8.0.0/24) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. None by default. Read at start.", new ListShape<IPNetwork>(Shapes.Network), (draft, value) => draft with { TrustedProxies = value })
        .Key("upstreams", "Vendors' endpoints with their keys.", new ListShape<Placed<UpstreamDraft>>(new PlacedShape<UpstreamDraft>(UpstreamKeys()), keepPartial: true), (draft, value) => draft with { Upstreams = value }, keepPartial: true)
        .Key("routes", "Model names that clients may ask for.", new ListShape<Placed<RouteDraft>>(new PlacedShape<RouteDraft>(RouteKeys()), keepPartial: true), (draft, value) => draft with { Routes = value }, keepPartial: true)
        .Key("policies", "Policies by name, for routes, keys and the header x-trivet-policy, beside the presets best, balanced, cheap and fast.", new MapShape<Placed<PolicyDraft>>(new PlacedShape<PolicyDraft>(PolicyShapes.Keys())), (draft, value) => draft with { Policies = value }, keepPartial: true)
        .Key("retry", "How patiently and how often a request is tried.", RetryKeys(), draft => draft.Retry, (draft, value) => draft with { Retry = value })
        .Key("continuation", "false: an answer that breaks off after some of it has reached the client ends in an error, instead of being continued by another attempt where that is sound. Default true; a route may say otherwise.", Shapes.Bool, (draft, value) => draft with { Continuation = value })
        .Key("limits", "Bounds on what clients may send, and on what the gateway takes on.", LimitKeys(), draft => draft.Limits, (draft, value) => draft with { Limits = value })
        .Key("image_fetch", "Bounds on fetching image URLs for upstreams that take images only as data.", ImageFetchKeys(), draft => draft.ImageFetch, (draft, value) => draft with { ImageFetch = value })
        .Key("replay", "Keeping models' thoughts for the vendors that want them back in a conversation.", ReplayKeys(), draft => draft.Replay, (draft, value) => draft with { Replay = value })
        .Key("responses", "Keeping responses for clients that go on from them (previous_response_id), whatever upstream they go on at.", ResponseKeys(), draft => draft.Responses, (draft, value) => draft with { Responses = value })
        .Key("unpriced", "Requests for offerings without a known price: default (served, and refused where money limits the key), allow, refuse.", Shapes.Word<UnpricedPolicy>(), (draft, value) => draft with { Unpriced = value })
        .Key("fx", "Rates of exchange between currencies.", FxShapes.Keys(), draft => draft.Fx, (draft, value) => draft with { Fx = value })
        .Key("audits", "Whether upstreams are audited for what they sell, how often and for how much.", AuditShapes.Keys, (draft, value) => draft with { Audits = value })
        .Key("alarms", "Where alarms go beside the journal.", AlarmShapes.Keys, (draft, value) => draft with { Alarms = value })
        .Key("telemetry", "Where traces and metrics go.", TelemetryKeys(), draft => draft.Telemetry, (draft, value) => draft with { Telemetry = value })
        .Key("payload_logging", "Whose payloads are recorded, and for how long. Nobody's by default.", PayloadKeys(), draft => draft.PayloadLogging, (draft, value) => draft with { PayloadLogging = value });

    /// <summary>What an upstream may say of itself.</summary>
    public static IReadOnlySet<string> UpstreamKeyNames { get; } = UpstreamKeys().Keys.ToHashSet(StringComparer.Ordinal);

    private static ObjectShape<UpstreamDraft> UpstreamKeys()
    {
        var text = new PlacedShape<string>(Shapes.Text);
        return new ObjectShape<UpstreamDraft>(() => new UpstreamDraft())
            .Key("name", "Unique name; clients may ask for name/model.", text, (draft, value) => draft with { Name = value }, required: true)
            .Key("vendor", "Whose profile holds: deepseek, anthropic, openai, …; custom for anything else.", new PlacedShape<string>(new VendorShape()), (draft, value) => draft with { Vendor = value }, required: true)
            .Key("site", "A region or plan of the vendor, such as cn, intl or plan; its first one by default.", text, (draft, value) => draft with { Site = value })
            .Key("keys", "Keys, used in turn. ${NAME} takes one from the environment.", new ListShape<Secret>(UpstreamShapes.Secret), (draft, value) => draft with { Keys = value })
            .Key("endpoints", "Which protocols it speaks and where, instead of the vendor's own addresses.", UpstreamShapes.Endpoints, (draft, value) => draft with { Endpoints = value })
            .Key("auth", "Where the key goes at every endpoint: bearer, x-api-key, x-goog-api-key, query, none, or a list of them.", UpstreamShapes.Auth, (draft, value) => draft with { Auth = value })
            .Key("models", "Models as the upstream calls them; gpt-* takes every name that fits, \"*\" any name as upstream/name.", new ListShape<string>(Shapes.Text), (draft, value) => draft with { Models = value })
            .Key("model_aliases", "A client's name for a model: the upstream's name.", new MapShape<string>(Shapes.Text), (draft, value) => draft with { ModelAliases = value })
            .Key("deadlines", "How long an attempt may take, stage by stage.", DeadlineKeys(), draft => draft.Deadlines, (draft, value) => draft with { Deadlines = value })
            .Key("plan", "The subscription that pays for it at a flat fee, such as a coding plan.", new PlanShape(), (draft, value) => draft with { Plan = value })
            .Key("prepaid", "true: it is paid in advance; the books take what attempts cost from what was paid ('trivet ledger pay') instead of owing it.", Shapes.Bool, (draft, value) => draft with { IsPrepaid = value })
            .Key("currency", "The currency in which the account is billed, where the vendor has prices in several. Default: that of the site.", RateShapes.Currency, (draft, value) => draft with { Currency = value })
            .Key("unpriced", "Requests for models here without a known price: default, allow, refuse. Default: as for the whole file.", Shapes.Word<UnpricedPolicy>(), (draft, value) => draft with { Unpriced = value })
            .Key("price", "What it charges, where that is not the catalogue's price.", new PriceShape(), (draft, value) => draft with { Price = value })
            .Key("model_prices", "The same for single models, by the upstream's name.", new MapShape<PriceConfig>(new PriceShape()), (draft, value) => draft with { ModelPrices = value })
            .Key("region", "Where its data goes, for policies that bound that: eu, us, cn. Default: its site.", Shapes.Text, (draft, value) => draft with { Region = value })
            .Key("prompt_cache", "How long its prompt cache lives after the last use, for policies that count it. Default 5m.", Shapes.Duration, (draft, value) => draft with { PromptCache = value })
            .Key("cache_prompts", "true: what Chat, Responses and Gemini clients have said so far is marked to be cached at its Messages endpoint, where a conversation has tools or has been going on. Anthropic bills what is written 1.25 times and what is read 0.1 times. Default false.", Shapes.Bool, (draft, value) => draft with { CachesPrompts = value })
            .Key("headers", "Headers added to every request.", new MapShape<Secret>(UpstreamShapes.Secret, StringComparer.OrdinalIgnoreCase), (draft, value) => draft with { Headers = value })
            .Key("proxy", "http, https or socks5 address of an outbound proxy, with user:password@ where it needs them.", Proxy(), (draft, value) => draft with { Proxy = value })
            .Key("ca_file", "PEM file of certificate authorities to trust beside the machine's own.", text, (draft, value) => draft with { CaFile = value })
            .Key("enabled", "false keeps it configured and asks it nothing.", Shapes.Bool, (draft, value) => draft with { Enabled = value })
            .Key("allow_private_images", "true: image URLs in private networks may be fetched for this upstream.", Shapes.Bool, (draft, value) => draft with { AllowPrivateImages = value });
    }

    private static ObjectShape<RouteDraft> RouteKeys()
    {
        var text = new PlacedShape<string>(Shapes.Text);
        var candidate = new ObjectShape<CandidateDraft>(() => new CandidateDraft())
            .Key("upstream", "Name of an upstream.", text, (draft, value) => draft with { Upstream = value }, required: true)
            .Key("model", "The model as that upstream calls it; * carries over what the route's * matched. Default: the name asked for.", text, (draft, value) => draft with { Model = value })
            .Key("weight", "Its share under the policy weighted.", Shapes.Int(1, 1_000_000), (draft, value) => draft with { Weight = value });
        return new ObjectShape<RouteDraft>(() => new RouteDraft())
            .Key("model", "The name clients ask for; * matches any run of characters.", text, (draft, value) => draft with { Model = value }, required: true)
            .Key("candidates", "Who may serve it.", new ListShape<Placed<CandidateDraft>>(new PlacedShape<CandidateDraft>(candidate), keepPartial: true), (draft, value) => draft with { Candidates = value }, required: true, keepPartial: true)
            .Key("policy", "in-order (default) or weighted; or by what is measured: best, balanced, cheap, fast, or one of policies.", text, (draft, value) => draft with { Policy = value })
            .Key("retry", "How its requests are tried, where that is not as the whole gateway's.", RouteRetryKeys(), draft => draft.Retry ?? new RetryDraft(), (draft, value) => draft with { Retry = value })
            .Key("continuation", "false: an answer of this route that breaks off is not continued.", Shapes.Bool, (draft, value) => draft with { Continuation = value })
            .Key("hedge", "true, or { share, spend, currency }: a request whose upstream takes longer to its first content than it usually does is asked of one independent candidate as well, and whoever is first answers it. Default false.", new HedgeShape(), (draft, value) => draft with { Hedge = value })
            .Key("aliases", "Other names for the same route.", new ListShape<Placed<string>>(text), (draft, value) => draft with { Aliases = value })
            .Key("display_name", "What model lists show.", Shapes.Text, (draft, value) => draft with { DisplayName = value })
            .Key("loss", "Fields a translation cannot carry: safe (default) refuses only what bounds the answer, allow refuses nothing, strict refuses any.", Shapes.Word<LossPolicy>(), (draft, value) => draft with { Loss = value })
            .Key("structured_output", "Answers that a request binds to a JSON schema: trust (default), or repair: validate, and ask once more with what is wrong. Streams are then held back until their end.", Shapes.Word<StructuredOutputPolicy>(), (draft, value) => draft with { StructuredOutput = value })
            .Key("forced_tools", "Upstreams known to ignore a forced tool: trust (default), or retry: ask them all the same, and once more where the tool was not called. Streams are then held back until their end.", Shapes.Word<ForcedToolPolicy>(), (draft, value) => draft with { ForcedTools = value });
    }

    private static ObjectShape<DeadlineConfig> DeadlineKeys() => new ObjectShape<DeadlineConfig>(() => DeadlineConfig.Default)
        .Key("connect", "Until the connection stands. Default 5s.", Shapes.Duration, (deadlines, value) => deadlines with { Connect = value })
        .Key("headers", "Until response headers arrive. Default: bounded by first_content.", Shapes.Duration, (deadlines, value) => deadlines with { Headers = value })
        .Key("first_content", "Until the first real content. Default 60s.", Shapes.Duration, (deadlines, value) => deadlines with { FirstContent = value })
        .Key("idle", "The longest silence after that. Default 60s.", Shapes.Duration, (deadlines, value) => deadlines with { Idle = value })
        .Key("total", "The whole attempt. Default 10m.", Shapes.Duration, (deadlines, value) => deadlines with { Total = value });

    private static ObjectShape<RetryConfig> RetryKeys() => new ObjectShape<RetryConfig>(() => RetryConfig.Default)
        .Key("wait_max", WaitMax, Shapes.Duration, (retry, value) => retry with { WaitMax = value })
        .Key("tries_max", TriesMax, Shapes.Int(1, 100), (retry, value) => retry with { TriesMax = value })
        .Key("budget_percent", "Retries that an upstream gets, in percent of its requests of the last seconds. Default 20.", Shapes.Int(0, 1000), (retry, value) => retry with { BudgetPercent = value })
        .Key("budget_floor", "Retries that an upstream gets in ten seconds however few its requests are. Default 20.", Shapes.Int(0, 1_000_000), (retry, value) => retry with { BudgetFloor = value });

    private static ObjectShape<RetryDraft> RouteRetryKeys() => new ObjectShape<RetryDraft>(() => new RetryDraft())
        .Key("wait_max", WaitMax, Shapes.Duration, (retry, value) => retry with { WaitMax = value })
        .Key("tries_max", TriesMax, Shapes.Int(1, 100), (retry, value) => retry with { TriesMax = value });

    private static ObjectShape<LimitsConfig> LimitKeys() => new ObjectShape<LimitsConfig>(() => new LimitsConfig())
        .Key("body_max", "The largest request body. Default 64MiB.", Shapes.Bytes, (limits, value) => limits with { BodyBytesMax = value })
        .Key("headers_max", "All request headers together. Default 64KiB.", Shapes.Bytes, (limits, value) => limits with { HeaderBytesMax = (int)Math.Min(value, int.MaxValue) })
        .Key("header_count_max", "How many request headers. Default 200.", Shapes.Int(10, 10_000), (limits, value) => limits with { HeaderCountMax = value })
        .Key("headers_wait", "How long a client may take to send its headers. A body must come at 240 bytes a second and within two minutes. Read at start. Default 15s.", Shapes.Duration, (limits, value) => limits with { HeadersWait = value })
        .Key("reserve", "What is set aside of a budget for a request: learned (default), from what such requests cost lately; strict, its worst case.", Shapes.Word<ReserveMode>(), (limits, value) => limits with { Reserve = value })
        .Key("wait", "How long a request waits for money of a budget that is set aside for others. Default 10s.", Shapes.Duration, (limits, value) => limits with { Wait = value })
        .Key("grace", "How long an upstream is still read after its client has left, for the usage that it reports at the end; then it is cancelled, and what it served is estimated. Default 2s.", Shapes.Duration, (limits, value) => limits with { Grace = value })
        .Key("drain", "How long what runs may go on when the gateway is stopped; new requests are refused with 503 and Retry-After meanwhile. Read at start. Default 25s.", Shapes.Duration, (limits, value) => limits with { Drain = value })
        .Key("concurrent_max", "The most requests that run at a time; beyond it they are refused with 503 and Retry-After. Default 10000.", Shapes.Int(1, 10_000_000), (limits, value) => limits with { ConcurrentMax = value })
        .Key("memory_max", "The memory beyond which requests are refused with 503 and Retry-After; a quarter of it is what request bodies may take together. Default: three quarters of what the process may have.", Shapes.Bytes, (limits, value) => limits with { MemoryBytesMax = value });

    private static ObjectShape<ImageFetchConfig> ImageFetchKeys() => new ObjectShape<ImageFetchConfig>(() => new ImageFetchConfig())
        .Key("allow_private_networks", "true: addresses in private networks and on this machine may be fetched.", Shapes.Bool, (fetch, value) => fetch with { AllowPrivateNetworks = value })
        .Key("size_max", "The largest image. Default 20MiB.", Shapes.Bytes, (fetch, value) => fetch with { BytesMax = value })
        .Key("timeout", "The longest fetch. Default 10s.", Shapes.Duration, (fetch, value) => fetch with { Timeout = value });

    private static ObjectShape<ReplayConfig> ReplayKeys() => new ObjectShape<ReplayConfig>(() => new ReplayConfig())
        .Key("enabled", "false keeps nothing: thoughts then go back only where the client carries them. Default true.", Shapes.Bool, (replay, value) => replay with { Enabled = value })
        .Key("keep", "How long, in memory and in the database. Default 24h.", Shapes.Duration, (replay, value) => replay with { Keep = value })
        .Key("memory", "The most memory that it may take; the database holds the rest. Default 64MiB.", Shapes.Bytes, (replay, value) => replay with { MemoryBytes = value });

    private static ObjectShape<ResponsesConfig> ResponseKeys() => new ObjectShape<ResponsesConfig>(() => new ResponsesConfig())
        .Key("enabled", "false keeps none: previous_response_id is then the upstream's to know. Default true; requests with store: false are never kept.", Shapes.Bool, (responses, value) => responses with { Enabled = value })
        .Key("keep", "How long. Default 168h.", Shapes.Duration, (responses, value) => responses with { Keep = value })
        .Key("memory", "The most memory that they may take; the database holds the rest. Default 32MiB.", Shapes.Bytes, (responses, value) => responses with { MemoryBytes = value })
        .Key("size_max", "The largest response that is kept, its request's items included. Default 4MiB.", Shapes.Bytes, (responses, value) => responses with { BytesMax = value });

    private static ObjectShape<TelemetryConfig> TelemetryKeys() => new ObjectShape<TelemetryConfig>(() => new TelemetryConfig())
        .Key("otlp_endpoint", "Address of an OTLP collector. Default: none.", Shapes.HttpUrl, (telemetry, value) => telemetry with { OtlpEndpoint = value })
        .Key("otlp_headers", "Headers for the collector.", new MapShape<Secret>(UpstreamShapes.Secret, StringComparer.OrdinalIgnoreCase), (telemetry, value) => telemetry with { OtlpHeaders = value });

    private static ObjectShape<PayloadLoggingConfig> PayloadKeys() => new ObjectShape<PayloadLoggingConfig>(() => new PayloadLoggingConfig())
        .Key("keys", "Names or ids of client keys whose requests are recorded with their payloads.", new ListShape<string>(Shapes.Text), (logging, value) => logging with { Keys = value.ToHashSet(StringComparer.Ordinal) })
        .Key("keep", "How long. Default 168h.", Shapes.Duration, (logging, value) => logging with { Keep = value })
        .Key("size_max", "What is kept of what was sent, and of what was answered: the beginning. Default 256KiB.", Shapes.Bytes, (logging, value) => logging with { BytesMax = value });

    private static ScalarShape<DatabaseConfig> Database() => new(
        "sqlite, or postgres://user:password@host:5432/name",
        text => text switch
        {
            "sqlite" => (true, DatabaseConfig.Sqlite),
            _ when Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "postgres" or "postgresql" && url!.Host.Length > 0 && url.AbsolutePath.Length > 1 =>
                (true, new DatabaseConfig(DatabaseKind.Postgres, new Secret(text))),
            _ => (false, DatabaseConfig.Sqlite),
        },
        () => new JsonObject { ["type"] = "string", ["pattern"] = @"^sqlite$|^postgres(ql)?://|\$\{" },
        secret: true);

    private static ScalarShape<ProxyConfig> Proxy() => new(
        "an http, https or socks5 address",
        text =>
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "socks5") || url.Host.Length == 0) return (false, null!);
            var user = url.UserInfo.Split(':', 2);
            var bare = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
            return (true, new ProxyConfig(bare, user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null, user.Length > 1 ? new Secret(Uri.UnescapeDataString(user[1])) : null));
        },
        () => new JsonObject { ["type"] = "string" },
        secret: true);
}
