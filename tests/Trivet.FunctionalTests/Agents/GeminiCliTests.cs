using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Gemini CLI at work on every kind of upstream.</summary>
public sealed class GeminiCliTests(Lab lab)
{
    public static TheoryData<Target> Targets => [.. Lab.Targets];

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Does_a_task(Target target) => AgentTask.DoAsync(lab, AgentCatalogue.GeminiCli, target);
}
