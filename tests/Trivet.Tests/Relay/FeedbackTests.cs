using Trivet.Core.Failures;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Tests.Keys;

namespace Trivet.Tests.Relay;

/// <summary>What people say of answers reaches the scorecard of who answered, once, and only from who asked.</summary>
public sealed class FeedbackTests
{
    private readonly FakeStore _store = new();
    private readonly HealthBoard _health = new();
    private readonly ManualTime _time = new();
    private readonly Trivet.Core.Keys.KeyEntry _key;
    private readonly FeedbackDesk _desk;

    public FeedbackTests()
    {
        var keys = KeyTestData.Snapshot(KeyTestData.Record("trv_feedback-test-key"));
        Assert.Equal(Trivet.Core.Keys.KeyVerdict.Accepted, keys.Authenticate("trv_feedback-test-key".AsMemory(), NowMs, out var key));
        _key = key!;
        _desk = new FeedbackDesk(_store, new Traces(_key.Id), _health, _time);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_verdict_on_a_booked_request_goes_to_who_answered_it()
    {
        var (feedback, failure) = await _desk.TakeAsync(_key, "req_1", "down", TestContext.Current.CancellationToken);

        Assert.Null(failure);
        Assert.Equal(("lab/m", FeedbackVerdict.Down), (feedback!.Offering, feedback.Verdict));
        Assert.Equal(feedback, Assert.Single(_store.Saved));
        var share = _health.For("lab/m").Card.Tasks.Read(RequestTask.Chat, NowMs);
        Assert.Equal((0, 1), (share.Value, share.Weight));
    }

    [Theory]
    [InlineData("req_others", "up", "request_id")]
    [InlineData("req_nowhere", "up", "request_id")]
    [InlineData("req_1", "great", "verdict: write one of up, down, accepted, retried")]
    public async Task What_is_not_the_key_s_own_or_no_verdict_is_refused(string request, string verdict, string detail)
    {
        var (feedback, failure) = await _desk.TakeAsync(_key, request, verdict, TestContext.Current.CancellationToken);

        Assert.Null(feedback);
        Assert.Equal(FailureKind.ClientRequestInvalid, failure!.Kind);
        Assert.StartsWith(detail, failure.Detail, StringComparison.Ordinal);
        Assert.Empty(_store.Saved);
    }

    [Fact]
    public async Task What_was_said_before_the_start_is_known_after_it()
    {
        _store.Saved.Add(new FeedbackRecord("req_1", "o", _key.Id, NowMs, FeedbackVerdict.Accepted, RequestTask.Code, "lab/m"));
        await _desk.RestoreAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, _health.For("lab/m").Card.Tasks.Read(RequestTask.Code, NowMs).Value);
        Assert.False(_health.For("lab/m").Card.Tasks.Read(RequestTask.Chat, NowMs).IsKnown);
    }

    [Theory]
    [InlineData("down", 0)]
    [InlineData("accepted", 1)]
    public async Task A_header_speaks_of_the_request_before_it_in_the_conversation(string verdict, double share)
    {
        await using var rig = await Failures.RelayRig.StartAsync();
        string[] candidates = ["a:sandbox-text-5"];
        await rig.AskAsync("openai-chat", "openai-chat", stream: false, candidates, session: "one");
        await rig.AskAsync("openai-chat", "openai-chat", stream: false, candidates, session: "other", feedback: verdict); // nothing was before it
        Assert.Empty(rig.Verdicts.Saved);

        await rig.AskAsync("openai-chat", "openai-chat", stream: false, candidates, session: "one", feedback: verdict);

        var saved = Assert.Single(rig.Verdicts.Saved);
        Assert.Equal(rig.Spool.Requests[0].Id, saved.RequestId);
        Assert.Equal(share, rig.Health.For("a-openai-chat/sandbox-text-5").Card.Tasks.Read(RequestTask.Chat, saved.AtMs).Value);
    }

    [Fact]
    public void What_people_like_for_a_task_counts_for_that_task()
    {
        var rig = new Routing.Policies.PolicyRig("{ aim: { quality: 1 } }", ("a", "1", "1"), ("b", "1.1", "1.1"));
        for (var i = 0; i < 30; i++)
        {
            rig.HealthOf("a").Card.Tasks.Record(RequestTask.Code, isGood: i % 2 == 0, Routing.Policies.PolicyRig.NowMs);
            rig.HealthOf("b").Card.Tasks.Record(RequestTask.Code, isGood: true, Routing.Policies.PolicyRig.NowMs);
        }

        rig.Question = rig.Question with { Task = RequestTask.Code };
        Assert.Equal("b a", rig.Order());
        rig.Question = rig.Question with { Task = RequestTask.Chat };
        Assert.Equal("a b", rig.Order());
    }

    internal sealed class FakeStore : IFeedbackStore
    {
        public List<FeedbackRecord> Saved { get; } = [];

        public ValueTask<StoreOutcome<int>> SaveAsync(FeedbackRecord feedback, CancellationToken cancellationToken)
        {
            Saved.Add(feedback);
            return new((StoreOutcome<int>)1);
        }

        public ValueTask<StoreOutcome<IReadOnlyList<FeedbackRecord>>> ListAsync(long sinceMs, int countMax, CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<FeedbackRecord>>(Saved));
    }

    internal sealed class Traces(string keyId) : ITraceStore
    {
        public ValueTask<StoreOutcome<RequestTrace>> FindAsync(string requestId, CancellationToken cancellationToken) => new(requestId == "req_nowhere"
            ? new StoreFault(StoreFaultKind.NotFound, "none")
            : StoreOutcome.Of(new RequestTrace(
                new RequestRecord { Id = requestId, Organisation = "o", KeyId = requestId == "req_1" ? keyId : "key_other", StartedMs = 1, Endpoint = "/" },
                [new AttemptRecord { Id = "att_1", RequestId = requestId, Organisation = "o", KeyId = keyId, StartedMs = 1, Upstream = "lab", UpstreamModel = "m" }])));

        public ValueTask<StoreOutcome<IReadOnlyList<RequestRecord>>> ListRecentAsync(int countMax, CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<RequestRecord>>([]));
    }
}
