using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Admin.Books;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.Benchmarks.Explorer;

/// <summary><c>explorer</c>: what the pages of the console and the admin API ask of books of ten million requests, and how long the database takes.</summary>
internal sealed class ExplorerBench(Database database, ExplorerOptions options, DirectoryInfo folder)
{
    private const int MedianMsMax = 300;
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    private ExplorerRows _rows = null!;
    private int _slow;

    public static async Task<int> RunAsync(ExplorerOptions options)
    {
        var folder = options.Keep is { } keep ? Directory.CreateDirectory(keep) : Directory.CreateTempSubdirectory("trivet-explorer-");
        try
        {
            var opened = await Database.OpenAsync(new DatabaseOptions(options.Postgres ?? DatabaseOptions.Sqlite, folder.FullName), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
            if (opened.Fault is { } fault)
                throw new BenchFailedException($"the database cannot be opened: {fault.Message}");
            await using var books = opened.Value;
            return await new ExplorerBench(books, options, folder).RunAsync();
        }
        finally
        {
            if (options.Keep is null)
                folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunAsync()
    {
        if (await ExplorerRows.FindAsync(database, options.Rows) is { } kept)
        {
            _rows = kept;
        }
        else
        {
            _rows = new ExplorerRows(database, options.Rows, (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / Hour * Hour) - ExplorerRows.SpanMs);
            var started = Stopwatch.GetTimestamp();
            await _rows.FillAsync();
            Console.WriteLine($"{options.Rows:N0} requests made in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        }

        await FoldAsync();
        Console.WriteLine($"{"page, question",-58}{"median ms",11}{"slowest",10}{"found",8}");
        await RequestsAsync();
        await UsageAsync();
        await TrafficAsync();
        await LedgerAsync();
        if (options.Browse)
        {
            await using var site = await ExplorerSite.StartAsync(database, options, folder, _rows);
            foreach (var (name, path) in site.Pages)
                await MeasureAsync($"GET {name}", async () => await site.GetAsync(path));
            await new BrowsingBench(site, options).RunAsync();
        }

        Console.WriteLine(_slow == 0 ? $"Every median is under {MedianMsMax} ms." : $"{_slow} medians are over {MedianMsMax} ms.");
        return options.Assert && _slow > 0 ? 1 : 0;
    }

    // What a server that has run for the quarter has folded long ago.
    private async Task FoldAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await database.Rollups.CloseDaysAsync(_rows.EndMs - Hour, CancellationToken.None);
        var count = 0;
        var slowestMs = 0.0;
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            var folded = await database.Rollups.FoldNextAsync(CancellationToken.None);
            if (folded.Fault is { } fault)
                throw new BenchFailedException($"the days cannot be folded: {fault.Message}");
            if (!folded.Value)
                break;
            slowestMs = Math.Max(slowestMs, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            count++;
        }

        if (count > 0)
            Console.WriteLine($"{count} days folded in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, the slowest in {slowestMs:0} ms");
    }

    private async Task RequestsAsync()
    {
        var requests = database.Requests;
        RequestQuery Newest() => new();
        foreach (var (name, query) in ((string, RequestQuery)[])
        [
            ("newest", Newest()), ("one organisation", new() { Organisation = "org-3" }), ("a key", new() { Organisation = "org-3", KeyId = "key_31" }), ("failed", new() { Outcome = RequestOutcome.Failed }),
            ("a model, 30 days back", new() { Model = "model-2", UntilMs = _rows.EndMs - (30 * Day) }), ("an upstream's", new() { Upstream = "upstream-4" }), ("a failure at an upstream", new() { Upstream = "upstream-4", Failure = "UpstreamOverloaded" }),
            ("an upstream's model of a team", new() { Organisation = "org-3", Team = "team-1", UpstreamModel = "model-7" }), ("slower than nine seconds", new() { DurationMsMin = 9_000 }), ("nothing fits", new() { Status = 418 }),
            ("nothing fits, of an upstream", new() { Upstream = "upstream-4", Failure = "UpstreamReset" }), ("an upstream that is none", new() { Upstream = "nobody" }), ("of a session", new() { Organisation = "org-3", SessionId = $"s-{(options.Rows - 100) / 40}" }),
        ])
            await MeasureAsync($"Requests: {name}", async () => (await requests.SearchAsync(query, CancellationToken.None)).Value.Requests.Count);
        var i = options.Rows / 2;
        var ledger = new LedgerAdmin(database.Ledger, database.Traces, TimeProvider.System);
        await MeasureAsync("Request: its story with its money", async () => (await ledger.ShowAsync(_rows.RequestId(i), CancellationToken.None)).Value.Transfers.Count);
    }

    private async Task UsageAsync()
    {
        var usage = new UsageAdmin(database.Usage, database.Keys);
        foreach (var days in (int[])[1, 7, 30, 90])
        {
            await MeasureAsync($"Money: {days} days by organisation, with its chart", () => DrawnAsync(new UsageQuery { SinceMs = _rows.EndMs - (days * Day), By = UsageGroup.Organisation }, days <= 3 ? Hour : Day));
        }

        await MeasureAsync("Money: 90 days by key, with its chart", () => DrawnAsync(new UsageQuery { SinceMs = _rows.EndMs - (90 * Day), By = UsageGroup.Key }, Day));
        await MeasureAsync("Money: 90 days by day, with its chart", () => DrawnAsync(new UsageQuery { SinceMs = _rows.EndMs - (90 * Day), By = UsageGroup.Day }, Day));
        await MeasureAsync("Money: 7 days by upstream's model", () => LinesAsync(new UsageQuery { SinceMs = _rows.EndMs - (7 * Day), By = UsageGroup.Model }));
        await MeasureAsync("Money: an organisation's 30 days by key", () => LinesAsync(new UsageQuery { SinceMs = _rows.EndMs - (30 * Day), By = UsageGroup.Key, Organisation = "org-3" }));
        await MeasureAsync("Keys: 7 days of all teams and keys", async () => await LinesAsync(new UsageQuery { SinceMs = _rows.EndMs - (7 * Day), By = UsageGroup.Team }) + await LinesAsync(new UsageQuery { SinceMs = _rows.EndMs - (7 * Day), By = UsageGroup.Key }));
        await MeasureAsync("Key: its 30 days by model", () => LinesAsync(new UsageQuery { SinceMs = _rows.EndMs - (30 * Day), By = UsageGroup.Model, Organisation = "org-3", KeyId = "key_31" }));

        async Task<int> DrawnAsync(UsageQuery query, long stepMs) => (await usage.ChartAsync(query, stepMs, 5, CancellationToken.None)).Value.Report.Lines.Count;
        async Task<int> LinesAsync(UsageQuery query) => (await usage.ReportAsync(query, CancellationToken.None)).Value.Lines.Count;
    }

    private async Task TrafficAsync()
    {
        var traffic = database.Traffic;
        await MeasureAsync("Overview: 8 days by hour", async () => (await traffic.HoursAsync(TrafficBy.Hour, _rows.EndMs - (8 * Day), null, CancellationToken.None)).Value.Count);
        await MeasureAsync("Market: 30 days as one", async () => (await traffic.HoursAsync(TrafficBy.Nothing, _rows.EndMs - (30 * Day), null, CancellationToken.None)).Value.Count);
        await MeasureAsync("Upstream: its 7 days by hour", async () => (await traffic.HoursAsync(TrafficBy.HourAndOffering, _rows.EndMs - (7 * Day), "upstream-4", CancellationToken.None)).Value.Count);
        await MeasureAsync("Upstream: its newest attempts", async () => (await traffic.AttemptsAsync(_rows.EndMs - (7 * Day), "upstream-4", onlyFailed: false, 25, CancellationToken.None)).Value.Count);
        await MeasureAsync("Upstream: attempts, of which there are none", async () => (await traffic.AttemptsAsync(_rows.EndMs - (7 * Day), "nobody", onlyFailed: false, 25, CancellationToken.None)).Value.Count);
        await MeasureAsync("Upstreams: last failures of a day", async () => (await traffic.AttemptsAsync(_rows.EndMs - Day, null, onlyFailed: true, 300, CancellationToken.None)).Value.Count);
    }

    private async Task LedgerAsync()
    {
        var books = new BooksAdmin(database.LedgerBrowser, database.Ledger);
        await MeasureAsync("Accounts", async () => (await books.AccountsAsync("", "", 100, CancellationToken.None)).Value.Accounts.Count);
        await MeasureAsync("Account: a customer's", async () => (await books.AccountAsync("customer/org-3/USD", new TransferQuery(), CancellationToken.None)).Value.Page.Transfers.Count);
        await MeasureAsync("Account: an upstream's", async () => (await books.AccountAsync("payable/upstream-4/USD", new TransferQuery(), CancellationToken.None)).Value.Page.Transfers.Count);
        await MeasureAsync("Transfers", async () => (await books.TransfersAsync(new TransferQuery(), CancellationToken.None)).Value.Transfers.Count);
        await MeasureAsync("Transfers: people's payments, of which there are none", async () => (await books.TransfersAsync(new TransferQuery { Kind = TransferKinds.TopUp }, CancellationToken.None)).Value.Transfers.Count);
        var bill = "date,model,amount\n" + string.Join('\n', Enumerable.Range(0, 30).Select(day => $"{DateTimeOffset.FromUnixTimeMilliseconds(_rows.EndMs - ((30 - day) * Day)):yyyy-MM-dd},model-4,1"));
        await MeasureAsync("Bills: a month of an upstream", async () => (await books.ReconcileAsync("upstream-4", bill, CancellationToken.None)).Result!.Lines.Count);
    }

    private async Task MeasureAsync(string name, Func<Task<int>> ask)
    {
        var found = await ask(); // what is cold is what nobody has looked at for long
        var times = new double[options.Repeats];
        for (var i = 0; i < times.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            found = await ask();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        var median = times[times.Length / 2];
        _slow += median > MedianMsMax ? 1 : 0;
        Console.WriteLine($"{name,-58}{median,11:N1}{times[^1],10:N1}{found,8:N0}");
    }
}
