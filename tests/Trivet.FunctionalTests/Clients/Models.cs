namespace Trivet.FunctionalTests.Clients;

/// <summary>A model name of its own, so that the sandbox's log tells this test's requests from all others.</summary>
internal sealed record LabModel(string Tag, string Name, string Served)
{
    private static readonly char[] Letters = [.. "abcdefghijklmnopqrstuvwxyz"];

    /// <param name="prefix">What the target's model names begin with.</param>
    /// <param name="kind">What the sandbox does: chat, echo, text-60, think-20, tool-2.</param>
    /// <param name="faults">What goes wrong, as <c>@503:times=1</c>.</param>
    public static LabModel Of(string prefix, string kind, string faults = "")
    {
        var tag = "q" + new string(System.Security.Cryptography.RandomNumberGenerator.GetItems<char>(Letters, 10));
        return new LabModel(tag, $"{prefix}{kind}-{tag}{faults}", $"sandbox-{kind}-{tag}{faults}");
    }
}
