using System.Diagnostics;
using System.Text.Json;
using Trivet.Benchmarks.Parties;
using Trivet.Benchmarks.Targets;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Benchmarks.Faults;

/// <summary>What was found of one cell: nothing wrong, or what.</summary>
internal sealed record FaultFinding(FaultEvidence Evidence, IReadOnlyList<string> Wrong)
{
    public FaultCell Cell => Evidence.Cell;

    public bool Passes => Wrong.Count == 0;
}

/// <summary>
/// Runs the cells against <c>trivet serve</c> with two <c>trivet sandbox</c> behind it, each a process of its own, and judges each cell once all is
/// over: by what its client saw, by what both sandboxes logged, by what was booked.
/// </summary>
internal sealed class FaultRun(FaultOptions options)
{
    /// <summary>The length of every answer.</summary>
    public const int Tokens = 60;

    public async Task<int> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var cells = Plan();
        var folder = Directory.CreateTempSubdirectory("trivet-faults-");
        try
        {
            var findings = await RunAsync(cells, folder.FullName);
            FaultReport.Print(options.Profile, findings, clock.Elapsed);
            if (options.JsonFile is { } file)
                await File.WriteAllTextAsync(file, FaultReport.Json(options.Profile, findings));
            return findings.All(f => f.Passes) ? 0 : 1;
        }
        finally
        {
            ChildProcesses.StopAll();
            folder.Delete(recursive: true);
        }
    }

    private List<FaultCell> Plan()
    {
        if (Array.Find(options.Cases, id => !FaultCases.All.Any(c => c.Id == id)) is { } unknown)
            throw new BenchOptionException($"'{unknown}' is not a case. Cases: {string.Join(", ", FaultCases.All.Select(c => c.Id))}.");
        var cells = new List<FaultCell>();
        foreach (var one in FaultCases.All.Where(c => options.Cases.Length == 0 || options.Cases.Contains(c.Id)))
        {
            foreach (var (client, upstream) in options.Pairs)
            {
                foreach (var stream in (bool[])[false, true])
                    cells.Add(new FaultCell(cells.Count + 1, one, options.Profile, client, upstream, stream));
            }
        }
        return cells;
    }

    private async Task<List<FaultFinding>> RunAsync(List<FaultCell> cells, string folder)
    {
        var program = new TrivetProgram(options.TrivetFile);
        var (primary, fallback) = (await program.SandboxAsync("primary"), await program.SandboxAsync("fallback"));
        var (config, data) = (Path.Combine(folder, "trivet.yaml"), Path.Combine(folder, "data"));
        await File.WriteAllTextAsync(config, FaultConfig.Make(cells, primary, fallback));
        var trivet = await program.ServeAsync("trivet", config, data);
        using var client = new Client(trivet.Url);
        var text = await KnownText.AskAsync(fallback, Tokens);

        foreach (var (name, upstream) in options.Pairs)
        {
            await WarmUpAsync(client, Client.Protocols[name], FaultConfig.WarmUp(upstream, "a"), text);
            await WarmUpAsync(client, Client.Protocols[name], FaultConfig.WarmUp(upstream, "b"), text);
        }
        await using var atPrimary = new SandboxWatch(primary);
        await using var atFallback = new SandboxWatch(fallback);
        var views = new IReadOnlyList<View>[cells.Count];
        // What takes longest begins first.
        var order = Enumerable.Range(0, cells.Count).OrderByDescending(i => cells[i].Case.Requests).ThenByDescending(i => cells[i].Case.MsMax(options.Profile)).ToList();
        await Parallel.ForAsync(0, cells.Count, new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce }, async (at, _) => views[order[at]] = await AskAsync(client, cells[order[at]], text));

        trivet.ThrowIfEnded();
        var books = await SettledAsync(program, config, data);
        await atPrimary.PullAsync();
        await atFallback.PullAsync();
        return [.. cells.Select((cell, i) => Judge(new FaultEvidence(
            cell, views[i], Of(atPrimary, cell, cell.PrimaryModel), cell.FallbackModel is { } model ? Of(atFallback, cell, model) : [],
            books.GetValueOrDefault(cell.PrimaryName, Booked.Nothing), books.GetValueOrDefault(cell.FallbackName, Booked.Nothing))))];
    }

    private static async Task WarmUpAsync(Client client, IClient protocol, string route, string text)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var view = View.Of(await client.AskAsync(protocol, Talk.Asking("Wake up."), route, stream, TimeSpan.FromSeconds(60)), protocol, stream, heard => KnownText.Missing(heard, text), _ => true);
            if (view.Outcome != Outcome.Whole)
                throw new BenchFailedException($"{protocol.Name} by {route} {(stream ? "streamed" : "whole")}, where nothing is staged: {view.Why}");
        }
    }

    private static async Task<IReadOnlyList<View>> AskAsync(Client client, FaultCell cell, string text)
    {
        var protocol = Client.Protocols[cell.Client];
        var patience = TimeSpan.FromMilliseconds(3 * cell.Case.MsMax(cell.Profile));
        var period = cell.Case.PeriodMs(cell.Profile);
        var (views, clock) = (new List<View>(), Stopwatch.StartNew());
        for (var i = 0; i < cell.Case.Requests; i++)
        {
            if (TimeSpan.FromMilliseconds((double)i * period) - clock.Elapsed is { Ticks: > 0 } wait)
                await Task.Delay(wait);
            var reply = await client.AskAsync(protocol, Talk.Asking(cell.Prompt), cell.Route, cell.Stream, patience);
            views.Add(View.Of(reply, protocol, cell.Stream, heard => KnownText.Missing(heard, text)
                ?? (heard.Model == cell.PrimaryModel || heard.Model == cell.FallbackModel ? null : $"the answer's model is '{heard.Model}'"), _ => cell.Client == cell.Upstream));
        }
        return views;
    }

    // Requests of clients only: what asks for something else is a probe.
    private static List<Served> Of(SandboxWatch watch, FaultCell cell, string model) => [.. watch.All.Where(s => s.Model == model && s.Body.Contains(cell.Prompt, StringComparison.Ordinal))];

    private static FaultFinding Judge(FaultEvidence evidence)
    {
        var most = evidence.Cell.Case.MsMax(evidence.Cell.Profile);
        IEnumerable<string?> wrong =
        [
            .. evidence.Cell.Case.Judge(evidence),
            .. evidence.Views.Select(v => v.Reply.TotalMs > most ? $"ended after {v.Reply.TotalMs / 1000:0.0} s, due within {most / 1000d:0.0} s" : null),
            .. evidence.Views.Select(v => v.Reply is { Status: not 0, RequestId: "" } ? "no request id in the headers" : null),
            evidence.Primary.Count == evidence.PrimaryBooks.Attempts && evidence.Fallback.Count == evidence.FallbackBooks.Attempts ? null
                : $"{evidence.Primary.Count}+{evidence.Fallback.Count} tries were seen and {evidence.PrimaryBooks.Attempts}+{evidence.FallbackBooks.Attempts} are booked",
        ];
        return new FaultFinding(evidence, [.. wrong.OfType<string>().Distinct()]);
    }

    // The spool reaches the database within a moment: the books are read once they no longer change.
    private static async Task<Dictionary<string, Booked>> SettledAsync(TrivetProgram program, string config, string data)
    {
        Dictionary<string, Booked>? before = null;
        for (var tries = 0; ; tries++)
        {
            var report = await program.AskAsync(config, data, "usage", "--by", "upstream");
            var books = report.GetProperty("lines").EnumerateArray().ToDictionary(l => l.GetProperty("group").GetString()!, l => new Booked(
                Number(l, "attempts"), Number(l, "failed"), Number(l, "output_text_tokens"), Number(l, "input_uncached_tokens") + Number(l, "input_cache_read_tokens"), Number(l, "cost_nano")));
            if (tries == 10 || before is not null && before.Count == books.Count && before.All(b => books[b.Key] == b.Value))
                return books;
            before = books;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static long Number(JsonElement line, string name) => line.GetProperty(name).GetInt64();
}
