using Trivet.Core.Routing.Difficulty;

namespace Trivet.Core.Admin.Routes;

/// <summary>Holds the learned router against prompt length on an operator's own graded questions.</summary>
public static class DifficultyAdmin
{
    /// <summary>Fewer questions than this tell nothing of twenty splits.</summary>
    private const int QuestionsMin = 100;

    /// <summary>The verdict; null, with the problem, where the text is not such a table.</summary>
    public static RouterVerdict? Evaluate(TextReader table, int seed, out string problem)
    {
        if (GradedTable.TryRead(table, out problem) is not { } questions)
            return null;
        if (questions.Count < QuestionsMin)
        {
            problem = $"it holds {questions.Count} questions; fewer than {QuestionsMin} tell nothing";
            return null;
        }

        return RouterVerdict.Of(questions, seed);
    }
}
