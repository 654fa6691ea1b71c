using Trivet.Core.Replay;
using Trivet.Wire.Canonical;
using static Trivet.Tests.Replay.ReplayRig;

namespace Trivet.Tests.Replay;

public sealed class ReplayMemoryTests
{
    private const string LongId = "toolu_01ABCDEFGHJKLMN";
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_node_finds_a_turn_in_the_database_with_texts_as_they_stood()
    {
        var store = new FakeReplayStore();
        var here = new ReplayRig(store, _time);
        var text = Trivet.Wire.Json.JsonText.FromToken("\"a\\u002bb\\/c\""u8.ToArray());
        here.Answer(Claude, Protocol.OpenAIChat, 0, new ReasoningBlock { Text = text, Signature = "EqQB" }, Call(LongId));
        Assert.Null(await here.Writer.WriteAsync(Cancel));
        var thought = Assert.IsType<ReasoningBlock>((await new ReplayRig(store, _time).SendAsync(Claude, [Call(LongId)]))[0]);
        Assert.Equal(text.Token.ToArray(), thought.Text.Token.ToArray()); // byte for byte: the signature covers it
    }

    [Fact]
    public async Task A_turn_found_in_memory_by_one_call_and_in_the_database_by_another_is_restored_once()
    {
        var store = new FakeReplayStore();
        var here = new ReplayRig(store, _time);
        here.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId + "1"), Call(LongId + "2"));
        await here.Writer.WriteAsync(Cancel);
        var there = new ReplayRig(store, _time);
        await there.SendAsync(Claude, [Call(LongId + "2")]);
        Assert.Single(await there.SendAsync(Claude, [Call(LongId + "1"), Call(LongId + "2")]), static block => block is ReasoningBlock);
    }

    [Fact]
    public async Task What_is_not_there_is_asked_for_once()
    {
        var rig = new ReplayRig(time: _time);
        await rig.SendAsync(Claude, [Call(LongId)]);
        await rig.SendAsync(Claude, [Call(LongId)]);
        Assert.Equal(1, rig.Store.Lookups);
        _time.Advance(TimeSpan.FromMinutes(3));
        await rig.SendAsync(Claude, [Call(LongId)]);
        Assert.Equal(2, rig.Store.Lookups);
    }

    [Fact]
    public async Task An_answer_without_thoughts_is_not_asked_for_at_all()
    {
        var rig = new ReplayRig(time: _time);
        rig.Answer(Claude, Protocol.OpenAIChat, 0, Call(LongId));
        await rig.SendAsync(Claude, [Call(LongId)]);
        Assert.Equal((0, 0), (rig.Store.Lookups, rig.Store.TurnCount));
    }

    [Fact]
    public async Task A_database_that_is_away_costs_thoughts_and_no_request()
    {
        var rig = new ReplayRig(time: _time);
        rig.Store.IsAway = true;
        rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        Assert.NotNull(await rig.Writer.WriteAsync(Cancel));
        Assert.Equal(2, (await rig.SendAsync(Claude, [Call(LongId)])).Count);
        Assert.Single(await rig.SendAsync(Claude, [Call("toolu_99never_seen_before")]));
        rig.Store.IsAway = false;
        Assert.Null(await rig.Writer.WriteAsync(Cancel));
        Assert.Equal(1, rig.Store.TurnCount);
    }

    [Fact]
    public async Task Thoughts_expire()
    {
        var rig = new ReplayRig(time: _time);
        rig.Answer(Claude, Protocol.OpenAIChat, 0, Thought("hm", "EqQB"), Call(LongId));
        await rig.Writer.WriteAsync(Cancel);
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Single(await rig.SendAsync(Claude, [Call(LongId)]));
    }

    [Fact]
    public void Memory_is_bounded_and_the_least_used_goes_first()
    {
        var cache = new BoundedCache<int, string>(_time);
        const long max = 3 * 1200;
        for (var i = 0; i < 3; i++)
            cache.Set(i, "", 1000, TimeSpan.FromHours(1), max);
        Assert.NotNull(cache.Find(0));
        cache.Set(9, "", 1000, TimeSpan.FromHours(1), max);
        Assert.Equal([true, false, true, true], ((int[])[0, 1, 2, 9]).Select(i => cache.Find(i) is not null));
        Assert.True(cache.Bytes <= max);
    }
}
