using Trivet.Core.Upstreams.Accounts;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams.Vendors;

/// <summary>
/// A vendor's facts as dated data: where it is, how it is asked, what it does differently. Read from the embedded files in
/// <c>Profiles/</c>; never an <c>if</c> in code. Immutable and shared.
/// </summary>
public sealed record VendorProfile
{
    /// <summary>The name in <c>vendor:</c>.</summary>
    public required string Vendor { get; init; }

    /// <summary>The name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>When the facts were last checked as a whole.</summary>
    public required DateOnly Checked { get; init; }

    /// <summary>Where they come from.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Its sites (regions, plans), the default one first. Empty: the operator must give <c>endpoints:</c>.</summary>
    public IReadOnlyList<VendorSite> Sites { get; init; } = [];

    /// <summary>Environment variables that hold a key, the usual one first.</summary>
    public IReadOnlyList<string> KeyVariables { get; init; } = [];

    /// <summary>Environment variables that hold a base address instead of the site's, by the protocol they speak of.</summary>
    public IReadOnlyList<BaseUrlVariable> BaseUrlVariables { get; init; } = [];

    /// <summary>Environment variable that says where a local server runs (<c>host:port</c> or an address), or null. Being set is enough to use it.</summary>
    public string? HostVariable { get; init; }

    /// <summary>True: a key is needed to use it.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Models offered when the operator names none; <c>*</c> for any.</summary>
    public IReadOnlyList<string> DefaultModels { get; init; } = [];

    /// <summary>Sites that a flat fee pays for: a request there costs nothing by itself.</summary>
    public IReadOnlyList<string> PlanSites { get; init; } = [];

    /// <summary>Where it says how an account stands.</summary>
    public IReadOnlyList<AccountReading> Account { get; init; } = [];

    /// <summary>The vendor's own error codes → a neutral class (<see cref="VendorErrorClass"/>).</summary>
    public IReadOnlyDictionary<string, VendorErrorClass> ErrorCodes { get; init; } = new Dictionary<string, VendorErrorClass>(StringComparer.Ordinal);

    /// <summary>Quirks by protocol; protocols that are not named behave as standard.</summary>
    public IReadOnlyDictionary<Protocol, QuirkTable> Quirks { get; init; } = new Dictionary<Protocol, QuirkTable>();

    /// <summary>The quirks of a model when it is asked over a protocol.</summary>
    public ProtocolQuirks QuirksFor(Protocol protocol, string model) =>
        Quirks.TryGetValue(protocol, out var table) ? table.For(model) : ProtocolQuirks.Standard;
}

/// <summary>One site of a vendor: a region or a plan with its own addresses.</summary>
/// <param name="Name">The name in <c>site:</c>.</param>
/// <param name="Endpoints">Where it speaks which protocol.</param>
public sealed record VendorSite(string Name, IReadOnlyList<EndpointConfig> Endpoints);

/// <summary>An environment variable that holds a base address.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="Protocols">The protocols it replaces the address of.</param>
public sealed record BaseUrlVariable(string Variable, IReadOnlyList<Protocol> Protocols);

/// <summary>The quirks of one protocol: a base and patches for models, of which the first that matches counts.</summary>
/// <param name="Base">What holds for every model.</param>
/// <param name="Models">Patterns with the base already patched.</param>
public sealed record QuirkTable(ProtocolQuirks Base, IReadOnlyList<ModelQuirks> Models)
{
    /// <summary>The quirks of a model.</summary>
    public ProtocolQuirks For(string model)
    {
        foreach (var entry in Models)
            if (entry.Pattern.IsMatch(model)) return entry.Quirks;
        return Base;
    }
}

/// <summary>The quirks of models whose name matches.</summary>
/// <param name="Pattern">Which models.</param>
/// <param name="Quirks">Complete, not a patch.</param>
public sealed record ModelQuirks(Routing.ModelPattern Pattern, ProtocolQuirks Quirks);

/// <summary>What a vendor's own error code means.</summary>
public enum VendorErrorClass
{
    /// <summary>The request is wrong; the same would fail elsewhere.</summary>
    InvalidRequest,

    /// <summary>The key is wrong or may not.</summary>
    Authentication,

    /// <summary>The key may not use this model or feature.</summary>
    Permission,

    /// <summary>No money, or the plan is used up.</summary>
    Billing,

    /// <summary>Too many requests or tokens; comes back by itself.</summary>
    RateLimited,

    /// <summary>The vendor has no capacity.</summary>
    Overloaded,

    /// <summary>The model is not there.</summary>
    ModelNotFound,

    /// <summary>The prompt is longer than the model takes.</summary>
    ContextLength,

    /// <summary>The vendor's filter refused prompt or answer.</summary>
    ContentFilter,

    /// <summary>The vendor took too long.</summary>
    Timeout,

    /// <summary>The vendor broke.</summary>
    ServerError,
}
