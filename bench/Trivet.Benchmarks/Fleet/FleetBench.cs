using System.Diagnostics;
using System.Text;
using Trivet.Benchmarks.Money.Simulation;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Journal;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Benchmarks.Fleet;

/// <summary>
/// A year of a fleet: honest upstreams and five that begin to cheat, each in another way. Schedule, budgets, checks, statistics and decisions are those of the server; only answers, clock and database are simulated.
/// </summary>
internal sealed class FleetBench(FleetOptions options)
{
    private const string Model = "claimed";
    private const string Reference = "official";

    private readonly SimTime _time = new();
    private long _made;
    private readonly MemoryAudits _store = new();
    private readonly Dictionary<string, SimulatedModel> _models = new(StringComparer.Ordinal) { [Model] = new SimulatedModel(Model), [Seller.ForeignModel] = new SimulatedModel(Seller.ForeignModel) };

    public async Task<int> RunAsync()
    {
        var startMs = _time.NowMs;
        var turnsMs = startMs + options.TurnDay * 86_400_000L;
        var sellers = Enumerable.Range(1, options.Honest).Select(i => new Seller($"honest{i:00}", null, 0)).Concat(Deceit.All.Select(deceit => new Seller(deceit.Name, deceit, turnsMs)))
            .ToDictionary(seller => seller.Name, StringComparer.Ordinal);
        var snapshot = Snapshot(sellers.Keys);
        var (subjects, config) = (AuditSubjects.Of(snapshot), snapshot.Config.Audits);
        var (random, honest) = (new Random(options.Seed), new Seller(Reference, null, 0));
        var rounds = new AuditRounds(
            _store, new JournalRecorder(),
            prices => new UpstreamAudit(_time, prices, (plan, offering) => new SimulatedProber(plan, offering, sellers.GetValueOrDefault(offering.Upstream.Name, honest), _models, random, _time)),
            _time, _ => $"aud_{options.Seed:d6}{++_made:d9}");
        var report = new FleetReport(options, sellers, turnsMs, config);
        var (endMs, clock, told) = (startMs + options.Days * 86_400_000L, Stopwatch.StartNew(), 0);
        while (rounds.NextMs(subjects) is { } next && next < endMs)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Math.Max(1, next - _time.NowMs)));
            var outcome = await rounds.StepAsync(subjects, config, snapshot.Prices, CancellationToken.None);
            foreach (var changed in outcome.Changed)
                report.Changed(changed, _time.NowMs);
            if ((_time.NowMs - startMs) / (30 * 86_400_000L) is var month && month > told)
                await Console.Error.WriteLineAsync($"day {30 * (told = (int)month)} of {options.Days}, {_store.Audits} audits, {clock.Elapsed.TotalSeconds:0} s");
        }

        var isMet = report.Print(_store, rounds.Cases, startMs, clock.Elapsed);
        return isMet || !options.Assert ? 0 : 1;
    }

    private static GatewaySnapshot Snapshot(IEnumerable<string> sellers)
    {
        var yaml = new StringBuilder("upstreams:\n");
        foreach (var name in sellers.Append(Reference))
        {
            yaml.Append($$"""
                  - name: {{name}}
                    vendor: custom
                    keys: [sk-x]
                    endpoints: { openai-chat: "http://127.0.0.1:1/v1" }
                    models: [{{Model}}]
                    price: { currency: USD, per_million: { input: 1, cache_read: 0.1, output: 5 } }

                """);
        }

        yaml.Append($$"""audits: { enabled: true, references: { {{Model}}: {{Reference}} } }""");
        var reading = ConfigReader.Read(yaml.ToString(), ConfigSource.Environment, _ => null);
        return reading.Config is { } config ? GatewaySnapshot.Compile(config) : throw new BenchFailedException(string.Join("; ", reading.Problems));
    }
}
