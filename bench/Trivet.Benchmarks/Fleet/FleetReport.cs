using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Fleet.Simulation;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Scorecards;

namespace Trivet.Benchmarks.Fleet;

/// <summary>What a fleet's year came to: one line per upstream that was accused of anything or should have been, and what is stated against what was.</summary>
internal sealed class FleetReport(FleetOptions options, FleetRun run)
{
    private readonly Dictionary<string, Row> _rows = run.Sellers.Keys.ToDictionary(name => name, _ => new Row(), StringComparer.Ordinal);

    /// <summary>An upstream stands otherwise.</summary>
    public void Changed(AuditCase one, long nowMs)
    {
        var row = _rows[one.Upstream];
        switch (one.Standing)
        {
            case AuditStanding.Quarantined:
                row.QuarantinedMs ??= nowMs;
                row.Quarantines++;
                row.By = string.Join(' ', one.Accusing);
                break;
            case AuditStanding.DownWeighted:
                row.DownWeights++;
                break;
            case AuditStanding.Noted:
                row.Notes++;
                break;
            default:
                row.Releases++;
                break;
        }
    }

    /// <summary>Prints the table. True where everything stated was kept.</summary>
    public bool Print(TimeSpan took)
    {
        var (store, cases, sellers, config) = (run.Store, run.Cases, run.Sellers, run.Config);
        var dayBudget = config.Budgets[0].AmountNano;
        var (honest, honestBad, isMet) = (sellers.Values.Where(seller => seller.Deceit is null).ToList(), 0, true);
        Console.WriteLine($"{"upstream",-12} {"what it does",-42} {"days to verdict",16} {"allowed",8} {"spent, USD",11} {"allowed",8}  by");
        foreach (var seller in sellers.Values.Where(seller => seller.Deceit is not null))
        {
            var (row, deceit) = (_rows[seller.Name], seller.Deceit!);
            var days = row.QuarantinedMs is { } when && when >= run.TurnsMs ? (when - run.TurnsMs) / FleetRun.DayMs : double.NaN;
            var spent = Spent(seller.Name, run.TurnsMs, row.QuarantinedMs ?? long.MaxValue);
            var allowed = dayBudget * (deceit.DaysMax + 1L);
            var isFound = days <= deceit.DaysMax && spent <= allowed;
            isMet &= isFound && (row.QuarantinedMs is null || row.QuarantinedMs >= run.TurnsMs);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seller.Name,-12} {deceit.What,-42} {(double.IsNaN(days) ? "not found" : days.ToString("0.0", CultureInfo.InvariantCulture)),16} {deceit.DaysMax,8} {spent / 1e9,11:0.000} {allowed / 1e9,8:0.00}  {row.By}{(isFound ? "" : "  NOT MET")}"));
        }

        foreach (var seller in honest.Where(seller => _rows[seller.Name] is { Quarantines: > 0 } or { DownWeights: > 0 } or { Notes: > 0 }))
        {
            var row = _rows[seller.Name];
            honestBad += row.Quarantines;
            Console.WriteLine($"{seller.Name,-12} {"nothing",-42} noted {row.Notes}, behind others {row.DownWeights}, quarantined {row.Quarantines}, released {row.Releases}");
        }

        // Each quarantine of an honest one counts, also of one that had been released before; what is stated is a share of all of them.
        var all = honestBad + _rows.Values.Count(row => row.Quarantines > 0) - honest.Count(seller => _rows[seller.Name].Quarantines > 0);
        var share = all == 0 ? 0 : (double)honestBad / all;
        var isShareMet = share <= config.FalseAlarmRate;
        var most = store.SpentByDay.Values.DefaultIfEmpty().Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {honest.Count} honest upstreams, {options.Days} days, {cases.Sum(one => one.Rounds)} rounds ({cases.Where(one => sellers[one.Upstream].Deceit is null).Average(one => (double)one.Rounds):0} for an honest one), {store.Requests} requests, {took.TotalSeconds:0} s
            honest ones put into quarantine: {honestBad} of {all} quarantines ({share:P1}); stated: at most {config.FalseAlarmRate:P0} on average{(isShareMet ? "" : "  NOT MET")}
            honest ones behind others at some time: {honest.Count(seller => _rows[seller.Name].DownWeights > 0)}; noted: {honest.Count(seller => _rows[seller.Name].Notes > 0)}
            dearest day of an upstream: {most / 1e9:0.000} of {dayBudget / 1e9:0.000} USD; an honest one's mean day: {honest.Average(seller => Spent(seller.Name, run.StartMs, long.MaxValue)) / 1e9 / Math.Max(1, options.Days):0.0000}
            """));
        if (options.JsonFile is { } file)
            WriteJson(file);
        return isMet && isShareMet && most <= dayBudget;
    }

    private long Spent(string upstream, long fromMs, long toMs) =>
        run.Store.SpentByDay.Where(pair => pair.Key.Upstream == upstream && pair.Key.Day + FleetRun.DayMs > fromMs && pair.Key.Day <= toMs).Sum(pair => pair.Value);

    private void WriteJson(string file)
    {
        using var json = new Utf8JsonWriter(File.Create(file), new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var seller in run.Sellers.Values)
        {
            var row = _rows[seller.Name];
            json.WriteStartObject();
            json.WriteString("upstream", seller.Name);
            json.WriteString("does", seller.Deceit?.What ?? "nothing");
            json.WriteNumber("quarantines", row.Quarantines);
            json.WriteNumber("down_weights", row.DownWeights);
            json.WriteNumber("notes", row.Notes);
            json.WriteNumber("releases", row.Releases);
            if (row.QuarantinedMs is { } when)
                json.WriteNumber("days_to_verdict", (when - run.TurnsMs) / FleetRun.DayMs);
            else
                json.WriteNull("days_to_verdict");
            json.WriteNumber("spent_nano", Spent(seller.Name, 0, long.MaxValue));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private sealed class Row
    {
        public long? QuarantinedMs { get; set; }

        public int Quarantines { get; set; }

        public int DownWeights { get; set; }

        public int Notes { get; set; }

        public int Releases { get; set; }

        public string By { get; set; } = "";
    }
}
