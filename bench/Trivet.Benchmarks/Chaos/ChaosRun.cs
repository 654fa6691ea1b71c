using System.Diagnostics;
using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Parties;
using Trivet.Benchmarks.Targets;
using Trivet.Server.Conformance.Clients;

namespace Trivet.Benchmarks.Chaos;

/// <summary>
/// Many streams at once, and some whole answers, over four upstreams of four protocols where everything goes wrong now and then; one of them is killed
/// and started again all the time, and clients hang up.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options)
{
    private const double LeavesShare = 0.03;
    private const double ToolShare = 0.2;
    private static readonly int[] Lengths = [30, 90, 240];
    private static readonly TimeSpan Ramp = TimeSpan.FromSeconds(10);        // all at once would measure how five processes start
    private static readonly TimeSpan WarmUpMax = TimeSpan.FromMinutes(2);

    private readonly ChaosTally _tally = new();
    private readonly List<(double Seconds, long Bytes)> _memory = [];
    private long _number;
    private int _kills;

    public async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-chaos-");
        try
        {
            var result = await RunAsync(folder.FullName);
            ChaosReport.Print(result);
            if (options.JsonFile is { } file)
                await File.WriteAllTextAsync(file, ChaosReport.Json(result));
            return result.Rules.All(r => r.Holds) ? 0 : 1;
        }
        finally
        {
            ChildProcesses.StopAll();
            folder.Delete(recursive: true);
        }
    }

    private async Task<ChaosResult> RunAsync(string folder)
    {
        // 1. Four upstreams, Trivet, and a fifth sandbox, healthy and behind nothing, that knows the texts.
        var program = new TrivetProgram(options.TrivetFile);
        var upstreams = new List<(string Protocol, Target Sandbox)>();
        foreach (var protocol in Client.Protocols.Keys)
            upstreams.Add((protocol, await program.SandboxAsync($"up-{protocol}")));
        var oracle = await program.SandboxAsync("oracle");
        var texts = new Dictionary<int, string>();
        foreach (var length in Lengths)
            texts[length] = await KnownText.AskAsync(oracle, length);
        var (config, data) = (Path.Combine(folder, "trivet.yaml"), Path.Combine(folder, "data"));
        await File.WriteAllTextAsync(config, ChaosFaults.Config(upstreams));
        var trivet = await program.ServeAsync("trivet", config, data);

        // 2. Everything at once, until the time is over; then what runs may end.
        using var client = new Client(trivet.Url);
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(options.Minutes));
        var clock = Stopwatch.StartNew();
        var whole = Math.Max(1, options.Streams / 10);
        Task[] asking = [.. Enumerable.Range(0, options.Streams + whole).Select(i => Task.Run(() => AskAsync(client, texts, new Random(options.Seed * 10_000 + i), i < options.Streams, over.Token)))];
        var killing = KillAsync(program, upstreams, over.Token);
        var weighing = WeighAsync(trivet, clock, over.Token);
        await Task.WhenAll(asking);
        await killing;
        await weighing;
        var elapsed = clock.Elapsed;

        // 3. The books.
        trivet.ThrowIfEnded();
        var books = await ChaosBooks.ReadAsync(data, _tally.Ids, _tally.Sent);
        List<string> stories = [.. _tally.Wrong.Select(w => $"{w.What}\n           {w.RequestId}: {ChaosBooks.Story(data, w.RequestId)}")];
        return new ChaosResult(options, elapsed, _tally, books, stories, _memory, WarmUp(), _kills, ChaosFaults.Patience);
    }

    private TimeSpan WarmUp() => TimeSpan.FromMinutes(options.Minutes / 10) is var tenth && tenth < WarmUpMax ? tenth : WarmUpMax;

    private async Task AskAsync(Client client, Dictionary<int, string> texts, Random random, bool stream, CancellationToken over)
    {
        await Task.Delay(random.NextDouble() * Ramp, CancellationToken.None);
        while (!over.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _number);
            var (name, first) = (Pick(random), Pick(random));
            // A whole answer has no content before its end, so that the deadline for first content bounds all of it: a long one at this pace misses it.
            var length = stream ? Lengths[random.Next(Lengths.Length)] : Lengths[0];
            var talk = random.NextDouble() < ToolShare ? ChaosTalk.OfTool(number, texts[Lengths[0]]) : ChaosTalk.OfText(number, length, texts[length]);
            int? leaveAfterBytes = stream && random.NextDouble() < LeavesShare ? random.Next(1, 4000) : null;
            _tally.Send();
            var protocol = Client.Protocols[name];
            var reply = await client.AskAsync(protocol, talk.Talk, ChaosFaults.Route(first), stream, ChaosFaults.Patience, leaveAfterBytes);
            var hasLeft = leaveAfterBytes <= reply.Body.Length;
            _tally.Take(reply, hasLeft ? null : View.Of(reply, protocol, stream, talk.Missing, heard => ChaosFaults.IsAnsweredBy(heard.Model, name)), talk, $"{name} by {ChaosFaults.Route(first)} {(stream ? "stream" : "whole")} #{number}");
        }
    }

    private static string Pick(Random random) => AllClients.All[random.Next(AllClients.All.Count)].Name switch
    {
        "openai-chat" => "chat",
        "openai-responses" => "responses",
        "anthropic-messages" => "messages",
        _ => "gemini",
    };

    // One upstream at a time, so that three stand.
    private async Task KillAsync(TrivetProgram program, List<(string Protocol, Target Sandbox)> upstreams, CancellationToken over)
    {
        var random = new Random(options.Seed);
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(8 + 10 * random.NextDouble()), over);
                var i = random.Next(upstreams.Count);
                upstreams[i].Sandbox.Kill();
                _kills++;
                await Task.Delay(TimeSpan.FromSeconds(1 + 5 * random.NextDouble()), over);
                upstreams[i] = (upstreams[i].Protocol, await program.SandboxAsync(upstreams[i].Sandbox.Name, upstreams[i].Sandbox.Port));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    private async Task WeighAsync(Target trivet, Stopwatch clock, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), over);
                _memory.Add((clock.Elapsed.TotalSeconds, MemoryReading.ReadRssBytes(trivet.Pid)));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }
}
