using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Ledger;
using Trivet.Storage;

namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>What a simulation came to.</summary>
/// <param name="Transfers">In the ledger at the end.</param>
/// <param name="Counts">What happened on the way.</param>
/// <param name="Differences">Empty when the books are right.</param>
internal sealed record SimOutcome(long Transfers, SimCounts Counts, IReadOnlyList<string> Differences);

/// <summary>
/// Three nodes over one database spend, fail, crash and recover by a seeded chance, while an auditor keeps books of its own. The gate, the leases, the spool, its writer and the SQL are those that ship.
/// </summary>
internal sealed class LedgerSim(string directory, string database, int seed)
{
    private const int Nodes = 3;
    private const int RunningMax = 12;

    private readonly Random _random = new(seed);
    private readonly SimTime _time = new();
    private readonly SimAuditor _auditor = new();
    private readonly SimCounts _counts = new();

    public async Task<SimOutcome> RunAsync(long transfers)
    {
        var opened = await Database.OpenAsync(new DatabaseOptions(database, directory), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
        if (opened.Fault is { } fault)
            throw new SimulationException($"the database cannot be opened: {fault.Message}");
        await using var books = opened.Value;
        var people = await SimPeople.MakeAsync(books);
        var nodes = Enumerable.Range(0, Nodes).Select(node => new SimNode($"node{node}", Path.Combine(directory, $"spool{node}"), books, people, _time, _random, _auditor, _counts)).ToArray();
        for (var step = 0L; _auditor.Movements < transfers; step++)
            await StepAsync(books, nodes, step);
        foreach (var node in nodes)
            node.Sink.IsCalm = true;
        await SettleAsync(nodes);
        var differences = await DifferencesAsync(books);
        foreach (var node in nodes)
            node.Dispose();
        return new SimOutcome(_auditor.Movements, _counts, differences);
    }

    private async Task StepAsync(Database books, SimNode[] nodes, long step)
    {
        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(60)));
        var node = nodes[_random.Next(Nodes)];
        if (node.Running < RunningMax && _random.Next(2) == 0)
            await node.BeginAsync();
        else
            node.Finish();
        if (_random.Next(80) == 0)
            await node.DrainAsync();
        if (_random.Next(300) == 0)
            await PayAsync(books, step);
        if (step % 50 == 0)
            await node.TickAsync();
        if (_random.Next(2500) == 0)
            await node.CrashAsync();
        if (_random.Next(20_000) == 0)
            await LoseLeasesAsync(books);
        if (_random.Next(8_000) == 0)
            await PassHoursAsync(books, nodes);
    }

    private async Task PayAsync(Database books, long step)
    {
        var payment = SimPeople.Payment(_random, step, _time.NowMs);
        var times = _random.Next(5) == 0 ? 2 : 1;
        for (var i = 0; i < times; i++)
        {
            if ((await books.Ledger.PostOnceAsync(payment with { AtMs = payment.AtMs + i }, CancellationToken.None)).Value != (i == 0 ? 1 : 0))
                throw new SimulationException($"payment {payment.Id}, asked for the {i + 1}. time, was not booked once");
        }

        _counts.AskedTwice += times - 1;
        _auditor.Paid(payment.Debit, payment.Credit, payment.AmountNano);
    }

    // Nodes that could not renew: the database gives to others what they still have, and what they hand over comes late.
    private async Task LoseLeasesAsync(Database books)
    {
        _counts.LeasesLost++;
        await ExecuteAsync(books, "UPDATE leases SET expires_ms = 1 WHERE allowance LIKE 'customer/%'");
    }

    // Windows of budgets end. Leases of the quiet hours are over by then.
    private async Task PassHoursAsync(Database books, SimNode[] nodes)
    {
        await SettleAsync(nodes);
        await ExecuteAsync(books, "UPDATE leases SET expires_ms = 1");
        _time.Advance(TimeSpan.FromHours(_random.Next(1, 30)));
    }

    private static async Task SettleAsync(SimNode[] nodes)
    {
        foreach (var node in nodes)
        {
            while (node.Running > 0)
                node.Finish();
            var wasCalm = node.Sink.IsCalm;
            node.Sink.IsCalm = true;
            await node.DrainAsync();
            node.Sink.IsCalm = wasCalm;
        }
    }

    private async Task<List<string>> DifferencesAsync(Database books)
    {
        var transfers = new List<Transfer>();
        await books.Ledger.ExportAsync(0, transfers.Add, CancellationToken.None);
        var balances = (await books.Ledger.BalancesAsync(CancellationToken.None)).Value;
        var differences = _auditor.Differences(transfers, balances, _counts.LeasesLost > 0).ToList();
        if ((await books.Ledger.VerifyAsync(CancellationToken.None)).Value.Difference is { } difference)
            differences.Add("ledger verify: " + difference);
        var overdrawn = await books.ReadAsync(
            async connection => (await connection.QueryAsync<string>("SELECT id FROM allowances WHERE spent_nano + leased_nano > limit_nano OR leased_nano < 0 OR spent_nano < 0")).AsList(), CancellationToken.None);
        differences.AddRange(overdrawn.Value.Select(id => $"allowance {id} is overdrawn"));
        return differences;
    }

    private static async Task ExecuteAsync(Database books, string sql) =>
        await books.WriteAsync<int>(async scope => await scope.Connection.ExecuteAsync(sql, transaction: scope.Transaction), CancellationToken.None);
}
