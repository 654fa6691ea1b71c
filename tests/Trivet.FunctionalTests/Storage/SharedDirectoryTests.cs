using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Two processes on one data directory, and the way of a record from the relay to the database.</summary>
public sealed class SharedDirectoryTests(PostgresCluster cluster)
{
    private const string DirectoryVariable = "TRIVET_TEST_DATA";
    private const int SecondRounds = 40;
    private const int PerRound = 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_write_and_read_one_sqlite_file_at_the_same_time()
    {
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { } directory)
        {
            // This is the second process.
            var options = new DatabaseOptions(DatabaseOptions.Sqlite, directory);
            await using var opened = (await Database.OpenAsync(options, TimeProvider.System, NullLogger<Database>.Instance, Cancel)).Value;
            await WriteAsync(opened, seed: 2, isDone: round => round == SecondRounds);
            return;
        }

        await using var test = await TestDatabase.CreateAsync("sqlite", cluster);
        var database = await test.OpenAsync();
        using var second = SecondProcess.Start(
            $"{typeof(SharedDirectoryTests).FullName}.{nameof(Two_processes_write_and_read_one_sqlite_file_at_the_same_time)}",
            (DirectoryVariable, test.Options.DataDirectory));
        var output = second.StandardOutput.ReadToEndAsync(Cancel);
        var rounds = await WriteAsync(database, seed: 1, isDone: _ => second.HasExited);

        Assert.True(second.ExitCode == 0, await output);
        Assert.Equal(rounds + SecondRounds, (await database.Keys.LoadAsync(Cancel)).Value.Keys.Count);
        var usage = (await database.Usage.QueryAsync(new UsageQuery { By = UsageGroup.Day }, Cancel)).Value;
        Assert.Equal((rounds + SecondRounds) * PerRound, usage.Sum(line => line.Attempts));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_the_relay_books_can_be_traced_and_is_replayed_to_no_effect(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var options = new SpoolOptions { Directory = Path.Combine(test.Options.DataDirectory, "spool"), SegmentBytes = 64 * 1024 };
        var attempts = MeteringTestData.Many(50, seed: 3);
        using var spool = new FileSpool(options, NullLogger<FileSpool>.Instance);
        var books = new Bookkeeper(spool);

        Assert.True(books.CanAdmit);
        Assert.All(attempts, attempt => Assert.True(books.Book(attempt)));
        Assert.True(books.Book(MeteringTestData.Request("req_3_0")));
        var first = new SpoolWriterLoop(spool, database.SpoolSink, TimeProvider.System, NullLogger<SpoolWriterLoop>.Instance);
        Assert.Null(await first.DrainAsync(Cancel));
        var forgetful = new SpoolWriterLoop(spool, database.SpoolSink, TimeProvider.System, NullLogger<SpoolWriterLoop>.Instance);
        Assert.Null(await forgetful.DrainAsync(Cancel));

        var trace = (await database.Traces.FindAsync("req_3_0", Cancel)).Value;
        Assert.Equal("/v1/messages", trace.Request!.Endpoint);
        Assert.Equal(attempts.Where(attempt => attempt.RequestId == "req_3_0").OrderBy(attempt => attempt.StartedMs), trace.Attempts);
        var usage = (await database.Usage.QueryAsync(new UsageQuery(), Cancel)).Value;
        Assert.Equal(50, usage.Sum(line => line.Attempts));
    }

    private static async Task<int> WriteAsync(Database database, int seed, Func<int, bool> isDone)
    {
        var admin = new KeyAdmin(database.Keys, database.Journal, TimeProvider.System);
        var round = 0;
        for (; !isDone(round); round++)
        {
            var batch = MeteringTestData.Many(PerRound, seed * 1_000_000 + round);
            Assert.Equal(PerRound, (await database.SpoolSink.CommitAsync([.. batch.Select(MeteringTestData.Spooled)], Cancel)).Value);
            Assert.True((await admin.CreateAsync(new KeyRequest { Name = $"{seed}-{round}" }, Cancel)).IsSuccess);
            Assert.True((await database.Keys.LoadAsync(Cancel)).IsSuccess);
        }

        return round;
    }
}
