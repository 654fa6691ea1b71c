using System.Collections.Concurrent;

namespace Trivet.Core.Limits;

/// <summary>What requests of one kind came to lately, by which the next one is reckoned. Null where nothing is known.</summary>
/// <param name="ReserveNano">The 95th percentile, a quarter more.</param>
/// <param name="ExpectedNano">The median, two per cent less: enough where it is all that is left.</param>
public readonly record struct LearnedCost(long ReserveNano, long ExpectedNano);

/// <summary>
/// Remembers what requests cost per unit of their size, by kind: a key and what it asks for. In memory; a new process learns anew within a few requests.
/// </summary>
public sealed class CostLearner
{
    private const int KindsMax = 4096;

    private readonly ConcurrentDictionary<(string Who, string What, string Currency), Kind> _kinds = new();

    /// <summary>Notes what a request came to.</summary>
    /// <param name="who">The key.</param>
    /// <param name="what">What it asked for.</param>
    /// <param name="currency">Of the cost.</param>
    /// <param name="units">Its size; above zero.</param>
    /// <param name="costNano">What it cost.</param>
    public void Note(string who, string what, string currency, long units, long costNano)
    {
        if (!_kinds.TryGetValue((who, what, currency), out var kind))
        {
            if (_kinds.Count >= KindsMax)
                _kinds.Clear(); // clients invent names; who is still there is learned anew
            kind = _kinds.GetOrAdd((who, what, currency), static _ => new Kind());
        }

        kind.Note(Math.Max(1, units), costNano);
    }

    /// <summary>Reckons a request; null where nothing of its kind is known.</summary>
    public LearnedCost? Reckon(string who, string what, string currency, long units) =>
        _kinds.TryGetValue((who, what, currency), out var kind) ? kind.Reckon(Math.Max(1, units)) : null;

    private sealed class Kind
    {
        private const int Remembered = 64;

        private readonly Lock _gate = new();
        private readonly (long Units, long CostNano)[] _costs = new (long, long)[Remembered];
        private long _count;

        public void Note(long units, long costNano)
        {
            lock (_gate)
                _costs[_count++ % Remembered] = (units, costNano);
        }

        public LearnedCost? Reckon(long units)
        {
            Span<long> scaled = stackalloc long[Remembered];
            int known;
            lock (_gate)
            {
                known = (int)Math.Min(_count, Remembered);
                for (var i = 0; i < known; i++)
                    scaled[i] = (long)Int128.Min((Int128)_costs[i].CostNano * units / _costs[i].Units, long.MaxValue / 4);
            }

            if (known == 0)
                return null; // made a moment ago, by a request that is about to note its cost
            scaled = scaled[..known];
            scaled.Sort();
            var (median, high) = (scaled[known / 2], scaled[(known * 95 + 99) / 100 - 1]);
            return new LearnedCost(high + high / 4, median - median / 50);
        }
    }
}
