using Trivet.FunctionalTests.Clients;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Claude Code at work, in the version that plain `npm install` picks on Node 20 and in the newest, on every kind of upstream.</summary>
public sealed class ClaudeCodeTests(Lab lab)
{
    /// <summary>A name Claude Code knows the abilities of, behind the target's prefix.</summary>
    private const string Kind = "claude-sonnet-4-5";

    private static readonly Dictionary<string, NpmPackage> Versions = new()
    {
        ["2.1.197"] = NpmPackages.ClaudeCode197,
        ["2.1.330"] = NpmPackages.ClaudeCode330,
    };

    /// <summary>The older version does all but its task on the upstreams that it knew first: time.</summary>
    public static TheoryData<string, Target> Cases => new(Versions.Keys.SelectMany(v => Lab.Targets.Where(t => v != "2.1.197" || t < Target.ViaResponses).Select(t => (v, t))));

    public static TheoryData<string, Target> TaskCases => new(Versions.Keys.SelectMany(v => Lab.Targets.Select(t => (v, t))));

    [Theory]
    [MemberData(nameof(TaskCases))]
    public async Task Reads_runs_and_writes_through_tools_each_once(string version, Target target)
    {
        var (claude, model) = await StartAsync(version, target);
        using var _ = claude;
        await lab.Agents.NoteAsync($"Claude Code {version}", Protocols.Messages, target, () => TaskAsync(claude, model));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Sub_agent_works_and_reports(string version, Target target)
    {
        var (claude, model) = await StartAsync(version, target);
        using var _ = claude;
        var note = Path.Combine(claude.Work, "note.txt");
        var run = await claude.RunAsync(
            $$"""
            [[tool Agent {"description":"Take a note","subagent_type":"general-purpose","prompt":"[[tool Bash {\"command\":\"echo noted >> {{note}}\",\"description\":\"Take a note\"}]]\n[[say The note is taken]]"}]]
            [[say The agent has reported]]
            """,
            model.Name);

        run.AssertSucceeded("The agent has reported");
        Assert.Equal("noted\n", claude.Read("note.txt"));
        var seen = await lab.Sandbox.SeenAsync(model.Tag);
        Assert.Contains(seen, s => s.ToolCalls.Any(c => c.Name == "Bash"));
    }

    [Theory]
    [InlineData("2.1.197", "spread-chat-")]
    [InlineData("2.1.197", "spread-messages-")]
    [InlineData("2.1.330", "spread-chat-")]
    [InlineData("2.1.330", "spread-messages-")]
    public async Task A_session_stays_on_the_upstream_that_has_its_cache(string version, string prefix)
    {
        using var claude = await ClaudeCode.InstallAsync(Versions[version], await lab.ClientAsync(Target.ViaChat));
        var model = LabModel.Of(prefix, Kind);
        var steps = string.Join('\n', Enumerable.Range(0, 9).Select(i => $$"""[[tool Bash {"command":"echo {{i}} >> log.txt","description":"Step {{i}}"}]]"""));
        var run = await claude.RunAsync($"{steps}\n[[say All done]]", model.Name);

        run.AssertSucceeded("All done");
        Assert.Equal("0\n1\n2\n3\n4\n5\n6\n7\n8\n", claude.Read("log.txt"));
        var seen = await lab.Sandbox.SeenAsync(model.Tag);
        Assert.Equal(10, seen.Count);
        Assert.Single(seen.Select(s => s.Header("authorization") ?? s.Header("x-api-key")).Distinct());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Context_report_counts_tokens(string version, Target target)
    {
        var (claude, model) = await StartAsync(version, target);
        using var _ = claude;
        var before = await lab.Sandbox.LastIdAsync();
        var run = await claude.RunAsync("/context", model.Name);

        Assert.True(run.ExitCode == 0, run.Everything);
        Assert.Contains("Context Usage", run.Everything, StringComparison.Ordinal);
        if (target is Target.Sandbox or Target.ViaMessages)
        {
            var counts = (await lab.Sandbox.SeenAsync(before)).Where(s => s.Model?.Contains(model.Tag, StringComparison.Ordinal) == true && s.Path == "/v1/messages/count_tokens").ToList();
            Assert.True(counts.Count > 3, $"{counts.Count} counts");
            Assert.All(counts, c => Assert.Equal(200, c.Status));
        }

        // Where counting fails, it asks for an answer of one token and reads the usage.
        Assert.DoesNotContain(await lab.Sandbox.SeenAsync(before), s => s.Model?.Contains(model.Tag, StringComparison.Ordinal) == true && s.Path != "/v1/messages/count_tokens");
    }

    /// <summary>The wording is the vendor's: recovery matches on it, so it must come through in every protocol.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_400_is_peeled(string version, Target target) => await RecoversFromAsync(version, target, "400:message=thinking.type.enabled is not supported for this model", 400);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_429_waits(string version, Target target) => await RecoversFromAsync(version, target, "429:retry-after=1", 429);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_overload_is_retried(string version, Target target) => await RecoversFromAsync(version, target, "529", 529);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_error_in_the_stream_is_retried(string version, Target target) => await RecoversFromAsync(version, target, "error-event-after=3", 200);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_cut_stream_is_retried(string version, Target target) => await RecoversFromAsync(version, target, "cut-after=3", 200);

    /// <summary>The whole loop once more, with a vendor that fails on the first request: the answer comes, and no tool runs twice.</summary>
    private async Task RecoversFromAsync(string version, Target target, string fault, int status)
    {
        var (claude, model) = await StartAsync(version, target);
        using var _ = claude;
        var input = claude.Write("input.txt", "the sea is salt\n");
        await lab.Sandbox.ScriptAsync($$$"""{"match":{"model":"*{{{model.Tag}}}*"},"times":1,"respond":{"fault":"{{{fault}}}"}}""");
        var run = await claude.RunAsync(Loop(claude, input), model.Name);

        run.AssertSucceeded("All done");
        AssertLoopRanOnce(claude);
        var seen = await lab.Sandbox.SeenAsync(model.Tag);
        Assert.True(seen.Count >= 5, string.Join('\n', seen));
        Assert.Equal(status, seen[0].Status);
        Assert.Equal(4, seen.Count(s => s is { IsComplete: true, Status: 200, Faults: [] }));
    }

    private async Task TaskAsync(ClaudeCode claude, LabModel model)
    {
        var input = claude.Write("input.txt", "the sea is salt\n");
        var run = await claude.RunAsync(Loop(claude, input), model.Name);

        run.AssertSucceeded("All done");
        AssertLoopRanOnce(claude);
        var seen = await lab.Sandbox.SeenAsync(model.Tag);
        Assert.Equal(4, seen.Count);
        Assert.All(seen, s => Assert.True(s is { IsStream: true, IsComplete: true, Status: 200 }, s.ToString()));
        AssertUsage(run, seen);
    }

    private static string Loop(ClaudeCode claude, string input) =>
        $$$"""
        [[tool Read {"file_path":"{{{input}}}"}]]
        [[tool Bash {"command":"cat {{{input}}} >> {{{claude.Work}}}/log.txt; wc -l < {{{claude.Work}}}/log.txt","description":"Append the input to the log"}]]
        [[tool Write {"file_path":"{{{claude.Work}}}/output.txt","content":"{{result}}"}]]
        [[say All done]]
        """;

    private static void AssertLoopRanOnce(ClaudeCode claude)
    {
        Assert.Equal("the sea is salt\n", claude.Read("log.txt"));
        Assert.Equal("1", claude.Read("output.txt").Split('\n')[0]); // newer versions add a reminder to a tool's output
    }

    /// <summary>What Claude Code believes it used is what the vendor served.</summary>
    private static void AssertUsage(ClaudeRun run, IReadOnlyList<SeenRequest> seen)
    {
        var usage = run.Result.GetProperty("usage");
        var input = usage.GetProperty("input_tokens").GetInt64() + usage.GetProperty("cache_read_input_tokens").GetInt64() + usage.GetProperty("cache_creation_input_tokens").GetInt64();
        Assert.Equal(seen.Sum(s => s.Usage!.InputTotal), input);
        Assert.Equal(seen.Sum(s => s.Usage!.OutputTotal), usage.GetProperty("output_tokens").GetInt64());
    }

    private async Task<(ClaudeCode Claude, LabModel Model)> StartAsync(string version, Target target)
    {
        var client = await lab.ClientAsync(target);
        return (await ClaudeCode.InstallAsync(Versions[version], client), LabModel.Of(client.Prefix, Kind));
    }
}
