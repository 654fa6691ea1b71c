using Trivet.FunctionalTests.Clients;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>
/// The task that every agent does on every upstream: thinks, reads two files at once, runs a command whose effect would show twice if it ran twice, writes what
/// the command said into a file, and ends. The sandbox plays the model; what happened is read from the disk, from the sandbox's log and from the agent's own words.
/// </summary>
internal static class AgentTask
{
    private const string Last = "All done";
    private const string Input = "the sea is salt";
    private const string Second = "the moon is near";

    public static async Task DoAsync(Lab lab, Agent agent, Target target)
    {
        var client = await lab.ClientAsync(target);
        using var desk = await AgentDesk.SetAsync(agent, client);
        var upstream = client.UpstreamProtocol(agent.Protocol);
        try
        {
            await DoAsync(lab, agent, desk, upstream);
        }
        catch (Exception e)
        {
            lab.Agents.Add(new AgentLine(agent.ToString(), agent.Protocol, target, e.Message.Split('\n')[0]));
            throw;
        }

        lab.Agents.Add(new AgentLine(agent.ToString(), agent.Protocol, target, null));
    }

    private static async Task DoAsync(Lab lab, Agent agent, AgentDesk desk, string upstream)
    {
        desk.Put("input.txt", Input + "\n");
        desk.Put("second.txt", Second + "\n");
        var run = await desk.RunAsync($$$"""
            [[think Two files to read]] {{{agent.Tools.Read(desk.At("input.txt"))}}} {{{agent.Tools.Read(desk.At("second.txt"))}}}
            {{{agent.Tools.Run("cat input.txt >> log.txt; wc -l < log.txt")}}}
            {{{agent.Tools.Write(desk.At("output.txt"), "the count is {{result}}")}}}
            [[say {{{Last}}}]]
            """);

        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.True(run.Said.Text == Last, run.Everything);
        Assert.Equal(Input + "\n", desk.Read("log.txt"));
        Assert.StartsWith("the count is", desk.Read("output.txt"), StringComparison.Ordinal);
        Assert.Empty(run.Strangers);
        AssertServed(run, [.. (await lab.Sandbox.SeenAsync(desk.Model.Tag)).Where(IsMain)], upstream);
    }

    /// <summary>Not what agents ask beside the task: titles, memories.</summary>
    private static bool IsMain(SeenRequest seen) => seen.ToolCalls.Count > 0 || (seen.Text.Contains(Last, StringComparison.Ordinal) && OffersTools(seen));

    private static bool OffersTools(SeenRequest seen) =>
        seen.Body.At("tools") is { ValueKind: System.Text.Json.JsonValueKind.Array } tools && tools.GetArrayLength() > 0
        || seen.Body.GetRawText().Contains("\"additional_tools\"", StringComparison.Ordinal);

    private static void AssertServed(AgentRun run, IReadOnlyList<SeenRequest> seen, string upstream)
    {
        Assert.All(seen, s => Assert.True(s is { IsStream: true, IsComplete: true, Status: 200 } && s.Protocol == upstream, s.ToString()));
        IEnumerable<int> calls = seen.Select(s => s.ToolCalls.Count);
        Assert.True(calls.SequenceEqual([2, 1, 1, 0]) || calls.SequenceEqual([1, 1, 1, 1, 0]), string.Join('\n', seen) + run.Everything); // some forbid calls in parallel
        Assert.All([Input, Second], text => Assert.Contains(text, seen[2].Body.GetRawText(), StringComparison.Ordinal));
        if (run.Said.InputTokens is { } input)
        {
            Assert.Equal(seen.Sum(s => s.Usage!.InputTotal), input);
            Assert.Equal(seen.Sum(s => s.Usage!.OutputTotal), run.Said.OutputTokens);
        }
    }
}
