using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Codex at work on every kind of upstream.</summary>
public sealed class CodexTests(Lab lab)
{
    public static TheoryData<Target> Targets => [.. Lab.AgentTargets(Protocols.Responses)];

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task_with_functions(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.Codex, target);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task_with_a_free_form_tool(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.CodexPatches, target);
}
