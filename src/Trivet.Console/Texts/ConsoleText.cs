using System.Globalization;

namespace Trivet.WebConsole.Texts;

/// <summary>The console's strings, numbers, times and money in one language and time zone: those of whoever looks.</summary>
internal sealed class ConsoleText(Language language, TimeZoneInfo zone, DateTimeOffset now)
{
    private const long NanoPerUnit = 1_000_000_000;
    private const int SmallestDigits = 3;

    /// <summary>Between a number and its unit, which stay on one line.</summary>
    private const char Joint = '\u00a0';

    public Language Language => language;

    public TimeZoneInfo Zone => zone;

    /// <summary>When the page was asked for.</summary>
    public DateTimeOffset Now => now;

    private bool IsChinese => language == Language.Chinese;

    /// <summary>A string by its name; the name itself where there is none, which a test finds.</summary>
    public string this[string name] => TextCatalogue.Find(language, name) ?? name;

    /// <summary>The same with <c>{0}</c>, <c>{1}</c> filled in.</summary>
    public string this[string name, params object?[] values] => string.Format(CultureInfo.InvariantCulture, this[name], values);

    /// <summary>The string of a name that may not be ours; null where there is none.</summary>
    public string? Find(string name) => TextCatalogue.Find(language, name);

    /// <summary>A whole number with separators.</summary>
    public string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A large number in few characters: 12.3 k, 4.5 M; 1.2 万, 3.4 亿.</summary>
    public string Short(double number)
    {
        var magnitude = Math.Abs(number);
        ReadOnlySpan<(double Unit, string Name)> units = IsChinese ? [(1e8, "亿"), (1e4, "万")] : [(1e9, "G"), (1e6, "M"), (1e4, "k")];
        foreach (var (unit, name) in units)
        {
            if (magnitude >= unit)
                return $"{Significant(number / (name == "k" ? 1e3 : unit), SmallestDigits)}{Joint}{name}";
        }

        return magnitude >= 100 || number == Math.Floor(number) ? number.ToString("N0", CultureInfo.InvariantCulture) : Significant(number, SmallestDigits);
    }

    /// <summary>A share as a percentage; more digits near the whole, where they count: 99.98 %.</summary>
    public string Percent(double share)
    {
        if (double.IsNaN(share))
            return this["common.unknown"];
        if (Math.Abs(1 - share) < 0.00005)
            return $"100{Joint}%"; // 100.00 % would claim more
        var distance = Math.Min(Math.Abs(share), Math.Abs(1 - share));
        return (share * 100).ToString(distance is > 0 and < 0.01 ? "0.##" : distance is > 0 and < 0.1 ? "0.#" : "0", CultureInfo.InvariantCulture).Replace('-', '−') + $"{Joint}%";
    }

    /// <summary>Money for reading: three significant digits below one, two decimals above; the exact amount belongs into a title.</summary>
    public string Money(long nano, string currency)
    {
        var amount = (decimal)nano / NanoPerUnit;
        var magnitude = Math.Abs(amount);
        var number = nano == 0 ? "0"
            : magnitude >= 1 ? magnitude.ToString("N2", CultureInfo.InvariantCulture)
            : magnitude.ToString("0." + new string('0', Decimals(magnitude)), CultureInfo.InvariantCulture);
        var sign = nano < 0 ? "−" : "";
        return currency switch
        {
            "USD" => $"{sign}${number}",
            "CNY" => $"{sign}¥{number}",
            "EUR" => $"{sign}€{number}",
            "" => sign + number,
            _ => $"{sign}{number}{Joint}{currency}",
        };
    }

    /// <summary>A span in one unit that fits: 340 ms, 2.4 s, 5 min, 3 h, 12 d.</summary>
    public string Span(TimeSpan span) => span.TotalMilliseconds switch
    {
        < 1000 => $"{span.TotalMilliseconds:0}{Joint}ms",
        < 10_000 => $"{span.TotalSeconds:0.0}{Joint}s",
        < 120_000 => $"{span.TotalSeconds:0}{Joint}s",
        < 2 * 3_600_000 => this["common.minutes", (long)span.TotalMinutes],
        < 48 * 3_600_000L => this["common.hours", (long)span.TotalHours],
        _ => this["common.days", (long)span.TotalDays],
    };

    /// <summary>How long ago, in one unit.</summary>
    public string Ago(DateTimeOffset time)
    {
        var since = now - time;
        return since < TimeSpan.FromSeconds(5) ? this["common.just_now"] : this["common.ago", since < TimeSpan.FromMinutes(2) ? this["common.seconds", (long)since.TotalSeconds] : Span(since)];
    }

    /// <summary>Day and time in the viewer's zone; the year only where it is another one.</summary>
    public string Time(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        return $"{Day(time)} {local.ToString("HH:mm", CultureInfo.InvariantCulture)}";
    }

    /// <summary>The time of the day alone.</summary>
    public string Hour(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>With seconds.</summary>
    public string TimeExact(DateTimeOffset time) => $"{Day(time)} {TimeZoneInfo.ConvertTime(time, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture)}";

    /// <summary>The day in the viewer's zone.</summary>
    public string Day(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        var isThisYear = local.Year == TimeZoneInfo.ConvertTime(now, zone).Year;
        return IsChinese
            ? isThisYear ? $"{local.Month}月{local.Day}日" : $"{local.Year}年{local.Month}月{local.Day}日"
            : local.ToString(isThisYear ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture);
    }

    /// <summary>The day that a time is in, in the viewer's zone.</summary>
    public DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);

    /// <summary>When a day begins in the viewer's zone.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight));
    }

    private static string Significant(double number, int digits)
    {
        var magnitude = Math.Abs(number);
        var decimals = magnitude <= 0 ? 0 : Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(magnitude)), 0, 9);
        var text = number.ToString("F" + decimals, CultureInfo.InvariantCulture);
        return decimals > 0 ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private static int Decimals(decimal magnitude)
    {
        var decimals = 2;
        for (var scaled = magnitude * 100; scaled < 100 && decimals < 9; decimals++)
            scaled *= 10;
        return decimals;
    }
}
