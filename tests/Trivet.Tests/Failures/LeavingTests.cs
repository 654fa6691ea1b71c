using Trivet.Core.Relay.Metering;
using Trivet.Sandbox;

namespace Trivet.Tests.Failures;

/// <summary>Clients that leave before their answer has ended.</summary>
public sealed class LeavingTests
{
    [Theory]
    [InlineData("openai-chat", "openai-chat")]
    [InlineData("openai-chat", "anthropic-messages")]
    [InlineData("anthropic-messages", "gemini")]
    public async Task An_upstream_is_read_to_its_end_within_the_grace_and_billed_by_what_it_reports(string client, string upstream)
    {
        foreach (var stream in new[] { false, true })
        {
            await using var rig = await RelayRig.StartAsync();
            rig.More = "limits: { grace: 60s }";

            await rig.AskAsync(client, upstream, stream, ["a:sandbox-text-20@headers-ms=400"], leaves: AskedAsync(rig.A));

            var attempt = Assert.Single(rig.Spool.Attempts);
            Assert.Equal(("ClientGone", true, false, 20), (attempt.Failure, attempt.ClientDisconnected, attempt.Estimated, attempt.OutputTextTokens));
            Assert.True(rig.A.Log.All().Single().IsComplete);
            Assert.Equal(499, Assert.Single(rig.Spool.Requests).Status);
        }
    }

    [Fact]
    public async Task An_upstream_that_does_not_end_within_the_grace_is_cancelled_and_what_it_was_asked_is_estimated()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.More = "limits: { grace: 50ms }";

        await rig.AskAsync("openai-chat", "openai-chat", stream: false, ["a:sandbox-text-20@headers-ms=600000"], leaves: AskedAsync(rig.A));

        var attempt = Assert.Single(rig.Spool.Attempts);
        Assert.Equal(("ClientGone", true, 0), (attempt.Failure, attempt.Estimated, attempt.OutputTextTokens));
        Assert.True(attempt.InputUncachedTokens > 0);
    }

    [Fact]
    public async Task No_other_upstream_is_asked_for_a_client_that_has_left()
    {
        await using var rig = await RelayRig.StartAsync();

        await rig.AskAsync("openai-chat", "openai-chat", stream: true, ["a:sandbox-text-20@headers-ms=300@503", "b:sandbox-text-20"], leaves: AskedAsync(rig.A));

        Assert.Single(rig.Spool.Attempts);
        Assert.Empty(rig.B.Log.All());
    }

    // The request is there, and was sent whole.
    private static async Task AskedAsync(SandboxHost sandbox)
    {
        while (!sandbox.Log.All().Any(entry => entry.Model is not null))
            await Task.Delay(5);
        await Task.Delay(50);
    }
}
