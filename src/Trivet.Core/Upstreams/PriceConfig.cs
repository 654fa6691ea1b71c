using Trivet.Core.Catalogue;

namespace Trivet.Core.Upstreams;

/// <summary>
/// What the operator says an upstream charges: either a factor on the catalogue's price or absolute rates. Integers only, parsed from
/// decimal text. Exactly one of <see cref="FactorMillionths"/> and <see cref="Rates"/> is set.
/// </summary>
public sealed record PriceConfig
{
    /// <summary>The factor in millionths (0.38 is 380,000), or null when the price is absolute.</summary>
    public long? FactorMillionths { get; init; }

    /// <summary>ISO 4217 code of <see cref="Rates"/> (USD, CNY), or null for a factor.</summary>
    public string? Currency { get; init; }

    /// <summary>The absolute rates, or null for a factor.</summary>
    public MeterRates? Rates { get; init; }

    /// <summary>Whose price in the catalogue is meant, <c>vendor</c> or <c>vendor/model</c>; null: the upstream's vendor, and for a relay the model's maker.</summary>
    public string? ListOf { get; init; }
}

/// <summary>What happens to requests for an offering whose price is not known.</summary>
public enum UnpricedPolicy
{
    /// <summary>Served and counted as unpriced, unless money limits the key, its team or its organisation: an unpriced request cannot be held to a limit.</summary>
    Default,

    /// <summary>Served and counted as unpriced, also where money is limited.</summary>
    Allow,

    /// <summary>Refused.</summary>
    Refuse,
}
