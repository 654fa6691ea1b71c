using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>A request between admission and settlement.</summary>
internal sealed record SimRequest(string Id, KeyEntry Key, Reservation Reservation, long ReservedNano, long ExpectedNano, long AdmittedMs, string Upstream);

/// <summary>A node: the gate, leases, spool and writer that ship, over a database that may fail. Crashes as a process does: what it has in memory is gone, what it has appended is on its disk.</summary>
internal sealed class SimNode : IDisposable
{
    private readonly string _name;
    private readonly string _directory;
    private readonly Database _database;
    private readonly SimPeople _people;
    private readonly SimTime _time;
    private readonly Random _random;
    private readonly SimAuditor _auditor;
    private readonly SimCounts _counts;
    private readonly List<SimRequest> _running = [];
    private LeaseBroker _broker = null!;
    private LimitGate _gate = null!;
    private IReadOnlyList<KeyEntry> _keys = [];
    private FileSpool _spool = null!;
    private SpoolWriterLoop _writer = null!;
    private int _starts;
    private long _requests;

    public SimNode(string name, string directory, Database database, SimPeople people, SimTime time, Random random, SimAuditor auditor, SimCounts counts)
    {
        (_name, _directory, _database, _people, _time, _random, _auditor, _counts) = (name, directory, database, people, time, random, auditor, counts);
        Sink = new FaultySink(database.SpoolSink, random, counts);
        Start();
    }

    public FaultySink Sink { get; }

    public int Running => _running.Count;

    public async Task BeginAsync()
    {
        var key = _keys[_random.Next(_keys.Count)];
        var expected = _random.NextInt64(20_000, 8_000_000);
        var reserved = expected + expected / 4;
        var reservation = new Reservation();
        var failure = await _gate.AdmitAsync(key, reservation, 1, () => new CostAsk(reserved, expected, "USD"), _people, CancellationToken.None);
        while (_broker.Held.Any(state => Volatile.Read(ref state.IsRefilling) != 0))
            await Task.Yield(); // what goes on in the background ends here, so that the same seed does the same
        if (failure is not null)
        {
            reservation.End(null);
            _counts.Refused++;
            return;
        }

        _running.Add(new SimRequest(
            string.Create(CultureInfo.InvariantCulture, $"{_name}-{_starts}-{++_requests}"), key, reservation, reservation.HasMoney ? reservation.ReservedNano : long.MaxValue, expected, _time.NowMs,
            _random.Next(2) == 0 ? "north" : "south"));
    }

    public void Finish()
    {
        if (_running.Count == 0)
            return;
        var index = _random.Next(_running.Count); // not in the order in which they began
        var request = _running[index];
        _running.RemoveAt(index);
        var hasReached = _random.Next(10) != 0;
        long? cost = _random.Next(40) == 0 ? null : request.ExpectedNano / 2 + _random.NextInt64(request.ExpectedNano);
        var due = hasReached ? cost : cost is null ? null : 0;
        var settled = due is { } nano ? request.Reservation.Settle(nano, "USD") : default;
        Book(request, cost, due, settled, hasReached, isRecovered: false);
        request.Reservation.End(null);
        _counts.Overruns += settled.OverrunNano > 0 ? 1 : 0;
        _counts.Absorbed += settled.AbsorbedNano > 0 ? 1 : 0;
    }

    public async Task DrainAsync() => await _writer.DrainAsync(CancellationToken.None);

    /// <summary>The process is killed. Half of what ran is known to the next start, as slots tell it; the rest had not been sent.</summary>
    public async Task CrashAsync()
    {
        _counts.Crashes++;
        _spool.Dispose();
        if (_random.Next(3) == 0)
            Tear();
        var before = (Holder: _broker.Holder, Running: _running.ToArray());
        _running.Clear();
        Start();
        foreach (var request in before.Running.Where(_ => _random.Next(2) == 0))
        {
            // As CrashRecovery does: what was set aside bounds what is charged.
            var cost = _random.NextInt64(1, request.ExpectedNano);
            var charged = Math.Min(cost, request.ReservedNano);
            var isExchanged = request.Key.Organisation == SimPeople.Yuan;
            var settled = new SettledCharge(isExchanged ? 0 : charged, 0, isExchanged ? cost : cost - charged, request.Reservation.HasMoney ? request.Reservation.AllowanceIds : "", 0, null);
            Book(request, cost, cost, settled, hasReached: true, isRecovered: true, before.Holder);
            _counts.Recovered++;
        }

        while (await _writer.DrainAsync(CancellationToken.None) is not null)
        {
            // The database is away; leases stay until what they cover is committed.
        }

        await _broker.ReleaseEarlierAsync(CancellationToken.None);
    }

    public async Task TickAsync()
    {
        await _broker.ReturnIdleAsync(CancellationToken.None);
        await _broker.RenewAsync(CancellationToken.None);
    }

    public void Dispose() => _spool.Dispose();

    private void Start()
    {
        _starts++;
        _spool = new FileSpool(new SpoolOptions { Directory = _directory, SegmentBytes = 256 * 1024 }, NullLogger<FileSpool>.Instance);
        _writer = new SpoolWriterLoop(_spool, Sink, _time, NullLogger<SpoolWriterLoop>.Instance);
        _broker = new LeaseBroker(_database.Leases, new NodeIdentity(_name, string.Create(CultureInfo.InvariantCulture, $"{_name}.{_starts}")), _time, NullLogger<LeaseBroker>.Instance);
        _keys = _people.Keys();
        _gate = new LimitGate(_broker, new LimitOptions { WaitMax = TimeSpan.Zero }, _time);
    }

    private void Book(SimRequest request, long? cost, long? due, SettledCharge settled, bool hasReached, bool isRecovered, string? holder = null)
    {
        _counts.Attempts++;
        var organisation = request.Key.Organisation;
        var isBooked = new Bookkeeper(_spool).Book(new AttemptRecord
        {
            Id = "att-" + request.Id,
            RequestId = "req-" + request.Id,
            Organisation = organisation,
            KeyId = request.Key.Id,
            StartedMs = request.AdmittedMs + 1,
            AdmittedMs = request.AdmittedMs,
            Upstream = request.Upstream,
            UpstreamModel = "m",
            Failure = isRecovered ? nameof(FailureKind.GatewayKilled) : hasReached ? "" : nameof(FailureKind.UpstreamServerError),
            InputUncachedTokens = 10,
            OutputTextTokens = 20,
            CostNano = cost,
            Currency = cost is null ? "" : "USD",
            Committed = hasReached,
            ChargedNano = due is null ? null : settled.ChargedNano,
            ChargeCurrency = due is null ? "" : "USD",
            OverrunNano = settled.OverrunNano,
            AbsorbedNano = settled.AbsorbedNano,
            PaidNano = settled.PaidNano,
            RateNano = settled.RateNano,
            Payer = organisation == SimPeople.Yuan ? AccountNames.Customer(organisation, "", "", "CNY") : "",
            Allowances = settled.Allowances ?? "",
            Holder = settled.Allowances is { Length: > 0 } ? holder ?? _broker.Holder : "",
            Recovered = isRecovered,
            Estimated = isRecovered,
        });
        if (!isBooked)
            throw new SimulationException("the spool did not take a record");
        _auditor.Attempt(new SimFacts(organisation, request.Upstream, cost, due ?? 0, settled.ChargedNano, settled.OverrunNano, settled.AbsorbedNano, settled.PaidNano, hasReached));
    }

    // A record that was being written when the machine went down: its beginning, behind the last whole one.
    private void Tear()
    {
        if (Directory.GetFiles(_directory, "*.spool").Order(StringComparer.Ordinal).LastOrDefault() is not { } last)
            return;
        var bytes = File.ReadAllBytes(last);
        var end = Array.FindLastIndex(bytes, value => value != 0) + 1;
        using var file = File.OpenWrite(last);
        file.Position = end;
        file.Write([200, 1, 0, 0, 77, 77, 77, 77, (byte)SpoolRecordKind.Attempt, .. "{\"Id\":\"att-torn"u8]);
        _counts.TornTails++;
    }
}
