using Trivet.Core.Relay.Feedback;
using Trivet.Core.Routing.Policies;

namespace Trivet.Tests.Relay;

public sealed class AnsweredRequestsTests
{
    private readonly AnsweredRequests _answered = new();

    [Fact]
    public void The_last_ten_thousand_are_nearly_all_there_and_those_long_ago_are_not()
    {
        for (var i = 0; i < 200_000; i++)
            _answered.Add(Request(i, session: 0));

        Assert.InRange(Enumerable.Range(190_000, 10_000).Count(i => _answered.Find($"req_{i}")?.AtMs == i), 9_500, 10_000);
        Assert.Equal(0, Enumerable.Range(0, 10_000).Count(i => _answered.Find($"req_{i}") is not null));
    }

    [Fact]
    public void A_conversation_is_known_by_its_last_request_and_none_is_not_known()
    {
        for (var i = 0; i < 30_000; i++)
            _answered.Add(Request(i, session: (ulong)(1 + (i % 100))));
        _answered.Add(Request(30_000, session: 0));

        Assert.Equal("req_29999", _answered.FindLast(100)!.Id);
        Assert.Equal("req_29900", _answered.FindLast(1)!.Id);
        Assert.Null(_answered.FindLast(101));
        Assert.Null(_answered.FindLast(0));
    }

    [Fact]
    public async Task Many_at_once_lose_nobody_but_those_of_one_set()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
                _answered.Add(Request((worker * 2_000) + i, session: 0));
        })));

        Assert.InRange(Enumerable.Range(0, 8_000).Count(i => _answered.Find($"req_{i}") is not null), 7_600, 8_000);
    }

    [Fact]
    public void A_request_is_judged_once()
    {
        var request = Request(1, session: 0);

        Assert.True(request.TryJudge());
        Assert.False(request.TryJudge());
    }

    private static AnsweredRequest Request(int number, ulong session) => new($"req_{number}", "key", session, RequestTask.Chat, "lab/m", number);
}
