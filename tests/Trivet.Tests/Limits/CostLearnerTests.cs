using Trivet.Core.Limits;

namespace Trivet.Tests.Limits;

public sealed class CostLearnerTests
{
    [Fact]
    public void A_request_is_reckoned_by_what_its_kind_came_to_for_its_size()
    {
        var learner = new CostLearner();
        for (var i = 1; i <= 20; i++)
            learner.Note("key", "m", "USD", units: 10, costNano: i * 1000);

        Assert.Equal(new LearnedCost(ReserveNano: 23_750, ExpectedNano: 10_780), learner.Reckon("key", "m", "USD", units: 10));
        Assert.Equal(47_500, learner.Reckon("key", "m", "USD", units: 20)?.ReserveNano);
        Assert.Null(learner.Reckon("key", "other", "USD", units: 10));
    }

    [Fact]
    public async Task A_kind_that_another_request_is_just_making_is_not_known_yet()
    {
        const int kinds = 3000;
        var learner = new CostLearner();
        var at = -1;
        var noting = Task.Run(
            () =>
            {
                for (var i = 0; i < kinds; i++)
                {
                    Volatile.Write(ref at, i);
                    learner.Note("key", $"m{i}", "USD", 1, 100);
                }
            },
            TestContext.Current.CancellationToken);

        while (!noting.IsCompleted)
            Assert.True(learner.Reckon("key", $"m{Volatile.Read(ref at)}", "USD", 1) is null or { ReserveNano: 125 });
        await noting;
        Assert.Equal(125, learner.Reckon("key", "m7", "USD", 1)?.ReserveNano);
    }
}
