using Trivet.Core.Relay.Metering;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Usage as the books ought to tell it, added up from every attempt.</summary>
internal static class SlowSums
{
    /// <summary>In the order of <see cref="Of"/>.</summary>
    public static UsageLine[] Sorted(IEnumerable<UsageLine> lines) => [.. lines.OrderBy(line => line.Group, StringComparer.Ordinal).ThenBy(line => line.Currency, StringComparer.Ordinal)];

    /// <summary>The same sums, made the slow way: what an attempt cost and what it was billed may be of two currencies, and then of two lines.</summary>
    public static UsageLine[] Of(IReadOnlyList<AttemptRecord> attempts, Func<AttemptRecord, string> group)
    {
        var cost = attempts.ToLookup(attempt => (Group: group(attempt), attempt.Currency));
        var billed = attempts.Where(attempt => attempt.ChargedNano > 0).ToLookup(attempt => (Group: group(attempt), Currency: attempt.ChargeCurrency));
        return
        [
            .. cost.Select(one => one.Key).Union(billed.Select(one => one.Key))
                .Select(key => Line(key.Group, key.Currency, [.. cost[key]]) with { ChargedNano = billed[key].Sum(attempt => attempt.ChargedNano!.Value) })
                .OrderBy(line => line.Group, StringComparer.Ordinal)
                .ThenBy(line => line.Currency, StringComparer.Ordinal),
        ];
    }

    private static UsageLine Line(string group, string currency, AttemptRecord[] one) => new()
    {
        Group = group,
        Currency = currency,
        Attempts = one.Length,
        Failed = one.Count(attempt => attempt.Failure.Length > 0),
        Estimated = one.Count(attempt => attempt.Estimated),
        Unpriced = one.Count(attempt => attempt.CostNano is null || attempt.UnpricedMeters.Length > 0),
        InputUncachedTokens = one.Sum(attempt => attempt.InputUncachedTokens),
        InputCacheReadTokens = one.Sum(attempt => attempt.InputCacheReadTokens),
        InputCacheWrite5mTokens = one.Sum(attempt => attempt.InputCacheWrite5mTokens),
        InputCacheWrite1hTokens = one.Sum(attempt => attempt.InputCacheWrite1hTokens),
        OutputTextTokens = one.Sum(attempt => attempt.OutputTextTokens),
        OutputReasoningTokens = one.Sum(attempt => attempt.OutputReasoningTokens),
        CostNano = one.Sum(attempt => attempt.CostNano ?? 0),
        Listed = one.Count(attempt => attempt.ListNano is not null && attempt.ListCurrency == attempt.Currency),
        ListNano = one.Where(attempt => attempt.ListCurrency == attempt.Currency).Sum(attempt => attempt.ListNano ?? 0),
    };
}
