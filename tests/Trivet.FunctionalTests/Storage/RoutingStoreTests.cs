using Trivet.Core.Relay.Feedback;
using Trivet.Core.Routing.Policies;

namespace Trivet.FunctionalTests.Storage;

/// <summary>What routing reads back: attempts of the last hours, and what people said of answers.</summary>
public sealed class RoutingStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Attempts_of_requests_since_a_time_come_oldest_first_and_the_oldest_are_left_out(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        const long StartMs = 1_790_000_000_000;
        var attempts = Enumerable.Range(0, 10).Select(i => MeteringTestData.Full($"att_{i}") with { RequestId = $"req_{StartMs + (i * 1000):x12}7abc0123456789abcdef", StartedMs = StartMs + (i * 1000), Route = $"route-{i % 3}" }).ToList();
        await database.SpoolSink.CommitAsync([.. attempts.Select(MeteringTestData.Spooled)], Cancel);

        var since = (await database.AttemptLog.ReadAsync(StartMs + 4000, 100, null, Cancel)).Value;
        var newest = (await database.AttemptLog.ReadAsync(0, 3, null, Cancel)).Value;

        Assert.Equal(attempts[4..], since);
        Assert.Equal(attempts[7..], newest);

        // Of one route among those that are looked at.
        Assert.Equal([attempts[5], attempts[8]], (await database.AttemptLog.ReadAsync(0, 6, "route-2", Cancel)).Value);
        Assert.Equal([attempts[8]], (await database.AttemptLog.ReadAsync(0, 3, "route-2", Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_later_verdict_on_a_request_takes_the_place_of_the_earlier(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var first = new FeedbackRecord("req_1", "o", "key_1", 1000, FeedbackVerdict.Up, RequestTask.Code, "lab/m");
        var other = first with { RequestId = "req_2", AtMs = 1500, Verdict = FeedbackVerdict.Accepted };
        foreach (var feedback in new[] { first, other, first with { AtMs = 2000, Verdict = FeedbackVerdict.Retried } })
            Assert.True((await database.Feedback.SaveAsync(feedback, Cancel)).IsSuccess);

        Assert.Equal([other, first with { AtMs = 2000, Verdict = FeedbackVerdict.Retried }], (await database.Feedback.ListAsync(0, 10, Cancel)).Value);
        Assert.Equal([first with { AtMs = 2000, Verdict = FeedbackVerdict.Retried }], (await database.Feedback.ListAsync(1501, 10, Cancel)).Value);
    }
}
