using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Failures;

/// <summary>Streams that break where it is hardest to mend or to tell: within a call, behind the last item, at an event that cannot be read, and while another attempt goes on.</summary>
public sealed class BrokenStreamTests
{
    private const string Slow = "@slow:tps=400";
    private const string CallPrompt = "[[tool read {\"path\":\"a/long/path/to/some/file/that/is/cut/off.txt\"}]]";

    public static TheoryData<string, string> Pairs => new(RelayRig.Protocols.SelectMany(client => RelayRig.Protocols.Select(upstream => (client, upstream))));

    public static TheoryData<string> Upstreams => new(RelayRig.Protocols);

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_broken_call_ends_in_an_error_within_a_legal_stream(string client, string upstream)
    {
        foreach (var fault in new[] { "@cut-after=6", "@bad-json-event=8", "@error-event-after=6" })
        {
            await using var rig = await RelayRig.StartAsync();

            var answer = await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-tool{Slow}{fault}"], prompt: CallPrompt, tools: true);

            if (answer.Status != 200)
                Assert.NotNull(answer.Error);
            else if (!answer.IsComplete)
                Told(answer, fault);
            else
                Assert.Single(answer.Response!.Blocks.OfType<ToolCallBlock>());
        }
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task A_client_that_gets_calls_whole_loses_none_that_had_only_begun(string upstream)
    {
        foreach (var fault in new[] { "@cut-after=6", "@error-event-after=6", "@bad-json-event=8" })
        {
            await using var rig = await RelayRig.StartAsync();

            var answer = await rig.AskAsync("gemini", upstream, stream: true, [$"a:sandbox-tool{Slow}{fault}", "b:sandbox-tool"], prompt: CallPrompt, tools: true);

            Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, $"{fault}: {answer}");
            Assert.Single(answer.Response!.Blocks.OfType<ToolCallBlock>());
            Legal(answer, upstream);
        }
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task Nor_one_that_had_begun_behind_text(string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        const string Content = """[{"type":"text","text":"I look at the file that you named."},{"type":"tool_call","name":"read","arguments":{"path":"a/long/path/to/some/file.txt"}}]""";
        rig.A.Script($$$"""{"match":{"model":"m"},"respond":{"fault":"cut-after=15","pacing":{"tps":200},"content":{{{Content}}} }}""");
        rig.B.Script($$$"""{"match":{"model":"m"},"respond":{"content":{{{Content}}} }}""");

        var answer = await rig.AskAsync("gemini", upstream, stream: true, ["a:m", "b:m"], tools: true);

        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, answer.ToString());
        Assert.Equal("I look at the file that you named.", answer.Text);
        Assert.Contains("a/long/path/to/some/file.txt", Encoding.UTF8.GetString(Assert.Single(answer.Response!.Blocks.OfType<ToolCallBlock>()).Arguments.Span), StringComparison.Ordinal);
        Legal(answer, upstream);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_that_ends_behind_its_last_item_is_finished_in_one_legal_stream(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-30"]);

        var answer = await rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-30@slow:tps=300@no-done", "b:sandbox-text-30"]);

        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, answer.ToString());
        Assert.Equal(whole.Text, answer.Text);
        Assert.Equal(whole.Response!.Usage!.Value.OutputTotal, answer.Response!.Usage!.Value.OutputTotal);
        if ((client, upstream) is not ("openai-chat", "openai-chat")) // its [DONE] is the vendor's to send
            answer.AssertLegal();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task One_that_nobody_can_finish_fails_as_the_answer_that_it_was(string client, string upstream)
    {
        foreach (var fault in new[] { "@no-done", "@cut-after=20", "@bad-json-event=10" })
        {
            await using var rig = await RelayRig.StartAsync();

            var answer = await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-text-30@slow:tps=300{fault}"], route: "continuation: false");

            if (!answer.IsComplete)
                Told(answer, fault);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task What_stands_behind_an_event_that_cannot_be_read_is_no_part_of_the_answer_that_others_go_on_with(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        var whole = await rig.AskAsync(client, upstream, stream: true, ["b:sandbox-text-30"]);

        var answer = await rig.AskAsync(client, upstream, stream: true, [$"a:sandbox-text-30{Slow}@bad-json-event=10", $"b:sandbox-text-30{Slow}@bad-json-event=14", "b:sandbox-text-30"]);

        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, answer.ToString());
        Assert.Equal(whole.Text, answer.Text);
        Assert.DoesNotContain(rig.Spool.Attempts, attempt => attempt.Failure == "GatewayAbandoned");
        answer.AssertLegal();
    }

    [Theory]
    [InlineData("@first-token-ms=20000")]
    [InlineData("@silent")]
    [InlineData("@stall-after=5:ms=20000")]
    [InlineData("@error-in-200")]
    [InlineData("@content-filter")]
    [InlineData("@context-length")]
    [InlineData("@401")]
    [InlineData("@html")]
    [InlineData("@empty:body")]
    public async Task A_continuing_attempt_that_fails_in_any_way_leaves_the_answer_to_the_next(string fault)
    {
        foreach (var client in RelayRig.Protocols)
        {
            await using var rig = await RelayRig.StartAsync();
            rig.Deadlines = "{ connect: 2s, first_content: 700ms, idle: 700ms, total: 60s }";
            var whole = await rig.AskAsync(client, "openai-chat", stream: true, ["b:sandbox-text-30"]);

            var answer = await rig.AskAsync(client, "openai-chat", stream: true, [$"a:sandbox-text-30{Slow}@cut-after=20", $"a:sandbox-text-30{fault}", "b:sandbox-text-30"]);

            Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, $"{client}: {answer}");
            Assert.Equal(whole.Text, answer.Text);
            answer.AssertLegal();
        }
    }

    [Fact]
    public async Task Who_failed_before_it_said_anything_is_asked_once_more_when_nobody_else_is_left()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "anthropic-messages", stream: true, [$"a:sandbox-text-30{Slow}@cut-after=20", "b:sandbox-text-30@503:times=1"]);

        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, answer.ToString());
        Assert.Equal(["UpstreamTruncated", "UpstreamOverloaded", "UpstreamTruncated", ""], rig.Spool.Attempts.Select(attempt => attempt.Failure));
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task A_whole_answer_that_begins_otherwise_is_not_joined(string client)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.A.Script("""{"match":{"model":"m"},"respond":{"content":[{"type":"text","text":"We know that the quick brown fox sleeps all day long."}],"fault":"cut-after=7","pacing":{"tps":200}}}""");
        rig.B.Script("""{"match":{"model":"m"},"times":0,"raw":{"status":200,"headers":{"content-type":"application/json"},"body_base64":"eyJpZCI6ImMxIiwib2JqZWN0IjoiY2hhdC5jb21wbGV0aW9uIiwiY3JlYXRlZCI6MSwibW9kZWwiOiJtIiwiY2hvaWNlcyI6W3siaW5kZXgiOjAsImZpbmlzaF9yZWFzb24iOiJzdG9wIiwibWVzc2FnZSI6eyJyb2xlIjoiYXNzaXN0YW50IiwiY29udGVudCI6IlNvbWV0aGluZyBlbHNlLiJ9fV19"}}""");

        var answer = await rig.AskAsync(client, "openai-chat", stream: true, ["a:m", "b:m"]);

        Assert.False(answer.IsComplete);
        Assert.Contains("ended before it was complete", answer.Error?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Something", answer.Text, StringComparison.Ordinal);
        answer.AssertLegal();
    }

    [Fact]
    public async Task A_model_that_is_told_to_go_on_and_repeats_nothing_is_not_joined()
    {
        foreach (var client in RelayRig.Protocols)
        {
            await using var rig = await RelayRig.StartAsync();
            rig.B.Script("""{"match":{"model":"m"},"times":0,"respond":{"content":[{"type":"text","text":"Certainly! It jumps over the lazy dog."}]}}""");
            rig.A.Script("""{"match":{"model":"m"},"respond":{"content":[{"type":"text","text":"We know that the quick brown fox sleeps all day long."}],"fault":"cut-after=7","pacing":{"tps":200}}}""");

            var answer = await rig.AskAsync(client, "openai-chat", stream: true, ["a:m", "b:m"], route: "retry: { tries_max: 3 }");

            Assert.False(answer.IsComplete, answer.ToString());
            Assert.Contains("ended before it was complete", answer.Error?.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("Certainly", answer.Text, StringComparison.Ordinal);
            answer.AssertLegal();
        }
    }

    // Google names calls by their place, and what passes through stays so: our writers' rule is stricter.
    private static void Legal(ClientAnswer answer, string upstream)
    {
        if (upstream != "gemini")
            answer.AssertLegal();
    }

    private static void Told(ClientAnswer answer, string because)
    {
        Assert.True(answer is { Status: 200, Error.Message.Length: > 0 }, $"{because}: {answer}");
        answer.AssertLegal();
    }
}
