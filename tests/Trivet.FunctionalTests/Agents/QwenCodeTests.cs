using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Qwen Code at work by each kind of account, on every kind of upstream: the newest version, and by Chat the one that plain `npm install` picks on Node 20.</summary>
public sealed class QwenCodeTests(Lab lab)
{
    private static readonly Dictionary<string, Agent> Agents = new()
    {
        ["openai"] = AgentCatalogue.QwenCode(NpmPackages.QwenCode24, "openai", Protocols.Chat),
        ["anthropic"] = AgentCatalogue.QwenCode(NpmPackages.QwenCode24, "anthropic", Protocols.Messages),
        ["gemini"] = AgentCatalogue.QwenCode(NpmPackages.QwenCode24, "gemini", Protocols.Gemini),
        ["openai, Node 20"] = AgentCatalogue.QwenCode(NpmPackages.QwenCode15, "openai", Protocols.Chat),
    };

    public static TheoryData<string, Target> Cases => new(Agents.SelectMany(a => Lab.Targets.Select(t => (a.Key, t))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Does_a_task(string account, Target target) => AgentTask.DoAsync(lab, Agents[account], target);
}
