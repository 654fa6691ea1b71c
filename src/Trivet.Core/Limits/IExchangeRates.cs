namespace Trivet.Core.Limits;

/// <summary>Rates between currencies; who keeps them is not the limits' matter.</summary>
public interface IExchangeRates
{
    /// <summary>Nano-units of <paramref name="to"/> for one unit of <paramref name="from"/> at a time (Unix milliseconds); null where none is known. The same currency is not asked for.</summary>
    long? RateNano(string from, string to, long atMs);
}

/// <summary>No rate is known.</summary>
public sealed class NoExchange : IExchangeRates
{
    public static NoExchange Instance { get; } = new();

    public long? RateNano(string from, string to, long atMs) => null;
}

/// <summary>Amounts in another currency, in 128 bits and rounded once.</summary>
internal static class ExchangeMath
{
    private const long NanoPerUnit = 1_000_000_000;

    /// <summary>Rounded up: what is set aside must cover it.</summary>
    public static long Up(long nano, long rateNano) => Clamp(((Int128)nano * rateNano + NanoPerUnit - 1) / NanoPerUnit);

    /// <summary>Back again, rounded up.</summary>
    public static long BackUp(long nano, long rateNano) => rateNano == 0 ? 0 : Clamp(((Int128)nano * NanoPerUnit + rateNano - 1) / rateNano);

    private static long Clamp(Int128 value) => value > long.MaxValue ? long.MaxValue : (long)value;
}
