using Trivet.Core.Catalogue;

namespace Trivet.Core.Upstreams;

/// <summary>A subscription at a flat fee with quotas, such as a coding plan: a request costs nothing by itself until the quota is used up.</summary>
public sealed record PlanConfig
{
    /// <summary>The fee for a month in nano-units of <see cref="Currency"/>; null: not said.</summary>
    public long? FeeNano { get; init; }

    /// <summary>ISO 4217 code; empty without a fee.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Its quotas, the shortest first.</summary>
    public IReadOnlyList<PlanWindow> Windows { get; init; } = [];

    /// <summary>Under policies its quotas are spread over their windows, instead of being used as fast as requests come.</summary>
    public bool IsSpread { get; init; } = true;

    /// <summary>How many times a request or a token of a model counts, in millionths, by the upstream's name for it; <c>*</c> for the others.</summary>
    public IReadOnlyDictionary<string, long> MultiplierMillionths { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The share of the fee that falls on a span of time: a month is a twelfth of 365.2425 days. Null without a fee.</summary>
    public long? FeeFor(TimeSpan span) => FeeNano is { } fee ? PriceMath.Divide((Int128)fee * Math.Max(0, span.Ticks), MonthTicks) : null;

    /// <summary>How many times a model counts.</summary>
    public long MultiplierFor(string model) =>
        MultiplierMillionths.TryGetValue(model, out var own) || MultiplierMillionths.TryGetValue("*", out own) ? own : PriceMath.Millionths;

    private static readonly long MonthTicks = TimeSpan.FromDays(365.2425).Ticks / 12;
}

/// <summary>What a plan gives in a span of time.</summary>
/// <param name="Every">The span.</param>
/// <param name="Requests">How many requests; null: not limited, or not said.</param>
/// <param name="Tokens">How many tokens, in and out; null: not limited, or not said.</param>
public sealed record PlanWindow(TimeSpan Every, long? Requests, long? Tokens);
