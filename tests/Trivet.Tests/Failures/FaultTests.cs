using Trivet.Sandbox;

namespace Trivet.Tests.Failures;

/// <summary>The documented faults of an upstream, for every client protocol before every upstream protocol, streamed and not.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, string, bool> Cells => new(RelayRig.Protocols.SelectMany(client => RelayRig.Protocols.SelectMany(upstream => new[] { (client, upstream, false), (client, upstream, true) })));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_500_once_is_retried_at_the_same_upstream(string client, string upstream, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream, ["a:sandbox-text-20@500:times=1", "b:sandbox-text-20"]);

        Served(answer, stream);
        Assert.Equal(2, Asked(rig.A));
        Assert.Equal(0, Asked(rig.B));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Errors_within_a_good_status_fail_over(string client, string upstream, bool stream)
    {
        foreach (var fault in new[] { "error-in-200", "base-resp", "html", "empty:body", "truncated-json", "reset", "wrong-content-type", "no-usage" })
        {
            await using var rig = await RelayRig.StartAsync();

            var answer = await rig.AskAsync(client, upstream, stream, [$"a:sandbox-text-20@{fault}", "b:sandbox-text-20"]);

            Assert.True(answer is { Status: 200, IsComplete: true, Error: null } && answer.Text.Length > 0, $"{fault}: {answer}");
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task An_answer_without_its_end_marker_is_complete(string client, string upstream, bool stream)
    {
        if (upstream == "openai-responses" && stream)
            return; // its end marker is its finish reason: without it the answer is cut off
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream, ["a:sandbox-text-20@no-done"]);

        // What passes through ends as the vendor ended it: Chat's [DONE] is the vendor's to send, so the stream is whole and yet not to the letter of the protocol.
        Served(answer, stream && (client, upstream) is not ("openai-chat", "openai-chat"));
        Assert.True(answer.Response!.Usage?.OutputTotal > 0);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_short_wait_that_is_asked_for_is_waited_out_on_the_same_upstream(string client, string upstream, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, upstream, stream, ["a:sandbox-text-20@429:retry-after-ms=300:times=1", "b:sandbox-text-20"]);

        Served(answer, stream);
        Assert.Equal(2, Asked(rig.A));
        var times = rig.A.Log.All().Select(entry => entry.Time).ToList();
        Assert.True(times[1] - times[0] >= TimeSpan.FromMilliseconds(270), $"{times[1] - times[0]}");
    }

    [Fact]
    public async Task A_longer_wait_fails_over_at_once()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, ["a:sandbox-text-20@429:retry-after=30", "b:sandbox-text-20"]);

        Served(answer, stream: true);
        Assert.Equal((1, 1), (Asked(rig.A), Asked(rig.B)));
    }

    [Fact]
    public async Task How_long_a_wait_is_short_is_the_route_s_to_say()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, ["a:sandbox-text-20@429:retry-after-ms=400:times=1", "b:sandbox-text-20"], route: "retry: { wait_max: 100ms }");

        Served(answer, stream: true);
        Assert.Equal((1, 1), (Asked(rig.A), Asked(rig.B)));
    }

    [Fact]
    public async Task A_limit_without_a_wait_is_backed_off_from_and_then_left()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "anthropic-messages", stream: false, ["a:sandbox-text-20@429", "b:sandbox-text-20"]);

        Served(answer, stream: false);
        var times = rig.A.Log.All().Select(entry => entry.Time).ToList();
        Assert.Equal(2, times.Count);
        Assert.True(times[1] - times[0] >= TimeSpan.FromMilliseconds(250), $"{times[1] - times[0]}");
    }

    [Fact]
    public async Task With_nobody_left_the_client_is_told_the_limit_and_the_wait()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "anthropic-messages", stream: false, ["a:sandbox-text-20@429:retry-after=30"]);

        Assert.Equal(429, answer.Status);
        Assert.Equal("30", answer.Headers["retry-after"]);
        Assert.Equal(1, Asked(rig.A));
    }

    [Theory]
    [InlineData("context-length", 400, "context_length_exceeded")]
    [InlineData("content-filter", 400, "content_filter")]
    public async Task What_the_request_is_to_blame_for_is_asked_once_and_told(string fault, int status, string code)
    {
        foreach (var client in RelayRig.Protocols)
        {
            await using var rig = await RelayRig.StartAsync();

            var answer = await rig.AskAsync(client, "openai-chat", stream: true, [$"a:sandbox-text-20@{fault}", $"b:sandbox-text-20@{fault}"]);

            Assert.Equal(status, answer.Status);
            Assert.Equal((1, 0), (Asked(rig.A), Asked(rig.B)));
            Assert.True(answer.Body.Contains(code, StringComparison.Ordinal) || client is "gemini" or "anthropic-messages", answer.ToString());
        }
    }

    [Fact]
    public async Task A_longer_context_is_looked_for_where_the_conversation_does_not_fit()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("anthropic-messages", "openai-chat", stream: true, ["a:sandbox-text-20@context=2", "b:sandbox-text-20@context=2", "b:sandbox-text-30"]);

        Served(answer, stream: true);
        Assert.Equal((1, 1), (Asked(rig.A), Asked(rig.B)));
    }

    [Theory]
    [InlineData("401")]
    [InlineData("402")]
    [InlineData("403")]
    public async Task A_dead_credential_is_the_gateway_s_and_another_is_used(string fault)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Keys = "[\"k1\", \"k2\"]";

        var answer = await rig.AskAsync("anthropic-messages", "openai-chat", stream: false, [$"a:sandbox-text-20@{fault}:times=1"]);

        Served(answer, stream: false);
        Assert.Equal(2, rig.A.Log.All().Select(entry => entry.Headers["authorization"]).Distinct().Count());

        rig.Keys = "[\"k3\", \"k4\"]";
        var dead = await rig.AskAsync("anthropic-messages", "openai-chat", stream: false, [$"a:sandbox-text-21@{fault}"]);
        Assert.Equal(502, dead.Status);
        Assert.DoesNotContain("invalid_api_key", dead.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_on_one_model_leaves_its_neighbours_on_the_same_key_alone()
    {
        await using var rig = await RelayRig.StartAsync();

        await rig.AskAsync("openai-chat", "openai-chat", stream: false, ["a:sandbox-text-20@429:retry-after=30", "b:sandbox-text-20"]);
        var neighbour = await rig.AskAsync("openai-chat", "openai-chat", stream: false, ["a:sandbox-text-21", "b:sandbox-text-21"]);

        Assert.Equal("a-openai-chat", neighbour.Headers["x-trivet-upstream"]);
    }

    [Fact]
    public async Task After_an_upstream_s_failure_an_independent_one_comes_before_its_neighbour()
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: false, ["a:sandbox-text-20@503", "a:sandbox-text-21", "b:sandbox-text-22"]);

        Served(answer, stream: false);
        Assert.Equal("b-openai-chat", answer.Headers["x-trivet-upstream"]);
        Assert.Equal(2, Asked(rig.A));
    }

    [Fact]
    public async Task A_silent_upstream_gets_one_try()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Deadlines = "{ connect: 2s, first_content: 500ms, idle: 5s, total: 20s }";

        var silent = await rig.AskAsync("openai-chat", "anthropic-messages", stream: true, ["a:sandbox-text-20@silent", "b:sandbox-text-20"]);
        var slow = await rig.AskAsync("gemini", "openai-chat", stream: true, ["a:sandbox-text-20@first-token-ms=20000:preamble@comments=50", "b:sandbox-text-20"]);

        Served(silent, stream: true);
        Served(slow, stream: true);
        Assert.Equal((2, 2), (Asked(rig.A), Asked(rig.B)));
    }

    [Fact]
    public async Task Who_broke_off_once_comes_back_when_nobody_else_is_left_and_who_was_silent_does_not()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Deadlines = "{ connect: 2s, first_content: 500ms, idle: 5s, total: 20s }";

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, ["a:sandbox-text-20@reset:times=1", "b:sandbox-text-20@503"]);
        var silent = await rig.AskAsync("openai-chat", "anthropic-messages", stream: true, ["a:sandbox-text-21@silent", "b:sandbox-text-21@503"]);
        var broken = await rig.AskAsync("openai-chat", "gemini", stream: true, ["a:sandbox-text-22@reset", "b:sandbox-text-22@reset"]);

        Served(answer, stream: true);
        Assert.Equal(503, silent.Status);
        Assert.Equal(502, broken.Status);
        Assert.Equal((2, 1, 2), (Asked(rig.A, "sandbox-text-20"), Asked(rig.A, "sandbox-text-21"), Asked(rig.A, "sandbox-text-22")));
        Assert.Equal((2, 2, 2), (Asked(rig.B, "sandbox-text-20"), Asked(rig.B, "sandbox-text-21"), Asked(rig.B, "sandbox-text-22")));
    }

    [Fact]
    public async Task An_outage_costs_no_request_and_the_first_upstream_is_back_seconds_after_it()
    {
        await using var rig = await RelayRig.StartAsync();
        string[] candidates = ["a:sandbox-text-20@503:down-ms=4000", "b:sandbox-text-20"];

        string upstream;
        var (requests, tries) = (0, 0);
        do
        {
            var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: false, candidates);
            Served(answer, stream: false);
            upstream = answer.Headers["x-trivet-upstream"];
            (requests, tries) = (requests + 1, tries + int.Parse(answer.Headers["x-trivet-attempts"]));
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        while (upstream != "a-openai-chat" && requests < 200);

        Assert.Equal("a-openai-chat", upstream);
        Assert.True(requests is > 8 and < 60, $"back after {requests} requests");
        Assert.True(tries - requests <= 8, $"{tries} tries for {requests} requests");
    }

    private static int Asked(SandboxHost sandbox) => sandbox.Log.All().Count;

    private static int Asked(SandboxHost sandbox, string model) => sandbox.Log.All().Count(entry => entry.Model?.StartsWith(model, StringComparison.Ordinal) == true);

    private static void Served(ClientAnswer answer, bool stream)
    {
        Assert.True(answer is { Status: 200, IsComplete: true, Error: null }, answer.ToString());
        Assert.NotEqual("", answer.Text);
        if (stream)
            answer.AssertLegal();
    }
}
