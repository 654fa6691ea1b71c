using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>Google's SDK for JavaScript, in two generations, against every kind of upstream, its own among them.</summary>
public sealed class GoogleJavaScriptTests(Lab lab)
{
    private static readonly JavaScriptSuite Suite = new("gemini.mjs", "gemini");

    public static TheoryData<Target, string> Cases => new(Lab.Targets.SelectMany(t => Suite.Checks.Select(c => (t, c))));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_2_32(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Google2, target, check);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Version_3_1(Target target, string check) => Suite.AssertAsync(lab, NpmPackages.Google3, target, check);
}
