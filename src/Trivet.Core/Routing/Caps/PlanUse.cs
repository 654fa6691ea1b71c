using Trivet.Core.Catalogue;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Routing.Caps;

/// <summary>
/// How much of a plan's quotas this node has used: windows begin with the first request after the last one ended, as vendors' do. Other nodes and clients of the account are not in it; those show as refusals. Safe for
/// concurrent use.
/// </summary>
/// <param name="plan">The quotas.</param>
public sealed class PlanUse(PlanConfig plan)
{
    private readonly Lock _gate = new();
    private readonly (long EndsMs, long Requests, long Tokens)[] _used = new (long, long, long)[plan.Windows.Count];

    /// <summary>The quotas that it was made for.</summary>
    public PlanConfig Plan => plan;

    /// <summary>Whether one more request of so many tokens goes beyond a quota.</summary>
    public bool IsSpent(string model, long tokens, long nowMs)
    {
        var times = plan.MultiplierFor(model);
        lock (_gate)
        {
            for (var i = 0; i < _used.Length; i++)
            {
                var (window, used) = (plan.Windows[i], _used[i]);
                var (requests, spent) = used.EndsMs > nowMs ? (used.Requests, used.Tokens) : (0, 0);
                if (requests + times > Scaled(window.Requests) || spent + (times * tokens) > Scaled(window.Tokens))
                    return true;
            }
        }

        return false;
    }

    /// <summary>A request used it.</summary>
    public void Note(string model, long tokens, long nowMs)
    {
        var times = plan.MultiplierFor(model);
        lock (_gate)
        {
            for (var i = 0; i < _used.Length; i++)
            {
                ref var used = ref _used[i];
                if (used.EndsMs <= nowMs)
                    used = (nowMs + (long)plan.Windows[i].Every.TotalMilliseconds, 0, 0);
                used.Requests += times;
                used.Tokens += times * tokens;
            }
        }
    }

    // In millionths, as multipliers are.
    private static long Scaled(long? quota) => quota is { } count ? (long)Int128.Min((Int128)count * PriceMath.Millionths, long.MaxValue) : long.MaxValue;
}
