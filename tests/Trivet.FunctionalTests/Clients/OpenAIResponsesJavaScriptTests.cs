using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>Responses of the official OpenAI SDK for JavaScript, in two generations, against every kind of upstream.</summary>
public sealed class OpenAIResponsesJavaScriptTests(Lab lab)
{
    private static readonly JavaScriptSuite Suite = new("openai-responses.mjs", "openai-responses");

    public static TheoryData<Target, string> Cases => new(Lab.Targets.SelectMany(t => Suite.Checks.Select(c => (t, c))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_6(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.OpenAI6, target, check);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_7(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.OpenAI7, target, check);
}
