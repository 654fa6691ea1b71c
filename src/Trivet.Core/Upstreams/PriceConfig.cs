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
}

/// <summary>
/// Rates in pico-units of the currency (10⁻¹²) per token; one unit per million tokens is 1,000,000. A rate that is null is unknown, never zero.
/// </summary>
public sealed record MeterRates
{
    /// <summary>Prompt tokens that were not served from a cache.</summary>
    public long? InputPico { get; init; }

    /// <summary>Prompt tokens read from a cache.</summary>
    public long? CacheReadPico { get; init; }

    /// <summary>Prompt tokens written to a cache that lives five minutes.</summary>
    public long? CacheWrite5mPico { get; init; }

    /// <summary>Prompt tokens written to a cache that lives an hour.</summary>
    public long? CacheWrite1hPico { get; init; }

    /// <summary>Answer tokens.</summary>
    public long? OutputPico { get; init; }

    /// <summary>Reasoning tokens; null: they are charged as output.</summary>
    public long? ReasoningPico { get; init; }

    /// <summary>Pico-units for each request, beside its tokens; null: none.</summary>
    public long? PerRequestPico { get; init; }
}
