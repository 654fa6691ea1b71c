using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>An agent's conversation moves to another upstream at every turn and goes on.</summary>
public sealed class HopTests(HopRig rig) : IClassFixture<HopRig>
{
    private static readonly string[] Clients = ["openai-chat", "openai-chat-thoughtful", "anthropic-messages", "openai-responses", "gemini", "gemini-forgetful"];

    // What of the conversation itself may be named as lost: other vendors' thoughts and their proofs. Anything else is a defect.
    private static readonly HashSet<string> MayBeLost = new(StringComparer.Ordinal)
    {
        "messages[].reasoning", "thought_signature", "messages[].content[].thinking.signature", "messages[].content[].thinking",
    };

    public static TheoryData<string, bool, int> Conversations()
    {
        var data = new TheoryData<string, bool, int>();
        foreach (var client in Clients)
        {
            for (var stride = 1; stride <= 3; stride++)
            {
                data.Add(client, true, stride);
                data.Add(client, false, stride);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Nothing_is_rejected_nothing_is_lost_and_each_vendor_gets_its_own_thoughts_back(string protocol, bool stream, int stride)
    {
        var tag = $"{protocol}-{(stream ? "s" : "w")}-{stride}";
        using var agent = AgentClient.For(protocol, rig.Trivet.Address, rig.Trivet.Key, stream);
        var askedAt = new List<string>();
        for (var turn = 1; turn <= AgentScript.Turns; turn++)
        {
            // Every upstream follows every other over the strides, and each comes back to a conversation that others went on with.
            var upstream = HopRig.Upstreams[(turn * stride + turn / HopRig.Upstreams.Count) % HopRig.Upstreams.Count].Name;
            askedAt.Add(upstream);
            var answer = await agent.StepAsync($"hop-{upstream}-{tag}");
            var where = $"turn {turn} at {upstream}";
            Assert.True(upstream == agent.UpstreamNamed, where);
            Assert.Empty(agent.Lost.Split(", ", StringSplitOptions.RemoveEmptyEntries).Where(field => field.Contains("[]", StringComparison.Ordinal)).Except(MayBeLost));
            if (turn == AgentScript.Turns)
            {
                Assert.Equal($"done with all {AgentScript.Turns} steps", answer.Text);
                break;
            }

            Assert.Equal(AgentScript.Said(turn), answer.Text);
            Assert.Equal(AgentScript.Paths(turn), answer.Calls.Select(call => call.Path));
            Assert.True(answer.Calls.All(call => call.Id.Length == 0) || answer.Calls.Count == answer.Calls.Select(call => call.Id).Distinct().Count(), where);
            agent.AddResults([.. answer.Calls.Select(call => (call.Id, call.Name, AgentScript.ResultOf(call.Path)))]);
        }

        var thoughts = 0;
        foreach (var upstream in HopRig.Upstreams)
            thoughts += await CheckAsync(upstream.Name, tag, askedAt);
        Assert.True(thoughts >= AgentScript.Turns / 2, $"only {thoughts} turns were thought of"); // Messages upstreams do not think on in a tool loop that another began
    }

    // How many turns the upstream thought of.
    private async Task<int> CheckAsync(string upstream, string tag, List<string> askedAt)
    {
        using var sandbox = rig.SandboxOf(upstream);
        var protocol = HopRig.Upstreams.Single(entry => entry.Name == upstream).Protocol;
        var seen = (await sandbox.SeenAsync(tag)).Where(entry => entry.Protocol == protocol).ToList();
        var own = new List<string>();
        var demands = 0;
        foreach (var entry in seen)
        {
            if (upstream is "other" or "kimi" && entry.Status == 400)
            {
                demands++; // nothing is known of this vendor's model: it has to say once that it wants thoughts, and the client sees nothing of it
                continue;
            }

            Assert.True(entry.Status == 200, $"{entry}: {entry.Json.GetProperty("served")}");
            var body = entry.Body.GetRawText();
            Assert.DoesNotContain("trivetV1", body, StringComparison.Ordinal);
            foreach (var thought in own)
                Assert.True(body.Contains(thought, StringComparison.Ordinal), $"{entry}: lacks its own thought '{thought}'");
            if (entry.Json.GetProperty("served").GetProperty("reasoning").GetString() is { Length: > 0 } thoughts)
                own.Add(thoughts.Trim());
        }

        Assert.Equal(askedAt.Count(asked => asked == upstream), seen.Count(entry => entry.Status == 200));
        Assert.True(demands <= 1, $"{upstream} had to say {demands} times that it wants thoughts");
        return own.Count;
    }
}
