using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Relay.Choosing;

/// <summary>
/// Tells routing, at the start and then once a minute, how much of plans is used by the books: by all nodes, and before a restart. Only where a plan has quotas; while the database is away each node goes by its own count.
/// </summary>
public sealed class PlanUseLoop(Func<GatewaySnapshot> snapshot, IUsageStore usage, RoutingMemory memory, TimeProvider time)
{
    private const long HourMs = 3_600_000;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Runs until cancelled; returns then, without throwing.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
                await LookAsync(stopping);
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }

    /// <summary>Looks once.</summary>
    internal async ValueTask<StoreFault?> LookAsync(CancellationToken cancellationToken)
    {
        foreach (var upstream in snapshot().Config.Upstreams)
        {
            if (upstream.Enabled && memory.PlanOf(upstream) is { } use && await TakeAsync(upstream, use, cancellationToken) is { } fault)
                return fault; // the next one would be the same
        }

        return null;
    }

    private async ValueTask<StoreFault?> TakeAsync(UpstreamConfig upstream, PlanUse use, CancellationToken cancellationToken)
    {
        // Twice the longest: where a window began depends on where the one before it ended.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var sinceMs = nowMs - (2 * (long)use.Plan.Windows[^1].Every.TotalMilliseconds);
        var query = new UsageQuery { SinceMs = sinceMs - (sinceMs % HourMs), By = UsageGroup.Model, StepMs = HourMs, Upstream = upstream.Name };
        var booked = await usage.QueryAsync(query, cancellationToken);
        if (booked.Fault is { } fault)
            return fault;
        use.Take([.. booked.Value.Where(static line => line.StartMs is not null).OrderBy(static line => line.StartMs).Select(static line => new PlanHour(line.StartMs!.Value, line.Group, line.Attempts - line.Failed, Tokens(line)))], nowMs);
        return null;
    }

    private static long Tokens(UsageLine line) => line.InputUncachedTokens + line.InputCacheReadTokens + line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens + line.OutputTextTokens + line.OutputReasoningTokens;
}
