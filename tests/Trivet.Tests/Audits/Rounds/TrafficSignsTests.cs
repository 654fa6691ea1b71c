using Trivet.Benchmarks.Fleet.Simulation;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Scorecards.Manner;

namespace Trivet.Tests.Audits.Rounds;

public sealed class TrafficSignsTests
{
    private readonly Random _random = new(3);

    [Fact]
    public void Answers_of_another_model_are_written_in_another_manner()
    {
        var (one, other) = (new SimulatedModel("one"), new SimulatedModel("other"));

        Assert.False(TrafficSigns.IsOther(Answers(one, 64), Answers(one, 64)));
        Assert.True(TrafficSigns.IsOther(Answers(other, 64), Answers(one, 64)));
        Assert.False(TrafficSigns.IsOther(Answers(other, 39), Answers(one, 64))); // too few
    }

    [Fact]
    public void Without_a_reference_the_newest_answers_are_held_against_those_before()
    {
        var (one, other) = (new SimulatedModel("one"), new SimulatedModel("other"));
        var manner = new AnswerManner();
        Note(manner, one, 128);
        Assert.False(TrafficSigns.IsOther(manner.Newest(), null));
        Note(manner, other, 64);
        Assert.True(TrafficSigns.IsOther(manner.Newest(), null));
        Note(manner, other, 64);
        Assert.False(TrafficSigns.IsOther(manner.Newest(), null)); // what is new for so long is the usual manner
    }

    [Fact]
    public void Short_answers_are_not_kept_and_long_ones_as_numbers_of_length_one()
    {
        var manner = new AnswerManner();
        manner.Note("Yes, it is.");
        Assert.Empty(manner.Newest());
        manner.Note(new SimulatedModel("one").Paragraph(300, _random));
        Assert.Equal(1, Assert.Single(manner.Newest()).Sum(value => value * value), 3);
    }

    private List<float[]> Answers(SimulatedModel model, int count)
    {
        var manner = new AnswerManner();
        Note(manner, model, count);
        return [.. manner.Newest()];
    }

    private void Note(AnswerManner manner, SimulatedModel model, int count)
    {
        for (var i = 0; i < count; i++)
            manner.Note(model.Paragraph(60, _random));
    }
}
