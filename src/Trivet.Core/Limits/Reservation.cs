using System.Globalization;

namespace Trivet.Core.Limits;

/// <summary>What an attempt is billed, when its reservation has had its say.</summary>
/// <param name="ChargedNano">Of the price's currency: what the customer pays.</param>
/// <param name="OverrunNano">The part of it above what was set aside.</param>
/// <param name="AbsorbedNano">What the customer's money does not cover.</param>
/// <param name="Allowances">As the record keeps them.</param>
/// <param name="PaidNano">What is taken from a prepaid balance in another currency; 0 for none.</param>
/// <param name="RateNano">Its rate; null for none.</param>
public readonly record struct SettledCharge(long ChargedNano, long OverrunNano, long AbsorbedNano, string Allowances, long PaidNano, long? RateNano);

/// <summary>
/// What one request has set aside: money in every allowance that it counts against, its tokens of the minute, its place among those that run. One per request, pooled with it. Safe for attempts that run at the same time.
/// </summary>
public sealed class Reservation
{
    private readonly Lock _gate = new();
    private readonly List<Line> _lines = [];
    private readonly List<Count> _counts = [];
    private KeyLimits? _limits;
    private int _entered;
    private long _tokens;
    private IExchangeRates _rates = NoExchange.Instance;
    private long _atMs;

    /// <summary>Something is set aside.</summary>
    public bool IsActive => _limits is not null;

    /// <summary>Money is.</summary>
    public bool HasMoney => _lines.Count > 0;

    internal List<Line> Lines => _lines;

    internal KeyLimits? Limits => _limits;

    /// <summary>The least that is set aside, in the currency of the price.</summary>
    public long ReservedNano
    {
        get
        {
            lock (_gate)
                return _lines.Count == 0 ? 0 : _lines.Min(line => line.Back(line.Left));
        }
    }

    /// <summary>The allowances that it counts against, as a record keeps them.</summary>
    public string AllowanceIds => _lines.Count == 1 ? _lines[0].State.Spec.Id : string.Join(' ', _lines.Select(line => line.State.Spec.Id));

    internal void Add(CountBound bound, AllowanceState state, long units, long generation) => _counts.Add(new Count(bound, state, units, generation));

    /// <summary>Gives everything back, as if it had never been: for a request that is refused.</summary>
    internal void Abandon()
    {
        ReleaseMoney();
        ReleaseCounts();
        _limits = null;
    }

    /// <summary>Gives back what it takes of limits that nodes keep together.</summary>
    internal void ReleaseCounts()
    {
        foreach (var count in _counts)
            count.State.End(count.Units, count.Generation);
        _counts.Clear();
    }

    internal void Begin(KeyLimits limits, int entered, long tokens, IExchangeRates rates, long atMs) => (_limits, _entered, _tokens, _rates, _atMs) = (limits, entered, tokens, rates, atMs);

    /// <summary>
    /// Takes what an attempt is billed out of what was set aside; more than that out of what is free; what is not there either is absorbed. All allowances give the same.
    /// </summary>
    /// <param name="nano">The price, in nano-units.</param>
    /// <param name="currency">Its currency.</param>
    public SettledCharge Settle(long nano, string currency)
    {
        if (_lines.Count == 0)
            return new SettledCharge(nano, 0, 0, "", 0, null);
        lock (_gate)
        {
            var (missing, reserved) = (0L, long.MaxValue);
            foreach (var line in _lines)
            {
                line.Use(currency, _rates, _atMs);
                reserved = Math.Min(reserved, line.Back(line.Left));
                var due = line.To(nano);
                if (due > line.Left)
                    line.Left += line.State.TakeUpTo(due - line.Left);
                if (due > line.Left)
                    missing = Math.Max(missing, Math.Min(nano, line.Back(due - line.Left)));
            }

            var charged = nano - missing;
            var (paid, rate) = (0L, (long?)null);
            var allowances = "";
            foreach (var line in _lines)
            {
                var taken = Math.Min(line.Left, line.To(charged));
                line.Left -= taken;
                var id = line.State.Spec.Id;
                var part = line.RateNano is null ? id : string.Create(CultureInfo.InvariantCulture, $"{id}={taken}");
                allowances = allowances.Length == 0 ? part : $"{allowances} {part}";
                if (line.RateNano is not null && line.IsPrepaid)
                    (paid, rate) = (taken, line.RateNano);
            }

            return new SettledCharge(charged, Math.Max(0, charged - reserved), missing, allowances, paid, rate);
        }
    }

    /// <summary>Gives back what is left. <paramref name="tokens"/> is what was used of the minute's; null where that is unknown.</summary>
    public void End(long? tokens)
    {
        if (_limits is null)
            return;
        ReleaseMoney();
        for (var i = 0; i < _entered; i++)
            _limits.Concurrency[i].Exit();
        if (tokens is { } used && used != _tokens)
        {
            foreach (var counter in _limits.Tokens)
                counter.Correct(used - _tokens);
        }

        foreach (var count in _counts)
            End(count, tokens);
        _counts.Clear();
        _limits = null;
    }

    // A request that has begun counts for its minute; its place is another's now; of its tokens, those that it did not use are free, and what it used beyond is taken as far as there is room.
    private static void End(in Count count, long? tokens)
    {
        var left = count.Bound.Kind switch
        {
            CountKind.Running => count.Units,
            CountKind.Tokens when tokens is { } used => count.Units - used,
            _ => 0,
        };
        if (left < 0)
            count.State.TakeUpTo(-left);
        count.State.End(Math.Max(0, left), count.Generation);
    }

    /// <summary>Gives the money back.</summary>
    internal void ReleaseMoney()
    {
        foreach (var line in _lines)
            line.State.End(line.Left, line.Generation);
        _lines.Clear();
    }

    /// <summary>Units of a limit that nodes keep together.</summary>
    private readonly record struct Count(CountBound Bound, AllowanceState State, long Units, long Generation);

    /// <summary>One allowance's part.</summary>
    internal sealed class Line(AllowanceState state, bool isPrepaid, long left, long generation, long? rateNano)
    {
        private string? _currency;

        public AllowanceState State => state;

        public bool IsPrepaid => isPrepaid;

        public long Generation => generation;

        /// <summary>Nano-units of the allowance's currency.</summary>
        public long Left { get; set; } = left;

        /// <summary>Of the allowance's currency for one of the price's; null where they are the same.</summary>
        public long? RateNano { get; private set; } = rateNano;

        public long To(long nano) => RateNano is { } rate ? ExchangeMath.Up(nano, rate) : nano;

        public long Back(long nano) => RateNano is { } rate ? ExchangeMath.BackUp(nano, rate) : nano;

        /// <summary>The attempt may be priced in another currency than the one that was reckoned with.</summary>
        public void Use(string currency, IExchangeRates rates, long atMs)
        {
            if (_currency == currency)
                return;
            _currency = currency;
            if (currency == state.Spec.Currency)
                RateNano = null;
            else
                RateNano = rates.RateNano(currency, state.Spec.Currency, atMs) ?? RateNano ?? long.MaxValue;
        }
    }
}
