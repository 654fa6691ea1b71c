using System.Globalization;

namespace Trivet.Core.Catalogue;

/// <summary>Rates as people and files write them: per million tokens, and per call.</summary>
public static class RateText
{
    /// <summary>Exact, without trailing zeros.</summary>
    public static string Of(Meter meter, long pico) => (Meters.IsPerCall(meter) ? pico / 1_000_000_000_000m : pico / 1_000_000m).ToString("0.############", CultureInfo.InvariantCulture);
}
