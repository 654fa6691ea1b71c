using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>One endpoint of a vendor with its credentials and protocols, as the operator (or the environment) gave it. Immutable.</summary>
public sealed record UpstreamConfig
{
    /// <summary>The stand-in of <see cref="Models"/> for "any name"; clients then ask for <c>upstream/name</c>.</summary>
    public const string AnyModel = "*";

    /// <summary>Unique name, also the first half of <c>upstream/model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The vendor's facts.</summary>
    public required VendorProfile Profile { get; init; }

    /// <summary>The vendor's name, as in <c>vendor:</c>.</summary>
    public string Vendor => Profile.Vendor;

    /// <summary>The vendor's site whose addresses it has; null where the operator gave the addresses.</summary>
    public string? Site { get; init; }

    /// <summary>Where each protocol is spoken; at most one per protocol.</summary>
    public required IReadOnlyList<EndpointConfig> Endpoints { get; init; }

    /// <summary>The keys, used in turn. Empty where the vendor wants none.</summary>
    public IReadOnlyList<Credential> Credentials { get; init; } = [];

    /// <summary>
    /// Models as this upstream calls them, in the operator's order. An entry with <c>*</c> (<c>gpt-*</c>) takes every name that fits;
    /// <see cref="AnyModel"/> alone takes any name, but only as <c>upstream/name</c>.
    /// </summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>A client's name for a model → this upstream's name.</summary>
    public IReadOnlyDictionary<string, string> ModelAliases { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long an attempt may take.</summary>
    public DeadlineConfig Deadlines { get; init; } = DeadlineConfig.Default;

    /// <summary>The subscription that pays for it; null where it is billed by use.</summary>
    public PlanConfig? Plan { get; init; }

    /// <summary>It is paid in advance: what attempts cost is taken from <c>prepaid/NAME</c> rather than owed.</summary>
    public bool IsPrepaid { get; init; }

    /// <summary>The currency in which this account is billed; null: that of the vendor's site.</summary>
    public string? Currency { get; init; }

    /// <summary>What happens to requests for models here whose price is not known; null: as the configuration says.</summary>
    public UnpricedPolicy? Unpriced { get; init; }

    /// <summary>The price of every model that <see cref="ModelPrices"/> does not name; null: the catalogue's.</summary>
    public PriceConfig? Price { get; init; }

    /// <summary>Prices by the upstream's model name.</summary>
    public IReadOnlyDictionary<string, PriceConfig> ModelPrices { get; init; } = new Dictionary<string, PriceConfig>(StringComparer.Ordinal);

    /// <summary>Headers added to every request. Values are secrets: they often are.</summary>
    public IReadOnlyDictionary<string, Secret> Headers { get; init; } = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The way out, or null for a direct connection.</summary>
    public ProxyConfig? Proxy { get; init; }

    /// <summary>Absolute path of a PEM file with certificate authorities to trust beside the machine's own, or null.</summary>
    public string? CaFile { get; init; }

    /// <summary>False: kept in the configuration, asked nothing.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>True: made in the console, and kept in the database; false: of the file or the environment.</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>True: prompts of clients whose own protocol caches by itself are marked to be cached, where this upstream speaks Messages and heeds marks.</summary>
    public bool CachesPrompts { get; init; }

    /// <summary>True: an image URL in a private network may be fetched and inlined for this upstream.</summary>
    public bool AllowPrivateImages { get; init; }

    /// <summary>How long a prompt cache lives where the operator does not say: Anthropic's five minutes, the shortest of the vendors'.</summary>
    public static TimeSpan PromptCacheDefault { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Where the operator says that its data goes; null: not said.</summary>
    public string? WrittenRegion { get; init; }

    /// <summary>Where its data goes: as written, else its site; null where neither is known.</summary>
    public string? Region => WrittenRegion ?? Site;

    /// <summary>How long its prompt cache lives after the last use.</summary>
    public TimeSpan PromptCache { get; init; } = PromptCacheDefault;

    /// <summary>Where this upstream speaks <paramref name="protocol"/>, or null where it does not.</summary>
    public EndpointConfig? EndpointFor(Protocol protocol)
    {
        foreach (var endpoint in Endpoints)
            if (endpoint.Protocol == protocol) return endpoint;
        return null;
    }

    /// <summary>The operator's price of a model (the upstream's name for it), or null.</summary>
    public PriceConfig? PriceFor(string model) => ModelPrices.TryGetValue(model, out var price) ? price : Price;
}

/// <summary>An outbound proxy.</summary>
/// <param name="Address">http, https or socks5 address, without user information.</param>
/// <param name="User">Its user, or null.</param>
/// <param name="Password">Its password, or null.</param>
public sealed record ProxyConfig(Uri Address, string? User, Secret? Password);
