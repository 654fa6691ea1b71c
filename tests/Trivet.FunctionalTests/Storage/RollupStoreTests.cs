using Dapper;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Sums by day, folded behind the booking: whatever is folded, stale or not yet either, everybody reads what the attempts come to.</summary>
public sealed class RollupStoreTests(PostgresCluster cluster)
{
    private const int Days = 12;
    private const long DayMs = 24 * MeteringTestData.HourMs;
    private const long FirstMs = MeteringTestData.AugustMs - 5 * DayMs;
    private const long EndMs = FirstMs + Days * DayMs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Days_hours_and_attempts_together_equal_the_rows_also_when_some_come_late(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var all = Spread(600, seed: 21);
        var (early, late) = (all[..500], all[500..]);

        await BookAsync(database, early);
        await SameAsync(database, early);

        // Only what is over is closed.
        Assert.Equal(Days - 2, (await database.Rollups.CloseDaysAsync(EndMs - DayMs - 1, Cancel)).Value);
        Assert.Equal(Days - 2, await FoldAllAsync(database));
        Assert.Equal(early.Count(attempt => attempt.StartedMs < EndMs - 2 * DayMs), await CountAsync(database, "SELECT CAST(SUM(attempts) AS BIGINT) FROM usage_daily"));
        await SameAsync(database, early);

        // Into closed days: counted at once, from their hours, and from their days once those are folded again.
        await BookAsync(database, late);
        Assert.True(await CountAsync(database, "SELECT COUNT(*) FROM usage_days WHERE is_stale = 1") > 0);
        await SameAsync(database, all);
        Assert.Equal(0, (await database.Rollups.CloseDaysAsync(EndMs - DayMs - 1, Cancel)).Value);
        Assert.True(await FoldAllAsync(database) > 0);
        Assert.Equal(all.Count(attempt => attempt.StartedMs < EndMs - 2 * DayMs), await CountAsync(database, "SELECT CAST(SUM(attempts) AS BIGINT) FROM usage_daily"));
        await SameAsync(database, all);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Nothing_is_lost_where_nodes_book_into_days_that_others_close_and_fold(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        const int Nodes = 3;
        Database[] nodes = [await test.OpenAsync(), await test.OpenAsync(), await test.OpenAsync()];
        var folder = await test.OpenAsync();
        using var booked = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        // Whoever books waits for the first fold in the middle, so that there is something to make stale.
        var hasFolded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var folding = Task.Run(
            async () =>
            {
                for (var i = 0; !booked.IsCancellationRequested; i++)
                {
                    // A day more each time, so that days are closed in the middle of their booking.
                    await folder.Rollups.CloseDaysAsync(FirstMs + ((i % Days) + 1) * DayMs, Cancel);
                    if ((await folder.Rollups.FoldNextAsync(Cancel)) is { IsSuccess: true, Value: true })
                        hasFolded.TrySetResult();
                }
            },
            Cancel);
        await Task.WhenAll(nodes.Select((node, i) => Task.Run(
            async () =>
            {
                var attempts = Spread(400, seed: 30 + i);
                await BookAsync(node, attempts[..100], batch: 10);
                await hasFolded.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
                await BookAsync(node, attempts[100..], batch: 10);
            },
            Cancel)));
        await booked.CancelAsync();
        await folding;

        Assert.True((await folder.Rollups.CloseDaysAsync(EndMs, Cancel)).IsSuccess);
        await FoldAllAsync(folder);
        AttemptRecord[] all = [.. Enumerable.Range(0, Nodes).SelectMany(i => Spread(400, seed: 30 + i))];
        Assert.Equal(all.Length, await CountAsync(folder, "SELECT CAST(SUM(attempts) AS BIGINT) FROM usage_daily"));
        Assert.Equal(all.Length, await CountAsync(folder, "SELECT CAST(SUM(attempts) AS BIGINT) FROM traffic_hourly"));
        await SameAsync(folder, all);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Days_without_a_row_are_closed_and_an_empty_ledger_has_none(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();

        Assert.Equal(0, (await database.Rollups.CloseDaysAsync(EndMs, Cancel)).Value);
        Assert.False((await database.Rollups.FoldNextAsync(Cancel)).Value);

        // One whose clock was wrong does not make half a century of days.
        await BookAsync(database, [MeteringTestData.Full("att_1") with { StartedMs = 5 }, MeteringTestData.Full("att_2") with { StartedMs = FirstMs }]);
        var closed = (await database.Rollups.CloseDaysAsync(EndMs, Cancel)).Value;

        Assert.InRange(closed, Days, 2000);
        Assert.Equal(2, Assert.Single((await database.Usage.QueryAsync(new UsageQuery { By = UsageGroup.Organisation }, Cancel)).Value).Attempts);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_upstreams_last_failure_is_found_behind_days_without_one(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        AttemptRecord[] attempts =
        [
            .. Enumerable.Range(0, Days * 24).Select(hour => MeteringTestData.Full($"att_{hour}", $"req_{FirstMs + hour * MeteringTestData.HourMs:x12}") with
            {
                StartedMs = FirstMs + hour * MeteringTestData.HourMs + 1,
                Upstream = $"upstream-{hour % 2}",
                Failure = hour == 30 ? "UpstreamTimeout" : "",
            }),
        ];
        await BookAsync(database, attempts);

        for (var isFolded = false; ; isFolded = true)
        {
            Assert.Equal(attempts[30].Id, Assert.Single((await database.Traffic.AttemptsAsync(FirstMs, null, onlyFailed: true, 10, Cancel)).Value).Id);
            Assert.Empty((await database.Traffic.AttemptsAsync(FirstMs, "upstream-1", onlyFailed: true, 10, Cancel)).Value);
            Assert.Empty((await database.Traffic.AttemptsAsync(FirstMs + 2 * DayMs, null, onlyFailed: true, 10, Cancel)).Value);
            Assert.Equal(
                attempts.Where(attempt => attempt.Upstream == "upstream-1").TakeLast(10).Reverse().Select(attempt => attempt.Id),
                (await database.Traffic.AttemptsAsync(0, "upstream-1", onlyFailed: false, 10, Cancel)).Value.Select(attempt => attempt.Id));
            if (isFolded)
                break;
            await database.Rollups.CloseDaysAsync(EndMs, Cancel);
            Assert.Equal(Days, await FoldAllAsync(database));
        }
    }

    private static async Task BookAsync(Database database, AttemptRecord[] attempts, int batch = 70)
    {
        foreach (var some in attempts.Chunk(batch))
        {
            var booked = await database.SpoolSink.CommitAsync([.. some.Select(MeteringTestData.Spooled)], Cancel);
            while (booked.Fault is { IsTransient: true }) // as the spool's writer does
                booked = await database.SpoolSink.CommitAsync([.. some.Select(MeteringTestData.Spooled)], Cancel);
            Assert.Equal(some.Length, booked.Value);
        }
    }

    private static async Task<int> FoldAllAsync(Database database)
    {
        for (var count = 0; ; count++)
        {
            if (!(await database.Rollups.FoldNextAsync(Cancel)).Value)
                return count;
        }
    }

    private static async Task<long> CountAsync(Database database, string sql) => (await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(sql), Cancel)).Value;

    // Every reader of sums, over spans that begin and end within hours, at hours and at days.
    private static async Task SameAsync(Database database, AttemptRecord[] attempts)
    {
        foreach (var (since, until) in ((long, long?)[])
        [
            (0, null), (FirstMs, EndMs), (FirstMs + DayMs, EndMs - DayMs), (FirstMs + 2 * DayMs + 777, EndMs - 2 * DayMs + 12_345), (FirstMs + 5 * MeteringTestData.HourMs, null), (FirstMs + 3 * DayMs, FirstMs + 3 * DayMs + 1),
        ])
        {
            AttemptRecord[] taken = [.. attempts.Where(attempt => attempt.StartedMs >= since && !(attempt.StartedMs >= until))];
            foreach (var (by, group) in ((UsageGroup, Func<AttemptRecord, string>)[])
            [
                (UsageGroup.Organisation, attempt => attempt.Organisation), (UsageGroup.Key, attempt => attempt.KeyId), (UsageGroup.Upstream, attempt => attempt.Upstream),
                (UsageGroup.Day, attempt => At(attempt).ToString("yyyy-MM-dd")), (UsageGroup.Hour, attempt => At(attempt).ToString("yyyy-MM-dd'T'HH':00Z'")),
            ])
            {
                Assert.Equal(SlowSums.Of(taken, group), await AskAsync(new UsageQuery { By = by }));
                Assert.Equal(SlowSums.Of([.. taken.Where(attempt => attempt is { Organisation: "acme", KeyId: "key_1" })], group), await AskAsync(new UsageQuery { By = by, Organisation = "acme", KeyId = "key_1" }));
            }

            // By steps of a day, and of half of one, which days cannot tell.
            foreach (var stepMs in (long[])[DayMs, DayMs / 2])
            {
                var steps = await AskAsync(new UsageQuery { By = UsageGroup.Model, StepMs = stepMs });
                Assert.Equal(
                    SlowSums.Of(taken, attempt => $"{attempt.StartedMs - attempt.StartedMs % stepMs} {attempt.UpstreamModel}"),
                    SlowSums.Sorted(steps.Select(line => line with { Group = $"{line.StartMs} {line.Group}", StartMs = null })));
            }

            // Drawn: the two dearest, the rest as one, and the lines that a question without a drawing gets.
            var asked = new UsageQuery { By = UsageGroup.Key, SinceMs = since, UntilMs = until };
            var chart = (await database.Usage.ChartAsync(asked, UsageGroup.Upstream, DayMs, groupsMax: 2, Cancel)).Value;
            var dearest = taken.GroupBy(attempt => attempt.Upstream).OrderByDescending(same => same.Sum(attempt => attempt.CostNano ?? 0)).Select(same => same.Key).Take(2).ToList();
            Assert.Equal(SlowSums.Of(taken, attempt => attempt.KeyId), SlowSums.Sorted(chart.Lines));
            Assert.Equal(dearest, chart.Groups);
            Assert.Equal(
                taken.Where(attempt => attempt.CostNano > 0).GroupBy(attempt => (attempt.StartedMs / DayMs * DayMs, dearest.Contains(attempt.Upstream) ? attempt.Upstream : null, attempt.Currency)).Select(same => (same.Key, same.Sum(attempt => attempt.CostNano!.Value))).Order(),
                chart.Costs.Where(cost => cost.CostNano > 0).Select(cost => ((cost.StartMs, cost.Group, cost.Currency), cost.CostNano)).Order());

            async Task<UsageLine[]> AskAsync(UsageQuery query) => SlowSums.Sorted((await database.Usage.QueryAsync(query with { SinceMs = since, UntilMs = until }, Cancel)).Value);
        }

        await SameTrafficAsync(database, attempts);
    }

    private static async Task SameTrafficAsync(Database database, AttemptRecord[] attempts)
    {
        var hours = (await database.Traffic.HoursAsync(TrafficBy.HourAndOffering, FirstMs + DayMs + 99, null, Cancel)).Value;
        var ofOne = (await database.Traffic.HoursAsync(TrafficBy.HourAndOffering, 0, "upstream-1", Cancel)).Value;
        Assert.Equal(
            Hours(attempts.Where(attempt => attempt.StartedMs >= FirstMs + DayMs)), hours.Where(hour => hour.Attempts > 0).Select(hour => (hour.HourMs, hour.Upstream, hour.UpstreamModel, hour.Currency, hour.Attempts, hour.Failed, hour.CostNano)).Order());
        Assert.Equal(
            Hours(attempts.Where(attempt => attempt.Upstream == "upstream-1")), ofOne.Where(hour => hour.Attempts > 0).Select(hour => (hour.HourMs, hour.Upstream, hour.UpstreamModel, hour.Currency, hour.Attempts, hour.Failed, hour.CostNano)).Order());

        foreach (var by in (TrafficBy[])[TrafficBy.Nothing, TrafficBy.Hour, TrafficBy.Offering])
        {
            var sums = (await database.Traffic.HoursAsync(by, FirstMs + DayMs, null, Cancel)).Value;
            Assert.Equal(
                attempts.Where(attempt => attempt.StartedMs >= FirstMs + DayMs)
                    .GroupBy(attempt => (by.HasFlag(TrafficBy.Hour) ? attempt.StartedMs / MeteringTestData.HourMs * MeteringTestData.HourMs : 0, by.HasFlag(TrafficBy.Offering) ? attempt.Upstream + attempt.UpstreamModel : "", attempt.Currency))
                    .Select(same => (same.Key, (long)same.Count(), same.Sum(attempt => attempt.CostNano ?? 0))).Order(),
                sums.Where(sum => sum.Attempts > 0).Select(sum => ((sum.HourMs, sum.Upstream + sum.UpstreamModel, sum.Currency), sum.Attempts, sum.CostNano)).Order());
        }

        var days = (await database.Ledger.DailyCostsAsync("upstream-0", FirstMs, EndMs, Cancel)).Value;
        Assert.Equal(
            attempts.Where(attempt => attempt.Upstream == "upstream-0").GroupBy(attempt => (At(attempt).ToString("yyyy-MM-dd"), attempt.UpstreamModel, attempt.Currency)).Select(group => (group.Key, (long)group.Count(), group.Sum(attempt => attempt.CostNano ?? 0))).Order(),
            days.Select(day => ((day.Day, day.Model, day.Currency), day.Attempts, day.CostNano)).Order());
    }

    private static IEnumerable<(long HourMs, string Upstream, string Model, string Currency, long Attempts, long Failed, long CostNano)> Hours(IEnumerable<AttemptRecord> attempts) =>
        attempts.GroupBy(attempt => (HourMs: attempt.StartedMs / MeteringTestData.HourMs * MeteringTestData.HourMs, attempt.Upstream, attempt.UpstreamModel, attempt.Currency))
            .Select(group => (group.Key.HourMs, group.Key.Upstream, group.Key.UpstreamModel, group.Key.Currency, (long)group.Count(), (long)group.Count(attempt => attempt.Failure.Length > 0), group.Sum(attempt => attempt.CostNano ?? 0))).Order();

    private static DateTimeOffset At(AttemptRecord attempt) => DateTimeOffset.FromUnixTimeMilliseconds(attempt.StartedMs);

    // Over all the days, in no order; one day has none, and hours lie on both sides of every midnight.
    private static AttemptRecord[] Spread(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. MeteringTestData.Many(count, seed).Select(attempt =>
            {
                var day = random.Next(Days - 1);
                return attempt with { StartedMs = FirstMs + (day < 4 ? day : day + 1) * DayMs + (random.Next(3) == 0 ? random.NextInt64(2) * (DayMs - 1) : random.NextInt64(DayMs)) };
            }),
        ];
    }
}
