using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;
using Trivet.Storage.Relay;

namespace Trivet.FunctionalTests.Storage;

public sealed class RequestStoreTests(PostgresCluster cluster)
{
    private const int Count = 300;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, RequestQuery> Questions()
    {
        RequestQuery[] questions =
        [
            new(),
            new() { Organisation = "acme" },
            new() { Organisation = "acme", Team = "search" },
            new() { Team = "" },
            new() { KeyId = "key_1" },
            new() { Organisation = "acme", KeyId = "key_1", Model = "claude-x" },
            new() { FromMs = At(40), UntilMs = At(170) },
            new() { Organisation = "acme", FromMs = At(40), UntilMs = At(170) },
            new() { Protocol = "gemini", Outcome = RequestOutcome.Answered },
            new() { Outcome = RequestOutcome.Failed },
            new() { Outcome = RequestOutcome.Rescued, Organisation = "default" },
            new() { Status = 502 },
            new() { ErrorCode = "upstream_failed", SessionId = "s-3" },
            new() { DurationMsMin = 250 },
            new() { Upstream = "lab-2" },
            new() { Upstream = "lab-2", Organisation = "acme", Failure = "UpstreamTimeout" },
            new() { Upstream = "lab-2", Failure = RequestQuery.AnyFailure },
            new() { UpstreamModel = "model-1", Route = "route-0", FromMs = At(10) },
            new() { Upstream = "nobody" },
            new() { Organisation = "nobody" },
        ];
        var data = new TheoryData<string, RequestQuery>();
        foreach (var question in questions)
        {
            data.Add("sqlite", question);
            data.Add("postgres", question);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Every_filter_finds_exactly_what_fits_newest_first_page_by_page(string engine, RequestQuery question)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await FillAsync(test);

        await SameAsync(database.Requests, question);

        // The same where a page ends before it is full, because so many were looked at.
        await SameAsync(new SqlRequestStore(database, lookMax: 20, lookMaxByAttempts: 11), question);
    }

    private static async Task SameAsync(IRequestStore requests, RequestQuery question)
    {
        var found = new List<RequestTrace>();
        var pages = 0;
        for (string? after = null; ;)
        {
            var page = (await requests.SearchAsync(question with { After = after, CountMax = 7 }, Cancel)).Value;
            Assert.True(page.Requests.Count <= 7);
            found.AddRange(page.Requests);
            after = page.Next;
            if (after is null)
                break;
            Assert.True(++pages < Count, "The pages do not end.");
        }

        var expected = Traces().Where(trace => Fits(trace, question)).OrderByDescending(trace => trace.Request!.StartedMs).ThenByDescending(trace => trace.Request!.Id, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Select(trace => trace.Request), found.Select(trace => trace.Request));
        Assert.Equal(expected.SelectMany(trace => trace.Attempts).Select(attempt => attempt.Id), found.SelectMany(trace => trace.Attempts).Select(attempt => attempt.Id));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_key_is_found_by_its_id_and_by_its_name(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        var key = (await new KeyAdmin(database.Keys, database.Journal, TimeProvider.System).CreateAsync(new KeyRequest { Name = "laptop", Organisation = "acme" }, Cancel)).Value.Record;
        var request = Traces().First().Request! with { KeyId = key.Id, Organisation = "acme" };
        await database.SpoolSink.CommitAsync([MeteringTestData.Spooled(request)], Cancel);
        var admin = new RequestAdmin(database.Requests, database.Keys);

        Assert.Equal(request, Assert.Single((await admin.SearchAsync(new RequestQuery { KeyId = "laptop" }, Cancel)).Value.Requests).Request);
        Assert.Equal(request, Assert.Single((await admin.SearchAsync(new RequestQuery { KeyId = key.Id }, Cancel)).Value.Requests).Request);
        Assert.Empty((await admin.SearchAsync(new RequestQuery { KeyId = "nobody's" }, Cancel)).Value.Requests);
    }

    [Fact]
    public async Task A_place_that_is_none_is_refused()
    {
        await using var test = await TestDatabase.CreateAsync("sqlite", cluster);
        var database = await test.OpenAsync();

        Assert.Equal(StoreFaultKind.NotFound, (await database.Requests.SearchAsync(new RequestQuery { After = "here" }, Cancel)).Fault?.Kind);
    }

    private static async Task<Database> FillAsync(TestDatabase test)
    {
        var database = await test.OpenAsync();
        foreach (var batch in Traces().Chunk(100))
        {
            var outcome = await database.SpoolSink.CommitAsync([.. batch.Select(trace => MeteringTestData.Spooled(trace.Request!)), .. batch.SelectMany(trace => trace.Attempts).Select(MeteringTestData.Spooled)], Cancel);
            Assert.True(outcome.IsSuccess);
        }

        return database;
    }

    // 13 minutes apart, so that hours and the turn of a month lie between; some pairs at the same millisecond.
    private static long At(int i) => MeteringTestData.AugustMs - 20 * MeteringTestData.HourMs + i / 2 * 13 * 60_000;

    private static IEnumerable<RequestTrace> Traces()
    {
        for (var i = 0; i < Count; i++)
        {
            var isAcme = i % 3 != 0;
            var fails = i % 7 == 0;
            var request = MeteringTestData.Request($"req_{At(i):x12}{i:x20}") with
            {
                Organisation = isAcme ? "acme" : "default",
                Team = isAcme && i % 2 == 0 ? "search" : "",
                KeyId = isAcme ? $"key_{i % 3}" : "key_d",
                StartedMs = At(i),
                ClientProtocol = i % 5 == 0 ? "gemini" : "openai-chat",
                ModelAsked = i % 4 == 0 ? "claude-x" : "lab-large",
                Status = fails ? 502 : 200,
                ErrorCode = fails ? "upstream_failed" : "",
                DurationMs = i,
                SessionId = $"s-{i % 11}",
                Attempts = i % 6,
            };
            var attempts = Enumerable.Range(1, i % 6).Select(ordinal => MeteringTestData.Full($"att_{i}_{ordinal}", request.Id) with
            {
                Ordinal = ordinal,
                Organisation = request.Organisation,
                Team = request.Team,
                KeyId = request.KeyId,
                StartedMs = request.StartedMs + ordinal * 400_000,
                Route = $"route-{i % 2}",
                Upstream = $"lab-{(i + ordinal) % 5}",
                UpstreamModel = $"model-{i % 3}",
                Failure = ordinal < i % 6 || fails ? "UpstreamTimeout" : "",
            });
            yield return new RequestTrace(request, [.. attempts]);
        }
    }

    private static bool Fits(RequestTrace trace, RequestQuery asked)
    {
        var request = trace.Request!;
        return request.StartedMs >= asked.FromMs && !(request.StartedMs >= asked.UntilMs)
            && (asked.Organisation ?? request.Organisation) == request.Organisation && (asked.Team ?? request.Team) == request.Team
            && (asked.KeyId ?? request.KeyId) == request.KeyId && (asked.Model ?? request.ModelAsked) == request.ModelAsked
            && (asked.Protocol ?? request.ClientProtocol) == request.ClientProtocol && (asked.SessionId ?? request.SessionId) == request.SessionId
            && (asked.Status ?? request.Status) == request.Status && (asked.ErrorCode ?? request.ErrorCode) == request.ErrorCode && request.DurationMs >= (asked.DurationMsMin ?? 0)
            && asked.Outcome switch
            {
                null => true,
                RequestOutcome.Failed => request.ErrorCode.Length > 0,
                RequestOutcome.Rescued => request.ErrorCode.Length == 0 && request.Attempts > 1,
                _ => request.ErrorCode.Length == 0,
            }
            && (!asked.AsksAttempts || trace.Attempts.Any(attempt =>
                (asked.Route ?? attempt.Route) == attempt.Route && (asked.Upstream ?? attempt.Upstream) == attempt.Upstream
                && (asked.UpstreamModel ?? attempt.UpstreamModel) == attempt.UpstreamModel && (asked.Failure == RequestQuery.AnyFailure ? attempt.Failure.Length > 0 : (asked.Failure ?? attempt.Failure) == attempt.Failure)));
    }
}
