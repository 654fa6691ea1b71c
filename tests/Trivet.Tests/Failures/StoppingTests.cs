using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Failures;

/// <summary>The gateway is being stopped, or has too much to do.</summary>
public sealed class StoppingTests
{
    public static TheoryData<string, bool> Clients => new(RelayRig.Protocols.SelectMany(client => new[] { (client, false), (client, true) }));

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_new_request_is_refused_with_a_time_to_come_back(string client, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Load.Stop();

        var answer = await rig.AskAsync(client, "openai-chat", stream, ["a:sandbox-text-20"]);

        Assert.Equal(503, answer.Status);
        Assert.Equal(("1", "close"), (answer.Headers["retry-after"], answer.Headers["connection"]));
        Assert.False(string.IsNullOrEmpty(answer.Error?.Message));
        Assert.Empty(rig.A.Log.All());
        Assert.Empty(rig.Spool.Requests);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Beyond_what_may_run_at_a_time_a_request_is_refused_with_a_time_to_come_back(string client, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.More = "limits: { concurrent_max: 1 }";
        Assert.Null(rig.Load.Enter(new() { ConcurrentMax = 1 }, TimeProvider.System.GetTimestamp()));

        var shed = await rig.AskAsync(client, "openai-chat", stream, ["a:sandbox-text-20"]);
        rig.Load.Exit();
        var served = await rig.AskAsync(client, "openai-chat", stream, ["a:sandbox-text-20"]);

        Assert.Equal((503, "1"), (shed.Status, shed.Headers["retry-after"]));
        Assert.Equal(200, served.Status);
        Assert.Equal(0, rig.Load.Running);
    }

    [Theory]
    [InlineData("openai-chat", "openai-chat")]
    [InlineData("openai-responses", "openai-chat")]
    [InlineData("anthropic-messages", "anthropic-messages")]
    [InlineData("gemini", "openai-responses")]
    public async Task A_stream_that_does_not_end_in_time_ends_in_an_error_of_its_protocol_and_is_billed(string client, string upstream)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 5 } }";
        var asking = rig.AskAsync(client, upstream, stream: true, ["a:sandbox-text-60@stall-after=30:ms=600000", "b:sandbox-text-60"]);
        await UntilAsync(() => rig.A.Log.All().Any(entry => entry.TokensSent == 30) && rig.Asking?.Status == 200);

        rig.Relay.StopAll();
        var answer = await asking;

        Assert.Equal(200, answer.Status);
        Assert.Contains("shutting down", answer.Error?.Message ?? "", StringComparison.Ordinal);
        answer.AssertLegal();
        var attempt = Assert.Single(rig.Spool.Attempts);
        Assert.Equal((nameof(FailureKind.GatewayStopping), true), (attempt.Failure, attempt.Committed));
        Assert.True(attempt is { Estimated: true, OutputTextTokens: > 0 });
        Assert.True(attempt.ChargedNano > 0);
        Assert.Empty(rig.B.Log.All());
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_request_without_an_answer_yet_is_told_to_come_back(string client, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();
        var asking = rig.AskAsync(client, "anthropic-messages", stream, ["a:sandbox-text-20@headers-ms=600000", "b:sandbox-text-20"]);
        await UntilAsync(() => rig.A.Log.All().Any(entry => entry.Model is not null));

        rig.Relay.StopAll();
        var answer = await asking;

        Assert.Equal((503, "1"), (answer.Status, answer.Headers["retry-after"]));
        Assert.Empty(rig.B.Log.All());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
