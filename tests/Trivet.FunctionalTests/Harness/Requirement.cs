namespace Trivet.FunctionalTests.Harness;

/// <summary>What a test needs from the machine: absent, it skips with the reason; where TRIVET_CI_REQUIRE_ALL is set, it fails.</summary>
internal static class Requirement
{
    private static readonly bool AllRequired = Environment.GetEnvironmentVariable("TRIVET_CI_REQUIRE_ALL") is "1" or "true";

    public static void Missing(string what)
    {
        if (AllRequired)
        {
            Assert.Fail($"required on this machine: {what}");
        }

        Assert.Skip(what);
    }
}
