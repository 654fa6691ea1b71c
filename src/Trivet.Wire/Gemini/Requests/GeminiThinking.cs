namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Effort ⇄ budget of thoughts ⇄ level. The budgets are those of Google's own OpenAI layer for Gemini 2.5 (ai.google.dev/gemini-api/docs/openai, November
/// 2026): 1,024, 8,192 and 24,576 for low, medium and high.
/// </summary>
internal static class GeminiThinking
{
    /// <summary>The budget in tokens for an effort; the middle one for a word that is not known.</summary>
    public static long BudgetOf(string effort, long budgetMax) => effort switch
    {
        "minimal" or "low" => 1024,
        "high" => 24_576,
        "xhigh" or "max" => budgetMax,
        _ => 8192,
    };

    /// <summary>The effort for a budget in tokens.</summary>
    public static string EffortOf(long budgetTokens) => budgetTokens switch
    {
        <= 512 => "minimal",
        <= 4096 => "low",
        <= 12_288 => "medium",
        _ => "high",
    };

    /// <summary>The nearest of the levels that the model takes: the one asked for, or else the next higher, or else the highest.</summary>
    public static string LevelOf(string effort, IReadOnlyList<string> levels)
    {
        foreach (var level in levels)
        {
            if (Rank(level) >= Rank(effort))
                return level;
        }

        return levels.Count > 0 ? levels[^1] : "high";
    }

    private static int Rank(string effort) => effort switch { "none" or "minimal" => 0, "low" => 1, "high" => 3, "xhigh" => 4, "max" => 5, _ => 2 };
}
