using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>What one row of <c>usage_hourly</c> is about.</summary>
internal readonly record struct HourlyKey(
    string Organisation, long HourMs, string Team, string KeyId, string Route, string Upstream, string UpstreamModel, string Currency)
{
    public const long MsPerHour = 3_600_000;

    public static HourlyKey Of(AttemptRecord attempt) => new(
        attempt.Organisation,
        attempt.StartedMs - attempt.StartedMs % MsPerHour,
        attempt.Team,
        attempt.KeyId,
        attempt.Route,
        attempt.Upstream,
        attempt.UpstreamModel,
        attempt.Currency);
}

/// <summary>Sums of some attempts, to be added to a row of <c>usage_hourly</c>.</summary>
internal sealed class HourlyUsage(HourlyKey key)
{
    public HourlyKey Key => key;
    public long Attempts { get; private set; }
    public long Failed { get; private set; }
    public long Estimated { get; private set; }
    public long Unpriced { get; private set; }
    public long InputUncachedTokens { get; private set; }
    public long InputCacheReadTokens { get; private set; }
    public long InputCacheWrite5mTokens { get; private set; }
    public long InputCacheWrite1hTokens { get; private set; }
    public long OutputTextTokens { get; private set; }
    public long OutputReasoningTokens { get; private set; }
    public long CostNano { get; private set; }

    /// <summary>Attempts with a list price in the currency of their cost: only those can be compared.</summary>
    public long Listed { get; private set; }
    public long ListNano { get; private set; }

    /// <summary>What keys were billed in the currency of the row.</summary>
    public long ChargedNano { get; private set; }

    /// <summary>Sums per row, sorted: nodes that update the same rows lock them in the same order and cannot deadlock.</summary>
    public static IReadOnlyList<HourlyUsage> Of(IReadOnlyList<AttemptRecord> attempts)
    {
        var sums = new Dictionary<HourlyKey, HourlyUsage>();
        foreach (var attempt in attempts)
        {
            var key = HourlyKey.Of(attempt);
            if (!sums.TryGetValue(key, out var sum))
                sums.Add(key, sum = new HourlyUsage(key));
            sum.Add(attempt);
            if (attempt.ChargedNano is not { } charged || charged == 0)
                continue;

            // Billed in another currency than it cost: that is money of another row, in which the attempt is not counted again.
            var billedKey = key with { Currency = attempt.ChargeCurrency };
            if (!sums.TryGetValue(billedKey, out var billed))
                sums.Add(billedKey, billed = new HourlyUsage(billedKey));
            billed.ChargedNano += charged;
        }

        return
        [
            .. sums.Values
                .OrderBy(sum => sum.Key.HourMs)
                .ThenBy(sum => sum.Key.Organisation, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.Team, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.KeyId, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.Route, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.Upstream, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.UpstreamModel, StringComparer.Ordinal)
                .ThenBy(sum => sum.Key.Currency, StringComparer.Ordinal),
        ];
    }

    private void Add(AttemptRecord attempt)
    {
        Attempts++;
        Failed += attempt.Failure.Length > 0 ? 1 : 0;
        Estimated += attempt.Estimated ? 1 : 0;
        Unpriced += attempt.IsUnpriced ? 1 : 0;
        InputUncachedTokens += attempt.InputUncachedTokens;
        InputCacheReadTokens += attempt.InputCacheReadTokens;
        InputCacheWrite5mTokens += attempt.InputCacheWrite5mTokens;
        InputCacheWrite1hTokens += attempt.InputCacheWrite1hTokens;
        OutputTextTokens += attempt.OutputTextTokens;
        OutputReasoningTokens += attempt.OutputReasoningTokens;
        CostNano += attempt.CostNano ?? 0;
        if (attempt.ListNano is { } list && attempt.ListCurrency == attempt.Currency)
        {
            Listed++;
            ListNano += list;
        }
    }
}
