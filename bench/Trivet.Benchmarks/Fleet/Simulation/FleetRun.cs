using System.Text;
using Trivet.Benchmarks.Money.Simulation;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Journal;
using Trivet.Core.Snapshots;

namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>
/// Some time of a fleet: honest upstreams and five that begin to cheat, each in another way. Schedule, budgets, checks, statistics and decisions are those of the server; only answers, clock and database are simulated.
/// </summary>
internal sealed class FleetRun
{
    public const double DayMs = 86_400_000;

    private const string Model = "claimed";
    private const string Reference = "official";

    private readonly SimTime _time = new();
    private readonly Dictionary<string, SimulatedModel> _models = new(StringComparer.Ordinal) { [Model] = new SimulatedModel(Model), [Seller.ForeignModel] = new SimulatedModel(Seller.ForeignModel) };
    private readonly AuditRounds _rounds;
    private readonly GatewaySnapshot _snapshot;
    private readonly IReadOnlyList<AuditSubject> _subjects;
    private long _made;

    /// <param name="honest">Of how many nothing changes.</param>
    /// <param name="turnDay">The day on which the others begin.</param>
    /// <param name="endDay">The day on which they stop; null: never.</param>
    /// <param name="seed">Of all luck.</param>
    /// <param name="ownPast">No reference is named: they are held against their own past.</param>
    public FleetRun(int honest, int turnDay, int? endDay, int seed, bool ownPast = false)
    {
        StartMs = _time.NowMs;
        TurnsMs = StartMs + (long)(turnDay * DayMs);
        var endsMs = endDay is { } end ? StartMs + (long)(end * DayMs) : long.MaxValue;
        Sellers = Enumerable.Range(1, honest).Select(i => new Seller($"honest{i:00}", null, 0) { Thinks = ownPast && i % 5 == 0 })
            .Concat((ownPast ? Deceit.Changes : Deceit.All).Select(deceit => new Seller(deceit.Name, deceit, TurnsMs) { EndsMs = endsMs, Thinks = deceit == Deceit.Thinker }))

            .ToDictionary(seller => seller.Name, StringComparer.Ordinal);
        _snapshot = Snapshot(Sellers.Keys, ownPast);
        _subjects = AuditSubjects.Of(_snapshot);
        var (random, official) = (new Random(seed), new Seller(Reference, null, 0));
        _rounds = new AuditRounds(
            Store, Journal,
            prices => new UpstreamAudit(_time, prices, (plan, offering) => new SimulatedProber(plan, offering, Sellers.GetValueOrDefault(offering.Upstream.Name, official), _models, random, _time, ownPast)),
            _time, pasts: ownPast ? new MemoryPasts() : null, newId: _ => $"aud_{seed:d6}{++_made:d9}");
    }

    public MemoryAudits Store { get; } = new();

    /// <summary>What was told.</summary>
    public JournalRecorder Journal { get; } = new();

    public IReadOnlyDictionary<string, Seller> Sellers { get; }

    public IReadOnlyCollection<AuditCase> Cases => _rounds.Cases;

    public AuditsConfig Config => _snapshot.Config.Audits;

    public long StartMs { get; }

    public long TurnsMs { get; }

    /// <summary>Lets time go by.</summary>
    /// <param name="days">Until this day.</param>
    /// <param name="changed">Told of every standing that changes, with the time.</param>
    /// <param name="day">Told of days, as they pass.</param>
    public async Task RunAsync(int days, Action<AuditCase, long> changed, Action<long>? day = null)
    {
        var endMs = StartMs + (long)(days * DayMs);
        while (_rounds.NextMs(_subjects) is { } next && next < endMs)
        {
            _time.Advance(TimeSpan.FromMilliseconds(Math.Max(1, next - _time.NowMs)));
            var outcome = await _rounds.StepAsync(_subjects, Config, _snapshot.Prices, CancellationToken.None);
            foreach (var one in outcome.Changed)
                changed(one, _time.NowMs);
            day?.Invoke((long)((_time.NowMs - StartMs) / DayMs));
        }
    }

    /// <summary>The changes that were told since this was last asked.</summary>
    public IEnumerable<(string Upstream, long AtMs)> Told()
    {
        while (Journal.Queue.Reader.TryRead(out var recorded))
        {
            if (recorded.Alarm is null && recorded.Entry.Tags.Contains("changed", StringComparer.Ordinal))
                yield return (recorded.Entry.Subject.Split('/')[0], recorded.Entry.AtMs);
        }
    }

    private static GatewaySnapshot Snapshot(IEnumerable<string> sellers, bool ownPast)
    {
        var yaml = new StringBuilder("upstreams:\n");
        foreach (var name in ownPast ? sellers : sellers.Append(Reference))
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

        yaml.Append(ownPast ? "audits: { enabled: true }" : $$"""audits: { enabled: true, references: { {{Model}}: {{Reference}} } }""");
        var reading = ConfigReader.Read(yaml.ToString(), ConfigSource.Environment, _ => null);
        return reading.Config is { } config ? GatewaySnapshot.Compile(config) : throw new InvalidOperationException(string.Join("; ", reading.Problems));
    }
}
