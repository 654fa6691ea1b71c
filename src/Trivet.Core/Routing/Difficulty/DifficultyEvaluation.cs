namespace Trivet.Core.Routing.Difficulty;

/// <summary>
/// How good an order of questions is for deciding who gets the strong model. APGR: the share of the quality gap between weak and strong that is recovered, averaged over how many questions may go to the strong one;
/// 0.5 for an order that knows nothing. Source: RouteLLM's definition (arXiv 2406.18665).
/// </summary>
internal static class DifficultyEvaluation
{
    /// <summary>The area for <paramref name="scores"/>: higher is sent to the strong model first.</summary>
    public static double AreaUnderGap(IReadOnlyList<GradedText> questions, IReadOnlyList<double> scores)
    {
        var order = Enumerable.Range(0, questions.Count).OrderByDescending(i => scores[i]).ToArray();
        var gap = questions.Count(q => q.StrongIsRight) - questions.Count(q => q.WeakIsRight);
        if (gap == 0)
            return 0.5;
        double area = 0, recovered = 0;
        foreach (var i in order)
        {
            var gain = (questions[i].StrongIsRight ? 1 : 0) - (questions[i].WeakIsRight ? 1 : 0);
            area += recovered + gain / 2.0;
            recovered += gain;
        }

        return area / questions.Count / gap;
    }

    /// <summary>Scores of the learned router for each question, by a router that has not seen it.</summary>
    public static double[] CrossValidated(IReadOnlyList<GradedText> questions, int folds, Random random)
    {
        var order = Enumerable.Range(0, questions.Count).ToArray();
        random.Shuffle(order);
        var scores = new double[questions.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            var router = DifficultyRouter.Train([.. order.Where((_, at) => at % folds != fold).Select(i => questions[i])]);
            foreach (var i in order.Where((_, at) => at % folds == fold))
                scores[i] = router.Gain(questions[i].Text);
        }

        return scores;
    }
}
