using Trivet.Core.Routing.Difficulty;

namespace Trivet.Tests.Routing.Difficulty;

public sealed class DifficultyRouterTests
{
    [Fact]
    public void An_order_by_gain_is_the_best_one_and_its_opposite_the_worst()
    {
        var questions = Enumerable.Range(0, 100).Select(i => new GradedText($"q{i}", i % 2 == 0, true)).ToList();
        var gains = questions.ConvertAll(q => q.WeakIsRight ? 0.0 : 1.0);

        // Half the questions gain: all of it is there after half of them.
        Assert.Equal(0.75, DifficultyEvaluation.AreaUnderGap(questions, gains), 2);
        Assert.Equal(0.25, DifficultyEvaluation.AreaUnderGap(questions, gains.ConvertAll(g => -g)), 2);
    }

    [Fact]
    public void What_makes_questions_hard_is_learned_from_those_of_other_folds()
    {
        var random = new Random(1);
        var questions = Enumerable.Range(0, 600).Select(_ =>
        {
            var numbers = random.Next(8);
            var text = "How many are left of " + string.Join(" and ", Enumerable.Range(0, numbers).Select(_ => random.Next(100))) + "?";
            return new GradedText(text, WeakIsRight: random.NextDouble() > numbers / 8.0, StrongIsRight: random.NextDouble() > 0.1);
        }).ToList();

        var learned = DifficultyEvaluation.AreaUnderGap(questions, DifficultyEvaluation.CrossValidated(questions, 5, new Random(2)));

        Assert.True(learned > 0.65, $"{learned}");
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        var router = DifficultyRouter.Train([new("one 1", true, true), new("two 2 3 4", false, true), new("three 5 6", false, false), new("four", true, true)]);
        router.Gain("seven 7");

        var before = GC.GetAllocatedBytesForCurrentThread();
        router.Gain("What is 12 % of 1,300.50?");

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
