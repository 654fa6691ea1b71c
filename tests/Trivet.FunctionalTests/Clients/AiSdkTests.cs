using Trivet.FunctionalTests.Agents;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The Vercel AI SDK in two generations, by each of its provider packages, against every kind of upstream.</summary>
public sealed class AiSdkTests(Lab lab)
{
    private static readonly Dictionary<string, string> Providers = new()
    {
        ["openai"] = Protocols.Responses,
        ["openai.chat"] = Protocols.Chat,
        ["anthropic"] = Protocols.Messages,
        ["google"] = Protocols.Gemini,
        ["openai-compatible"] = Protocols.Chat,
    };

    private static readonly JavaScriptSuite Suite = new("ai.mjs", Protocols.Responses, [.. Providers.Keys]);

    public static TheoryData<Target, string> Cases => new(Suite.Checks.SelectMany(c => Lab.Targets.Select(t => (t, c))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_6(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Ai6, target, check);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_7(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Ai7, target, check);
}
