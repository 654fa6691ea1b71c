using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;

namespace Trivet.FunctionalTests.Storage;

public sealed class MeteringStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_request_and_its_attempts_read_back_field_by_field_in_order(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var first = MeteringTestData.Full("att_z") with { Ordinal = 1, HttpStatus = null, TimeToFirstContentMs = null, CostNano = null, Currency = "" };
        var second = MeteringTestData.Full("att_a");
        var request = MeteringTestData.Request();

        Assert.Equal(3, (await database.SpoolSink.CommitAsync(
            [MeteringTestData.Spooled(second), MeteringTestData.Spooled(first), MeteringTestData.Spooled(request)], Cancel)).Value);
        var trace = (await database.Traces.FindAsync("req_full", Cancel)).Value;

        Assert.Equal(request, trace.Request);
        Assert.Equal([first, second], trace.Attempts);
        Assert.Equal([request], (await database.Traces.ListRecentAsync(10, Cancel)).Value);
        Assert.Equal(StoreFaultKind.NotFound, (await database.Traces.FindAsync("req_other", Cancel)).Fault?.Kind);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_batch_committed_twice_or_overlapping_counts_once_in_rows_and_sums(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var records = MeteringTestData.Many(100, seed: 1).Select(MeteringTestData.Spooled).ToArray();

        Assert.Equal(60, (await database.SpoolSink.CommitAsync(records[..60], Cancel)).Value);
        var before = await UsageAsync(database.Usage, UsageGroup.Key);
        Assert.Equal(0, (await database.SpoolSink.CommitAsync(records[..60], Cancel)).Value);
        Assert.Equal(before, await UsageAsync(database.Usage, UsageGroup.Key));
        Assert.Equal(40, (await database.SpoolSink.CommitAsync([.. records, .. records[50..]], Cancel)).Value);

        Assert.Equal(SlowSums.Of(MeteringTestData.Many(100, seed: 1), attempt => attempt.KeyId), await UsageAsync(database.Usage, UsageGroup.Key));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Sums_equal_the_rows_for_every_group_and_from_any_moment(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var attempts = MeteringTestData.Many(400, seed: 2);
        foreach (var batch in attempts.Chunk(70))
            await database.SpoolSink.CommitAsync([.. batch.Select(MeteringTestData.Spooled)], Cancel);
        long[] moments =
        [
            0, MeteringTestData.AugustMs, MeteringTestData.AugustMs - 1, MeteringTestData.AugustMs + MeteringTestData.HourMs / 2, attempts[0].StartedMs,
            attempts[1].StartedMs + 1, attempts.Max(attempt => attempt.StartedMs), long.MaxValue / 2,
        ];

        foreach (var since in moments)
        {
            var taken = attempts.Where(attempt => attempt.StartedMs >= since).ToArray();
            Assert.Equal(SlowSums.Of(taken, attempt => attempt.KeyId), await UsageAsync(database.Usage, UsageGroup.Key, since));
            Assert.Equal(SlowSums.Of(taken, attempt => attempt.UpstreamModel), await UsageAsync(database.Usage, UsageGroup.Model, since));
            Assert.Equal(SlowSums.Of(taken, attempt => attempt.Upstream), await UsageAsync(database.Usage, UsageGroup.Upstream, since));
            Assert.Equal(SlowSums.Of(taken, DayOf), await UsageAsync(database.Usage, UsageGroup.Day, since));
            Assert.Equal(
                SlowSums.Of([.. taken.Where(attempt => attempt.Organisation == "acme")], DayOf), await UsageAsync(database.Usage, UsageGroup.Day, since, "acme"));
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Nodes_that_book_on_the_same_sums_at_once_lose_nothing(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        const int Nodes = 4;
        ISpoolSink[] sinks = [.. await Task.WhenAll(Enumerable.Range(0, Nodes).Select(async _ => (await test.OpenAsync()).SpoolSink))];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => Task.Run(
            async () =>
            {
                var count = 0;
                foreach (var batch in MeteringTestData.Many(200, seed: 10 + node).Chunk(20))
                    count += (await sinks[node].CommitAsync([.. batch.Select(MeteringTestData.Spooled)], Cancel)).Value;
                return count;
            },
            Cancel)));

        Assert.All(outcomes, count => Assert.Equal(200, count));
        var all = Enumerable.Range(0, Nodes).SelectMany(node => MeteringTestData.Many(200, seed: 10 + node)).ToArray();
        Assert.Equal(SlowSums.Of(all, attempt => attempt.UpstreamModel), await UsageAsync((await test.OpenAsync()).Usage, UsageGroup.Model));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_makes_no_sense_is_refused_for_good_and_commits_nothing(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var good = MeteringTestData.Spooled(MeteringTestData.Full());
        SpoolRecord[] nonsense =
        [
            new(SpoolRecordKind.Attempt, "not json"u8.ToArray()),
            new(SpoolRecordKind.Attempt, "{\"Id\":\"a\"}"u8.ToArray()),
            new((SpoolRecordKind)77, "{}"u8.ToArray()),
            MeteringTestData.Spooled(MeteringTestData.Full() with { OutputTextTokens = long.MaxValue }),
            MeteringTestData.Spooled(MeteringTestData.Full() with { InputUncachedTokens = -1 }),
        ];

        foreach (var record in nonsense)
            Assert.Equal(StoreFaultKind.Rejected, (await database.SpoolSink.CommitAsync([good, record], Cancel)).Fault?.Kind);

        Assert.Empty(await UsageAsync(database.Usage, UsageGroup.Key));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Text_that_a_client_may_send_does_not_stop_the_books(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var odd = MeteringTestData.Full() with { ModelAsked = "nul\0 quote' \"double\" \uD83D\uDE00 ;DROP TABLE attempts" };

        Assert.Equal(1, (await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(odd)], Cancel)).Value);

        var stored = Assert.Single((await database.Traces.FindAsync("req_full", Cancel)).Value.Attempts);
        Assert.Equal(engine == "postgres" ? odd.ModelAsked.Replace('\0', '\uFFFD') : odd.ModelAsked, stored.ModelAsked);
    }

    private static string DayOf(AttemptRecord attempt) => DateTimeOffset.FromUnixTimeMilliseconds(attempt.StartedMs).ToString("yyyy-MM-dd");

    private static async Task<UsageLine[]> UsageAsync(IUsageStore store, UsageGroup by, long sinceMs = 0, string? organisation = null) =>
        SlowSums.Sorted((await store.QueryAsync(new UsageQuery { By = by, SinceMs = sinceMs, Organisation = organisation }, Cancel)).Value);
}
