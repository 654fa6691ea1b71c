using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Audits;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;

namespace Trivet.Server.Cli.Demo;

/// <summary>What the demo prints while it runs: one block for each look at the books, with what went where since the last.</summary>
internal sealed class DemoTable(DemoCast cast, IUsageStore usage, HealthBoard health, TimeProvider time, TextWriter output)
{
    private readonly long _startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _stood = new(StringComparer.Ordinal);

    /// <summary>Prints a line of what happens, with the time since the start.</summary>
    public void Say(string text) => output.WriteLine($"{Clock()}  {text}");

    /// <summary>Says which upstreams stand otherwise than at the last look.</summary>
    public void SayChanges()
    {
        foreach (var part in cast.Parts)
        {
            var standing = Standing(health.For(part.OfferingId), time.GetUtcNow().ToUnixTimeMilliseconds());
            if (_stood.TryGetValue(part.Name, out var before) && before != standing)
                Say($"{part.Name}: {before} → {standing}");
            _stood[part.Name] = standing;
        }
    }

    /// <summary>Prints the state of each upstream.</summary>
    public async Task PrintAsync(CancellationToken stopping)
    {
        var lines = await LinesAsync(KeyRecord.DefaultOrganisation, stopping);
        var (now, fresh) = (time.GetUtcNow().ToUnixTimeMilliseconds(), lines.ToDictionary(line => line.Group, line => line.Attempts - _before.GetValueOrDefault(line.Group), StringComparer.Ordinal));
        var all = Math.Max(fresh.Values.Sum(), 1);
        var table = new TextTable("UPSTREAM", ">USD PER MILLION", ">ATTEMPTS", ">LATELY", ">ANSWERED", ">CACHED INPUT", "STANDING", ">COST");
        foreach (var part in cast.Parts)
        {
            var (line, card) = (lines.FirstOrDefault(line => line.Group == part.Name), health.For(part.OfferingId));
            var answered = card.Card.Availability(now);
            table.Add(
                part.Name, string.Create(CultureInfo.InvariantCulture, $"{part.InputPrice:0.00} / {part.OutputPrice:0.00}"), (line?.Attempts ?? 0).ToString(CultureInfo.InvariantCulture),
                Percent(fresh.GetValueOrDefault(part.Name) / (double)all), answered.IsKnown ? Percent(answered.Value) : "-", line is null ? "-" : Percent(CachedShare(line)),
                Standing(card, now), line is null ? "-" : MoneyText.Format(line.CostNano, line.Currency));
        }

        output.WriteLine();
        Say("");
        table.Write(output);
        foreach (var line in lines)
            _before[line.Group] = line.Attempts;
    }

    /// <summary>What the same tokens would have cost at one upstream alone, beside what they did cost.</summary>
    public async Task PrintBillAsync(CancellationToken stopping)
    {
        var lines = await LinesAsync(KeyRecord.DefaultOrganisation, stopping);
        var audits = await LinesAsync(ProbeBooking.Organisation, stopping);
        var spent = lines.Sum(line => line.CostNano);
        output.WriteLine();
        output.WriteLine($"  The bill: {MoneyText.Format(spent, "USD")} for {lines.Sum(line => line.Attempts - line.Failed):#,0} answers, and {MoneyText.Format(audits.Sum(line => line.CostNano), "USD")} for audits, which hold a day's work in minutes here.");
        output.WriteLine("  The same tokens, with the same share from caches, at one upstream alone:");
        var table = new TextTable("", ">", "");
        foreach (var part in cast.Parts)
        {
            var alone = lines.Sum(line => Nano(line, part));
            table.Add(part.Name, MoneyText.Format(alone, "USD"), part.Name switch
            {
                DemoCast.Swapping => "which sells another model than it says",
                DemoCast.Flaky => "and no answer while it was away",
                _ => string.Create(CultureInfo.InvariantCulture, $"meets the floors; the bill is {Math.Abs(1 - (spent / (double)Math.Max(alone, 1))):0 %} {(spent < alone ? "lower" : "higher")}"),
            });
        }

        table.WriteRows(output, "    ");
    }

    private async Task<IReadOnlyList<UsageLine>> LinesAsync(string organisation, CancellationToken stopping)
    {
        var lines = await usage.QueryAsync(new UsageQuery { SinceMs = _startedMs, By = UsageGroup.Upstream, Organisation = organisation }, stopping);
        return lines.IsSuccess ? [.. lines.Value.Where(line => line.Currency.Length > 0)] : [];
    }

    private static string Standing(OfferingHealth card, long nowMs) => card switch
    {
        { Card.Standing: not AuditStanding.Clean } => card.Card.Standing.ToString().ToLowerInvariant(),
        _ when card.IsDown => "down, being probed",
        _ when !card.IsReady(nowMs) => "resting",
        _ when card.Steadiness.IsUnsteady(nowMs) => "unsteady",
        _ => "well",
    };

    private static double CachedShare(UsageLine line) =>
        line.InputCacheReadTokens / (double)Math.Max(line.InputUncachedTokens + line.InputCacheReadTokens + line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens, 1);

    // Prices are whole thousandths of a unit per million: nano-units per token.
    private static long Nano(UsageLine line, DemoPart part) => (long)(
        ((line.InputUncachedTokens + (line.InputCacheReadTokens / 10m) + ((line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens) * 1.25m)) * part.InputPrice * 1000)
        + ((line.OutputTextTokens + line.OutputReasoningTokens) * part.OutputPrice * 1000));

    private static string Percent(double share) => share.ToString("0 %", CultureInfo.InvariantCulture);

    private string Clock() => TimeSpan.FromMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds() - _startedMs).ToString(@"mm\:ss", CultureInfo.InvariantCulture);
}
