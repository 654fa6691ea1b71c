using System.Globalization;

namespace Trivet.Core.Admin;

/// <summary>Money for people: nano-units (10⁻⁹ of the currency) written out exactly, never rounded.</summary>
public static class MoneyText
{
    private const ulong NanoPerUnit = 1_000_000_000;
    private const int DecimalsMin = 2;

    /// <summary><c>0.000123 USD</c>: two decimals at least, as many as the amount needs at most.</summary>
    public static string Format(long nano, string currency) => currency.Length == 0 ? Amount(nano) : $"{Amount(nano)} {currency}";

    /// <summary>The number alone.</summary>
    public static string Amount(long nano)
    {
        var magnitude = nano < 0 ? (ulong)-(nano + 1) + 1 : (ulong)nano; // the smallest long has no positive twin
        var fraction = (magnitude % NanoPerUnit).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0').PadRight(DecimalsMin, '0');
        return string.Create(CultureInfo.InvariantCulture, $"{(nano < 0 ? "-" : "")}{magnitude / NanoPerUnit}.{fraction}");
    }
}
