using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Faults;
using Trivet.Benchmarks.Parties;
using Trivet.Benchmarks.Targets;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Benchmarks.Hedging;

/// <summary>What was measured with hedging off or on.</summary>
/// <param name="Kind"><c>off</c> or <c>on</c>.</param>
/// <param name="FirstContentMs">Of every request that counts, sorted.</param>
/// <param name="Requests">All requests, those of the warm-up among them: the books hold them all.</param>
/// <param name="Seen">Attempts that the sandboxes saw.</param>
/// <param name="Booked">Attempts that are booked.</param>
/// <param name="CostNano">What they cost.</param>
internal sealed record HedgeSide(string Kind, double[] FirstContentMs, long Requests, long Seen, long Booked, long CostNano)
{
    public double At(double quantile) => FirstContentMs[(int)Math.Min(FirstContentMs.Length - 1, quantile * FirstContentMs.Length)];
}

/// <summary>
/// One upstream is twenty times slower in one of ten calls. The same requests go, in turn, to a route that hedges and to one that does not; the upstreams
/// of both are the same processes under other names, so that neither learns from the other.
/// </summary>
internal sealed class HedgeRun(HedgeOptions options)
{
    private const int FirstTokenMs = 100;
    private const int SlowFactor = 20;
    private const int OutputTokens = 200;
    private const int PromptTokens = 200;
    private const int WarmUp = 100;             // requests of each kind, from which percentiles are learned
    private const double FallMin = 5;
    private const double ExtraCostMax = 0.05;
    private static readonly string[] Kinds = ["off", "on"];
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Dictionary<string, ConcurrentBag<double>> _firstContentMs = Kinds.ToDictionary(k => k, _ => new ConcurrentBag<double>());
    private readonly ConcurrentQueue<string> _wrong = [];

    public async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-hedge-");
        try
        {
            var (off, on) = await RunAsync(folder.FullName);
            if (options.JsonFile is { } file)
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { off, on, wrong = _wrong }, Indented));
            return Print(off, on) ? 0 : 1;
        }
        finally
        {
            ChildProcesses.StopAll();
            folder.Delete(recursive: true);
        }
    }

    private async Task<(HedgeSide Off, HedgeSide On)> RunAsync(string folder)
    {
        var program = new TrivetProgram(options.TrivetFile);
        var (slow, other) = (await program.SandboxAsync("slow"), await program.SandboxAsync("other"));
        var (config, data) = (Path.Combine(folder, "trivet.yaml"), Path.Combine(folder, "data"));
        await File.WriteAllTextAsync(config, Config(slow, other));
        var trivet = await program.ServeAsync("trivet", config, data);
        using var client = new Client(trivet.Url);
        var text = await KnownText.AskAsync(other, OutputTokens);

        await using var atSlow = new SandboxWatch(slow);
        await using var atOther = new SandboxWatch(other);
        await AskAllAsync(client, text, WarmUp, isMeasured: false);
        await AskAllAsync(client, text, options.Requests, isMeasured: true);
        await Task.Delay(TimeSpan.FromSeconds(3));      // losers are booked once they have ended, and the books are written a moment later

        await atSlow.PullAsync();
        await atOther.PullAsync();
        var lines = (await program.AskAsync(config, data, "usage", "--by", "upstream")).GetProperty("lines").EnumerateArray().ToList();
        return (Side("off"), Side("on"));

        HedgeSide Side(string kind)
        {
            var booked = lines.Where(l => l.GetProperty("group").GetString()!.StartsWith(kind + "-", StringComparison.Ordinal)).ToList();
            return new HedgeSide(
                kind, [.. _firstContentMs[kind].Order()], WarmUp + options.Requests,
                atSlow.All.Concat(atOther.All).Count(s => s.Model.StartsWith($"sandbox-text-{OutputTokens}-{kind}", StringComparison.Ordinal)),
                booked.Sum(l => l.GetProperty("attempts").GetInt64()), booked.Sum(l => l.GetProperty("cost_nano").GetInt64()));
        }
    }

    private async Task AskAllAsync(Client client, string text, int requests, bool isMeasured)
    {
        var protocol = Client.Protocols["chat"];
        var prompt = string.Join(' ', Enumerable.Range(0, PromptTokens).Select(i => $"word{i}"));
        await Parallel.ForAsync(0, requests * Kinds.Length, new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce }, async (i, _) =>
        {
            var kind = Kinds[i % Kinds.Length];
            var reply = await client.AskAsync(protocol, Talk.Asking($"{prompt} {i}"), kind, stream: true, TimeSpan.FromSeconds(30));
            var view = View.Of(reply, protocol, stream: true, heard => KnownText.Missing(heard, text), _ => false);
            if (view.Outcome != Outcome.Whole)
                _wrong.Enqueue($"{kind}: {view.Why}");
            else if (isMeasured)
                _firstContentMs[kind].Add(reply.FirstContentMs);
        });
    }

    private bool Print(HedgeSide off, HedgeSide on)
    {
        Console.WriteLine($"{options.Requests} requests each, {options.AtOnce} at once; {PromptTokens} tokens in, {OutputTokens} out at five times the price; first token after {FirstTokenMs} ms, in one of ten calls after {FirstTokenMs * SlowFactor} ms");
        Console.WriteLine($"{"hedging",-9}{"p50 ms",9}{"p95 ms",9}{"p99 ms",9}{"max ms",9}{"requests",10}{"attempts",10}{"booked",8}{"cost USD",12}");
        foreach (var side in new[] { off, on })
        {
            if (side.FirstContentMs.Length == 0)
                throw new BenchFailedException($"no request of '{side.Kind}' was answered: {_wrong.FirstOrDefault()}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{side.Kind,-9}{side.At(0.5),9:0}{side.At(0.95),9:0}{side.At(0.99),9:0}{side.At(1),9:0}{side.Requests,10}{side.Seen,10}{side.Booked,8}{side.CostNano / 1e9,12:0.000000}"));
        }
        var fall = off.At(0.99) / on.At(0.99);
        var extra = on.CostNano / (double)off.CostNano - 1;
        (string Name, string Found, bool Holds)[] rules =
        [
            ($"p99 falls at least {FallMin:0} times", $"{fall:0.0} times", fall >= FallMin),
            ($"at most {ExtraCostMax:0%} extra cost", $"{extra:+0.0%;-0.0%}", extra <= ExtraCostMax),
            ("every attempt is booked", $"{on.Seen} seen, {on.Booked} booked", on.Seen == on.Booked && off.Seen == off.Booked),
            ("every answer is whole", _wrong.FirstOrDefault() ?? "yes", _wrong.IsEmpty),
        ];
        foreach (var (name, found, holds) in rules)
            Console.WriteLine($"{(holds ? "ok    " : "FAILED")}  {name}: {found}");
        return rules.All(r => r.Holds);
    }

    private static string Config(Target slow, Target other)
    {
        var yaml = "upstreams:\n";
        foreach (var kind in Kinds)
        {
            yaml += Upstream($"{kind}-slow", SlowModel(kind), slow);
            yaml += Upstream($"{kind}-other", OtherModel(kind), other);
        }
        return yaml + "routes:\n" + Route("off", "") + Route("on", "    hedge: true\n");
    }

    private static string Upstream(string name, string model, Target at) => $$"""
          - name: {{name}}
            vendor: custom
            keys: ["sandbox"]
            endpoints: { {{FaultConfig.Endpoint("chat", at)}} }
            models: ["{{model}}"]
            price: { currency: USD, per_million: { input: 1, output: 5 } }

        """;

    private static string Route(string kind, string more) => $$"""
          - model: {{kind}}
            candidates:
              - { upstream: {{kind}}-slow, model: "{{SlowModel(kind)}}" }
              - { upstream: {{kind}}-other, model: "{{OtherModel(kind)}}" }
        {{more}}
        """;

    private static string OtherModel(string kind) => $"sandbox-text-{OutputTokens}-{kind}@first-token-ms={FirstTokenMs}";

    private static string SlowModel(string kind) => $"{OtherModel(kind)}@first-token-ms={FirstTokenMs * SlowFactor}:p=0.1";
}
