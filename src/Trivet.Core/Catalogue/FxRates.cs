using Trivet.Core.Limits;

namespace Trivet.Core.Catalogue;

/// <summary>A dated rate of exchange.</summary>
/// <param name="From">Currency of the one unit.</param>
/// <param name="To">Currency of what it is worth.</param>
/// <param name="RateNano">How many nano-units of <paramref name="To"/> one unit of <paramref name="From"/> is worth.</param>
/// <param name="Since">From the beginning (UTC) of which day it holds, until the next one.</param>
/// <param name="Source">Who says so: the file or the operator.</param>
public sealed record FxRate(string From, string To, long RateNano, DateOnly Since, string Source)
{
    /// <summary>As a ledger line keeps it: <c>USD/CNY 7.12 2026-11-01</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{From}/{To} {RateNano / 1_000_000_000m:0.#########} {Since:yyyy-MM-dd}");
}

/// <summary>An amount in another currency, with the rate that was used.</summary>
/// <param name="Nano">Nano-units of the other currency.</param>
/// <param name="Rate">The rate; null where both are the same currency.</param>
public readonly record struct Converted(long Nano, FxRate? Rate);

/// <summary>The operator's rates of exchange. A pair is known in both directions when one of them is given; other rates are never made up.</summary>
public sealed class FxRates : IExchangeRates
{
    private const long NanoPerUnit = 1_000_000_000;

    private readonly Dictionary<(string From, string To), FxRate[]> _byPair;

    /// <summary>Takes rates in any order; of two for the same pair and day the last one counts.</summary>
    public FxRates(IEnumerable<FxRate> rates)
    {
        All = [.. rates];
        _byPair = All.GroupBy(rate => (rate.From, rate.To)).ToDictionary(
            pair => pair.Key, pair => pair.Reverse().DistinctBy(rate => rate.Since).OrderByDescending(rate => rate.Since).ToArray());
    }

    /// <summary>None.</summary>
    public static FxRates None { get; } = new([]);

    /// <summary>As given.</summary>
    public IReadOnlyList<FxRate> All { get; }

    /// <inheritdoc/>
    public long? RateNano(string from, string to, long atMs) => Convert(NanoPerUnit, from, to, DateTimeOffset.FromUnixTimeMilliseconds(atMs))?.Nano;

    /// <summary>An amount in another currency, by the newest rate that held at a time, rounded once (half to even); null where there is no rate.</summary>
    public Converted? Convert(long nano, string from, string to, DateTimeOffset when)
    {
        if (from == to)
            return new Converted(nano, null);
        var day = DateOnly.FromDateTime(when.UtcDateTime);
        var (direct, inverse) = (Find(from, to, day), Find(to, from, day));
        if (direct is not null && (inverse is null || direct.Since >= inverse.Since))
            return new Converted(Signed(nano, direct.RateNano, NanoPerUnit), direct);
        return inverse is null ? null : new Converted(Signed(nano, NanoPerUnit, inverse.RateNano), inverse);
    }

    private static long Signed(long nano, long times, long by)
    {
        var magnitude = PriceMath.Divide(Int128.Abs(nano) * times, by);
        return nano < 0 ? -magnitude : magnitude;
    }

    private FxRate? Find(string from, string to, DateOnly day) =>
        _byPair.TryGetValue((from, to), out var rates) ? Array.Find(rates, rate => rate.Since <= day) : null;
}
