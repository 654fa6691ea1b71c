using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>opencode at work by each of its SDK packages, on every kind of upstream.</summary>
public sealed class OpenCodeTests(Lab lab)
{
    private static readonly Dictionary<string, Agent> Agents = new()
    {
        ["openai-compatible"] = AgentCatalogue.OpenCode("openai-compatible", Protocols.Chat),
        ["openai"] = AgentCatalogue.OpenCode("openai", Protocols.Responses),
        ["anthropic"] = AgentCatalogue.OpenCode("anthropic", Protocols.Messages),
        ["google"] = AgentCatalogue.OpenCode("google", Protocols.Gemini),
    };

    public static TheoryData<string, Target> Cases => new(Agents.SelectMany(a => Lab.Targets.Select(t => (a.Key, t))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Does_a_task(string sdk, Target target) => AgentTask.DoAsync(lab, Agents[sdk], target);
}
