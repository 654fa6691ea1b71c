using Trivet.Core.Catalogue;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Routing.Caps;

/// <summary>What a plan has left for a request.</summary>
public enum PlanRoom
{
    /// <summary>Enough, and no more of it is used than the time allows.</summary>
    Ample,

    /// <summary>Enough, but it is used faster than its windows go by: what can as well go elsewhere should.</summary>
    Ahead,

    /// <summary>Too little.</summary>
    Spent,
}

/// <summary>
/// How much of a plan's quotas this node has used: windows begin with the first request after the last one ended, as vendors' do. A fifth of a quota may be used at once; the rest in step with the time, so that all of it may
/// be used when nine tenths of the window are over: an hour of bulk work must not leave the other four, or the other six days, without the plan. What other nodes used, and this one before its start, comes from the books; other
/// clients of the account show as refusals. Safe for concurrent use.
/// </summary>
/// <param name="plan">The quotas.</param>
public sealed class PlanUse(PlanConfig plan)
{
    /// <summary>The share of a quota that may be used at once, at the beginning of its window.</summary>
    public const double AtOnce = 0.2;

    /// <summary>The share of the window after which all of the quota may be used: none is to be left over.</summary>
    public const double AllAfter = 0.9;

    /// <summary>A conversation that is there already may use the quota by this much further: to go elsewhere costs it its warm cache.</summary>
    public const double ForThoseThere = 0.1;

    private readonly Lock _gate = new();
    private readonly (long EndsMs, long Requests, long Tokens)[] _used = new (long, long, long)[plan.Windows.Count];

    /// <summary>The quotas that it was made for.</summary>
    public PlanConfig Plan => plan;

    /// <summary>What is left for one more request of so many tokens.</summary>
    /// <param name="model">The model, which may count several times.</param>
    /// <param name="tokens">Of its prompt.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="isThere">Its conversation was answered here last.</param>
    public PlanRoom RoomFor(string model, long tokens, long nowMs, bool isThere = false)
    {
        var times = plan.MultiplierFor(model);
        var room = PlanRoom.Ample;
        lock (_gate)
        {
            for (var i = 0; i < _used.Length; i++)
            {
                var (window, used) = (plan.Windows[i], _used[i]);
                var isOpen = used.EndsMs > nowMs;
                var (requests, spent) = isOpen ? (used.Requests, used.Tokens) : (0, 0);
                var (requestsMax, tokensMax) = (Scaled(window.Requests), Scaled(window.Tokens));
                if (requests + times > requestsMax || spent + (times * tokens) > tokensMax)
                    return PlanRoom.Spent;
                if (!plan.IsSpread || !isOpen)
                    continue;
                var everyMs = window.Every.TotalMilliseconds;
                var share = Allowed(1 - ((used.EndsMs - nowMs) / everyMs)) + (isThere ? ForThoseThere : 0);
                if (requests + times > share * requestsMax || spent + (times * tokens) > share * tokensMax)
                    room = PlanRoom.Ahead;
            }
        }

        return room;
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

    /// <summary>
    /// Takes what the books say was used, hour by hour in their order. A window that is open here stays as it is, with as much used as whichever of both knows more of; one that is not is that of the books, taken to begin
    /// with the hour of its first request.
    /// </summary>
    public void Take(IReadOnlyList<PlanHour> hours, long nowMs)
    {
        for (var i = 0; i < plan.Windows.Count; i++)
        {
            var everyMs = (long)plan.Windows[i].Every.TotalMilliseconds;
            (long EndsMs, long Requests, long Tokens) booked = default;
            long opened;
            lock (_gate)
                opened = _used[i].EndsMs > nowMs ? _used[i].EndsMs - everyMs : 0;
            foreach (var hour in hours)
            {
                if (hour.StartMs < opened)
                    continue; // of the window before, or partly so
                if (hour.StartMs >= booked.EndsMs)
                    booked = (hour.StartMs + everyMs, 0, 0);
                var times = plan.MultiplierFor(hour.Model);
                booked.Requests += times * hour.Requests;
                booked.Tokens += times * hour.Tokens;
            }

            if (booked.EndsMs <= nowMs)
                continue;
            lock (_gate)
            {
                ref var used = ref _used[i];
                used = used.EndsMs > nowMs ? (used.EndsMs, Math.Max(used.Requests, booked.Requests), Math.Max(used.Tokens, booked.Tokens)) : booked;
            }
        }
    }

    /// <summary>The share of a quota that may be used when this share of its window is over.</summary>
    internal static double Allowed(double over) => AtOnce + ((1 - AtOnce) * Math.Clamp(over / AllAfter, 0, 1));

    // In millionths, as multipliers are.
    private static long Scaled(long? quota) => quota is { } count ? (long)Int128.Min((Int128)count * PriceMath.Millionths, long.MaxValue) : long.MaxValue;
}

/// <summary>What was used of a plan in an hour.</summary>
/// <param name="StartMs">When the hour begins, Unix milliseconds.</param>
/// <param name="Model">With which model.</param>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Tokens">Of prompts and answers.</param>
public readonly record struct PlanHour(long StartMs, string Model, long Requests, long Tokens);
