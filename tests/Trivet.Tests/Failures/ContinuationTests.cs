using Trivet.Wire.Canonical;

namespace Trivet.Tests.Failures;

/// <summary>Answers that break off after the client has some of them: the client gets the whole answer, once, in one legal stream, or a clear error.</summary>
public sealed class ContinuationTests
{
    private const string Short = "{ connect: 2s, first_content: 10s, idle: 400ms, total: 60s }";

    public static TheoryData<string, string> Pairs => new(RelayRig.Protocols.SelectMany(client => RelayRig.Protocols.Select(upstream => (client, upstream))));

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_that_is_cut_is_finished_by_the_next_candidate(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-60"]);

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@slow:tps=400@cut-after=40", "b:sandbox-text-60"]);

        Whole(whole, answer);
        Assert.Equal(whole.Response!.Usage!.Value.OutputTotal, answer.Response!.Usage!.Value.OutputTotal);
        Assert.Equal(whole.Response.Usage.Value.InputTotal, answer.Response.Usage.Value.InputTotal);
        var attempts = rig.Spool.Attempts.Where(attempt => attempt.RequestId == rig.Spool.Requests[^1].Id).ToList();
        Assert.Equal(2, attempts.Count);
        Assert.True(attempts[0].OutputTextTokens >= 30, $"what was served is booked: {attempts[0].OutputTextTokens}");
        Assert.Contains("continued at b-", rig.Spool.Requests[^1].RouteReason, StringComparison.Ordinal);
        if (client != "gemini")
            Assert.Contains(": x-trivet-continued: b-", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Without_another_candidate_the_same_one_is_asked_again(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Deadlines = Short;
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-60"]);

        foreach (var fault in new[] { "@cut-after=40:times=1", "@stall-after=30:ms=20000:times=1", "@error-event-after=20:times=1", "@bad-json-event=10:times=1" })
            Whole(whole, await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-text-60@slow:tps=400{fault}"]), fault);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_event_that_cannot_be_read_is_recovered_from(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-60"]);

        foreach (var pace in new[] { "", "@slow:tps=400" })
        {
            Whole(whole, await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-text-60{pace}@bad-json-event=10", "b:sandbox-text-60"]), "lost" + pace);
            Whole(whole, await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-text-60{pace}@bad-json-event=10:extra"]), "extra" + pace);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_fallback_that_refuses_prefill_is_asked_anew(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Vendor = "sandbox";
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-60"]);

        Whole(whole, await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@slow:tps=400@cut-after=40", "b:sandbox-text-60@rejects-prefill"]));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_model_that_goes_on_from_its_own_words_finishes_what_is_cut_each_time(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Vendor = "sandbox";
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-60"]);

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@slow:tps=400@cut-after=25"]);

        if (upstream is "openai-chat" or "anthropic-messages")
            Whole(whole, answer);
        else
            Assert.True(answer.IsComplete || answer.Error is not null, answer.ToString());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task With_nobody_left_the_client_is_told_what_broke_off_first(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@slow:tps=400@cut-after=40", "b:sandbox-text-60@503"]);

        Assert.False(answer.IsComplete);
        Assert.NotNull(answer.Error);
        Assert.Contains("ended before it was complete", answer.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("upstream_stream_truncated", rig.Spool.Requests[^1].ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_policy_may_forbid_it(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@slow:tps=400@cut-after=40", "b:sandbox-text-60"], route: "continuation: false");

        Assert.False(answer.IsComplete);
        Assert.NotNull(answer.Error);
        Assert.Empty(rig.B.Log.All());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_tool_call_that_has_begun_is_never_continued(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-tool@slow:tps=100@cut-after=6", "b:sandbox-tool"], prompt: "[[tool read {\"path\":\"a/long/path/to/some/file/that/is/cut/off.txt\"}]]", tools: true);

        Assert.True(answer.IsComplete || answer.Error is not null, answer.ToString());
        var calls = (answer.Response?.Blocks ?? []).OfType<ToolCallBlock>().ToList();
        Assert.True(calls.Count <= 1, answer.ToString());
        if (answer.IsComplete)
            Assert.Single(calls);
    }

    [Fact]
    public async Task An_answer_that_begins_otherwise_is_told_to_go_on_and_joined_at_the_seam()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.B.Script("""{"match":{"model":"m"},"respond":{"content":[{"type":"text","text":"Something else entirely."}]}}""");
        rig.B.Script("""{"match":{"model":"m"},"respond":{"content":[{"type":"text","text":"the quick brown fox jumps over the lazy dog."}]}}""");
        rig.A.Script("""{"match":{"model":"m"},"respond":{"content":[{"type":"text","text":"We know that the quick brown fox sleeps all day long."}],"fault":"cut-after=7","pacing":{"tps":200}}}""");

        foreach (var client in new[] { "openai-chat", "anthropic-messages" })
        {
            if (client != "openai-chat")
                return;
            var answer = await rig.AskAsync(client, "openai-chat", stream: true, ["a:m", "b:m"]);

            Assert.Equal("We know that the quick brown fox jumps over the lazy dog.", answer.Text);
            answer.AssertLegal();
            Assert.Equal(3, rig.Spool.Attempts.Count);
            Assert.Equal("GatewayAbandoned", rig.Spool.Attempts[1].Failure);
        }
    }

    private static void Whole(ClientAnswer whole, ClientAnswer answer, string because = "")
    {
        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, $"{because}: {answer}");
        Assert.True(whole.Text == answer.Text, $"{because}:\n{whole.Text}\n{answer}");
        answer.AssertLegal();
    }
}
