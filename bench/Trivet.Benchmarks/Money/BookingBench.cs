using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.Benchmarks.Money;

/// <summary><c>booking</c>: what it costs a request to be held to a budget and booked, and how many transfers a database takes. Each number is the quickest of several batches: what the machine does beside it only ever adds.</summary>
internal sealed class BookingBench(string folder, Database database)
{
    private const int Batches = 40;
    private const int BatchRequests = 2_000;
    private const int CommitBatches = 8;
    private const int CommitRequests = 10_000;

    private static readonly NodeIdentity Node = new("0123456789abcdef", "0123456789abcdef.1");

    public static async Task<int> RunAsync(string[] args)
    {
        var postgres = args switch
        {
            [] => null,
            ["--postgres", var url] => url,
            _ => throw new BenchOptionException($"'{string.Join(' ', args)}' is not an option of booking."),
        };
        Console.WriteLine($"{"per request",-62}{"µs of CPU",12}{"bytes",10}");
        await WithAsync(DatabaseOptions.Sqlite, async bench =>
        {
            await bench.StepsAsync();
            await bench.CommitsAsync("SQLite");
        });
        if (postgres is not null)
            await WithAsync(postgres, bench => bench.CommitsAsync("PostgreSQL"));
        return 0;
    }

    private static async Task WithAsync(string database, Func<BookingBench, Task> run)
    {
        var folder = Directory.CreateTempSubdirectory("trivet-booking-");
        try
        {
            var opened = await Database.OpenAsync(new DatabaseOptions(database, folder.FullName), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None);
            if (opened.Fault is { } fault)
                throw new BenchFailedException($"the database cannot be opened: {fault.Message}");
            await using var books = opened.Value;
            await run(new BookingBench(folder.FullName, books));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task StepsAsync()
    {
        // A lease that nothing here uses up: its renewal is the database's work, not a request's.
        var key = new KeyEntry(new KeyRecord { Id = BookingRecords.KeyId, Name = "bench", HashHex = "", Budgets = [new Budget(long.MaxValue / 4, "USD", BudgetWindow.Total)] });
        var gate = new LimitGate(new LeaseBroker(database.Leases, Node, TimeProvider.System, NullLogger<LeaseBroker>.Instance), new LimitOptions(), TimeProvider.System);
        var reservation = new Reservation();
        await gate.AdmitAsync(key, reservation, 1, () => new CostAsk(1L << 56, 1, "USD"), NoExchange.Instance, CancellationToken.None);
        reservation.End(null);
        Func<CostAsk?> ask = () => new CostAsk(300_000, 200_000, "USD");

        using var spool = NewSpool("steps");
        using var slots = new InFlightSlots(Path.Combine(folder, "slots"), NullLogger<InFlightSlots>.Instance);
        var (books, inFlight) = (new Bookkeeper(spool), new Bookkeeper(spool, slots));
        var intent = new AttemptIntent { Attempt = BookingRecords.Attempt(TimeProvider.System.GetUtcNow()), InputTokens = 210, OutputTokens = 144, ReservedNano = 300_000 };
        Measure("money set aside, settled and freed", () =>
        {
            var admitted = gate.AdmitAsync(key, reservation, 210, ask, NoExchange.Instance, CancellationToken.None);
            if (!admitted.IsCompletedSuccessfully || admitted.Result is not null)
                throw new BenchFailedException("a request with plenty of money was not admitted at once");
            reservation.Settle(201_240, "USD");
            reservation.End(null);
        });
        Measure("slot taken, noted ten times and freed", () =>
        {
            var slot = inFlight.Begin(intent);
            for (var i = 0; i < 10; i++)
                inFlight.Note(slot, AttemptIntent.Progress(null, hasContent: true, i, i));
            inFlight.Done(slot);
        });
        Measure("record made and appended to the spool", () => BookingRecords.Book(books));
    }

    private async Task CommitsAsync(string engine)
    {
        using var spool = NewSpool("commits");
        var books = new Bookkeeper(spool);
        var loop = new SpoolWriterLoop(spool, database.SpoolSink, TimeProvider.System, NullLogger<SpoolWriterLoop>.Instance);
        var (cpu, wall) = (double.MaxValue, double.MaxValue);
        for (var batch = 0; batch < CommitBatches; batch++)
        {
            for (var i = 0; i < CommitRequests; i++)
                BookingRecords.Book(books);
            var (before, watch) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            if (await loop.DrainAsync(CancellationToken.None) is { } fault)
                throw new BenchFailedException($"the database did not take the records: {fault.Message}");
            cpu = Math.Min(cpu, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / CommitRequests);
            wall = Math.Min(wall, watch.Elapsed.TotalSeconds);
        }

        Print($"committed to {engine}, {spool.Options.BatchRecordsMax} at most in a transaction (this process)", cpu, null);
        var check = (await database.Ledger.VerifyAsync(CancellationToken.None)).Value;
        if (check.Difference is not null || check.Transfers != (long)CommitBatches * CommitRequests * BookingRecords.TransfersEach)
            throw new BenchFailedException($"the books do not balance: {check}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{engine} takes {CommitRequests * BookingRecords.TransfersEach / wall:#,0} transfers a second ({CommitRequests / wall:#,0} requests, with their rows, sums and balances), one node writing"));
    }

    private FileSpool NewSpool(string name) => new(new SpoolOptions { Directory = Path.Combine(folder, name) }, NullLogger<FileSpool>.Instance);

    private static void Measure(string what, Action act)
    {
        act();
        var (cpu, bytes) = (double.MaxValue, double.MaxValue);
        for (var batch = 0; batch < Batches; batch++)
        {
            var (before, allocated) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            for (var i = 0; i < BatchRequests; i++)
                act();
            cpu = Math.Min(cpu, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / BatchRequests);
            bytes = Math.Min(bytes, (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / BatchRequests);
        }

        Print(what, cpu, bytes);
    }

    private static void Print(string what, double cpu, double? bytes) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-62}{cpu,12:0.0}{bytes,10:0}"));
}
