using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Accounts;

namespace Trivet.Core.Admin.Books;

/// <summary>What a plan's flat fee comes to in a span of time, beside what its requests cost, which is nothing.</summary>
/// <param name="Upstream">Which upstream.</param>
/// <param name="Currency">Of the fee.</param>
/// <param name="FeeNano">For a month.</param>
/// <param name="ShareNano">For the span; null where it has no beginning.</param>
public sealed record PlanFee(string Upstream, string Currency, long FeeNano, long? ShareNano)
{
    /// <summary>The fees of all upstreams that have a plan with one.</summary>
    public static IReadOnlyList<PlanFee> Of(IEnumerable<UpstreamConfig> upstreams, DateTimeOffset? since, DateTimeOffset now)
    {
        var fees = new List<PlanFee>();
        foreach (var upstream in upstreams)
        {
            if (upstream.Plan is { FeeNano: { } fee } plan)
                fees.Add(new PlanFee(upstream.Name, plan.Currency, fee, since is { } from ? plan.FeeFor(now - from) : null));
        }

        return fees;
    }
}

/// <summary>How much of a plan's quota our own books say is used, for vendors that do not tell.</summary>
public sealed class PlanAdmin(IUsageStore usage, TimeProvider time)
{
    private const long Millionths = 1_000_000;

    /// <summary>
    /// One estimate for each window: what was booked in the span that ends now, each model counted as often as the plan counts it. Vendors' windows begin with
    /// their first request and are no longer than that, so that the estimate is not too low, but for what was not asked through Trivet.
    /// </summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<AccountQuota>>> EstimateAsync(UpstreamConfig upstream, CancellationToken cancellationToken)
    {
        var quotas = new List<AccountQuota>();
        foreach (var window in upstream.Plan?.Windows ?? [])
        {
            var since = time.GetUtcNow() - window.Every;
            var lines = await usage.QueryAsync(new UsageQuery { SinceMs = since.ToUnixTimeMilliseconds(), By = UsageGroup.Model, Upstream = upstream.Name }, cancellationToken);
            if (lines.Fault is { } fault)
                return fault;
            quotas.Add(Estimate(upstream.Plan!, window, lines.Value));
        }

        return quotas;
    }

    private static AccountQuota Estimate(PlanConfig plan, PlanWindow window, IReadOnlyList<UsageLine> lines)
    {
        // The nearer of the two limits is the one that counts. A failed attempt is taken for one that counted.
        var requests = lines.Aggregate((Int128)0, (sum, line) => sum + (Int128)line.Attempts * plan.MultiplierFor(line.Group));
        var tokens = lines.Aggregate((Int128)0, (sum, line) => sum + (Int128)Tokens(line) * plan.MultiplierFor(line.Group));
        var byRequests = Percent(requests, window.Requests);
        var byTokens = Percent(tokens, window.Tokens);
        var isByTokens = byRequests is null || byTokens > byRequests;
        var (used, limit) = isByTokens ? (tokens, window.Tokens) : (requests, window.Requests);
        return new AccountQuota(Name(window.Every), isByTokens ? byTokens : byRequests, limit, limit is null ? null : Math.Max(0, limit.Value - (long)(used / Millionths)), null, IsEstimate: true);
    }

    private static long Tokens(UsageLine line) => line.InputUncachedTokens + line.InputCacheReadTokens + line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens + line.OutputTextTokens + line.OutputReasoningTokens;

    private static decimal? Percent(Int128 usedMillionths, long? limit) => limit is > 0 ? decimal.Round((decimal)usedMillionths * 100 / Millionths / limit.Value, 1) : null;

    private static string Name(TimeSpan every) => every == TimeSpan.FromDays(7) ? "weekly" : every.TotalDays >= 1 && every.Hours == 0 ? $"{every.TotalDays:0}d" : $"{every.TotalHours:0.#}h";
}
