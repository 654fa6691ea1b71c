using System.Globalization;
using System.Text.Json;

namespace Trivet.Core.Upstreams.Accounts;

/// <summary>Reads what an account endpoint answered, as its <see cref="AccountReading"/> says. What is not there is not known.</summary>
internal static class AccountAnswer
{
    private const decimal NanoPerUnit = 1_000_000_000m;

    /// <summary>The balances in an answer; empty where it is none.</summary>
    public static IReadOnlyList<AccountBalance> Balances(JsonElement answer, AccountReading reading, string siteCurrency)
    {
        var balances = new List<AccountBalance>();
        foreach (var item in Items(answer, reading.Items))
        {
            if (Number(item, reading.Amount) is not { } amount)
                continue;
            var left = amount - (reading.Used.Length > 0 ? Number(item, reading.Used) ?? 0 : 0);
            var currency = reading.Currency.Length > 0 ? Text(item, reading.Currency) ?? siteCurrency : siteCurrency;
            balances.Add(new AccountBalance(Nano(left), currency, reading.Granted.Length > 0 && Number(item, reading.Granted) is { } granted ? Nano(granted) : null));
        }

        return balances;
    }

    /// <summary>The windows in an answer; empty where it is none.</summary>
    public static IReadOnlyList<AccountQuota> Quotas(JsonElement answer, AccountReading reading)
    {
        var quotas = new List<AccountQuota>();
        foreach (var item in Items(answer, reading.Items))
        {
            if (!reading.Windows.TryGetValue(string.Join('/', reading.Window.Select(name => Text(item, name) ?? "")), out var window))
                continue;
            var (limit, remaining) = (Number(item, reading.Limit), Number(item, reading.Remaining));
            var used = Number(item, reading.UsedPercent) ?? (limit > 0 && remaining is not null ? decimal.Round((limit.Value - remaining.Value) * 100 / limit.Value, 1) : null);
            if (used is not null || remaining is not null)
                quotas.Add(new AccountQuota(window, used, (long?)limit, (long?)remaining, Time(item, reading.Resets)));
        }

        return quotas;
    }

    private static IEnumerable<JsonElement> Items(JsonElement answer, string path) =>
        path.Length == 0 ? [answer] : Find(answer, path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static JsonElement? Find(JsonElement item, string path)
    {
        if (path.Length == 0)
            return null;
        foreach (var name in path.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
                return null;
        }

        return item;
    }

    // Vendors write amounts as numbers and as text.
    private static decimal? Number(JsonElement item, string path) =>
        decimal.TryParse(Text(item, path), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1_000_000_000 ? number : null;

    private static string? Text(JsonElement item, string path) => Find(item, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    private static DateTimeOffset? Time(JsonElement item, string path) => Text(item, path) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var unixMs) && unixMs < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static long Nano(decimal units) => (long)decimal.Round(units * NanoPerUnit, MidpointRounding.ToEven);
}
