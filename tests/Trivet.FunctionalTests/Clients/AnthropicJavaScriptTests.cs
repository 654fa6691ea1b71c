using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>The official Anthropic SDK for JavaScript, in two generations, against every kind of upstream.</summary>
public sealed class AnthropicJavaScriptTests(Lab lab)
{
    private static readonly JavaScriptSuite Suite = new("anthropic.mjs", "anthropic-messages");

    public static TheoryData<Target, string> Cases => new(Lab.Targets.SelectMany(t => Suite.Checks.Select(c => (t, c))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_0_128(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Anthropic0, target, check);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_1_12(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Anthropic1, target, check);
}
