using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Codex at work on every kind of upstream.</summary>
public sealed class CodexTests(Lab lab)
{
    public static TheoryData<Target> Targets => [.. Lab.Targets];

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task_with_functions(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.Codex, target);

    /// <summary>The tool for it stands in a namespace.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Sub_agent_works_beside_it(Target target)
    {
        using var desk = await AgentDesk.SetAsync(AgentCatalogue.Codex, await lab.ClientAsync(target));
        var run = await desk.RunAsync("""
            [[tool spawn_agent {"message":"[[tool exec_command {\"cmd\":\"echo noted >> note.txt\"}]]\n[[say The note is taken]]"}]]
            [[tool exec_command {"cmd":"for i in $(seq 300); do [ -s note.txt ] && break; sleep 0.1; done; cat note.txt","yield_time_ms":30000}]]
            [[say All done]]
            """);

        Assert.True(run.ExitCode == 0 && run.Said.Text == "All done", run.Everything);
        Assert.Equal("noted\n", desk.Read("note.txt"));
    }

    /// <summary>With its own provider it asks for a web socket first, and goes on by POST at once where that is refused as it knows it.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Its_own_provider_does_without_a_web_socket(Target target)
    {
        using var desk = await AgentDesk.SetAsync(AgentCatalogue.CodexBuiltIn, await lab.ClientAsync(target));
        var run = await desk.RunAsync("[[say All done]]");

        Assert.True(run.ExitCode == 0 && run.Said.Text == "All done", run.Everything);
        Assert.DoesNotContain("econnecting", run.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task_with_scripts(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.CodexScripts, target);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task_with_a_free_form_tool(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.CodexPatches, target);
}
