namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>
/// Effort ⇄ budget of thoughts. Vendors publish no such table: the budgets are those that agents ask for by the same words (Claude Code 31,999 at its
/// highest, 2026-11) and the smallest that Anthropic takes, 1,024.
/// </summary>
public static class AnthropicMessagesThinking
{
    /// <summary>The smallest budget in tokens that Anthropic takes.</summary>
    public const long BudgetTokensMin = 1024;

    /// <summary>The budget in tokens for an effort; the middle one for a word that is not known.</summary>
    public static long BudgetOf(string? effort) => effort switch
    {
        "minimal" => 1024,
        "low" => 4096,
        "high" => 16_384,
        "xhigh" or "max" => 31_999,
        _ => 8192,
    };

    /// <summary>The effort for a budget in tokens.</summary>
    public static string EffortOf(long budgetTokens) => budgetTokens switch
    {
        <= 4096 => "low",
        <= 8192 => "medium",
        <= 24_576 => "high",
        _ => "xhigh",
    };

    /// <summary>The nearest effort that <c>output_config.effort</c> takes, up to <paramref name="maxEffort"/>.</summary>
    public static string LegalEffort(string effort, string maxEffort)
    {
        var rank = Math.Min(Rank(effort), Rank(maxEffort));
        return rank switch { 0 => "low", 1 => "medium", 2 => "high", 3 => "xhigh", _ => "max" };
    }

    private static int Rank(string effort) => effort switch { "none" or "minimal" or "low" => 0, "medium" => 1, "high" => 2, "xhigh" => 3, "max" => 4, _ => 1 };
}
