namespace Trivet.Sandbox.Protocols;

/// <summary>How many tokens the sandbox reasons for an effort.</summary>
internal static class ReasoningEffort
{
    /// <summary>Null for a word that is no effort; 0 for none.</summary>
    public static int? Tokens(string effort) => effort switch
    {
        "none" or "minimal" => 0,
        "low" => 8,
        "medium" => 16,
        "high" => 32,
        "xhigh" => 48,
        "max" => 64,
        _ => null,
    };
}
