using Trivet.WebConsole.Charts;

namespace Trivet.Tests.WebConsole;

public sealed class ChartTests
{
    [Fact]
    public void A_scale_ends_where_it_ends_and_keeps_what_is_beyond_at_its_ends()
    {
        var scale = new ChartScale(0, 100, 10, 210);

        Assert.Equal([10, 110, 210, 210, 10], new[] { 0.0, 50, 100, 1000, -5 }.Select(scale.At));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0, 7)]
    [InlineData(0.2, 0.9)]
    [InlineData(0, 1_234_567)]
    public void Marks_are_few_round_and_within(double from, double to)
    {
        var marks = new ChartScale(from, to, 0, 1).Marks();

        Assert.InRange(marks.Count, 2, 8);
        Assert.All(marks, mark => Assert.InRange(mark, from, to * 1.0001));
        var step = marks[1] - marks[0];
        var power = Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-9));
        Assert.Contains(Math.Round(step / power), new[] { 1.0, 2, 5, 10 });
    }

    [Fact]
    public void A_logarithmic_scale_gives_each_decade_the_same_room()
    {
        var scale = new ChartScale(0.01, 100, 0, 400, isLogarithmic: true);

        Assert.Equal([0, 100, 200, 300, 400], new[] { 0.01, 0.1, 1, 10, 100 }.Select(value => Math.Round(scale.At(value), 6)));
        Assert.Equal([0.01, 0.1, 1, 10, 100], scale.Marks().Select(mark => Math.Round(mark, 6)));
    }

    [Fact]
    public void A_scale_of_one_value_is_still_a_scale() => Assert.True(double.IsFinite(new ChartScale(5, 5, 0, 100).At(5)));

    [Fact]
    public void A_line_breaks_where_nothing_is_known() => Assert.Equal("M0 1L1 2M3 4", Svg.Line([(0, 1), (1, 2), null, (3, 4)]));

    [Fact]
    public void On_the_triangle_a_nine_more_is_always_as_far()
    {
        var scores = new[] { 0, .9, .99, .999, .9999 }.Select(share => Math.Round(TriangleLeg.OfShare(share, share, share, "").Score!.Value, 6));

        Assert.Equal([0, 0.333333, 0.666667, 1, 1], scores);
    }

    [Fact]
    public void On_the_triangle_the_cheapest_reaches_the_end_and_twice_the_price_half_as_far()
    {
        Assert.Equal(1, TriangleLeg.OfPrice(2, 2, "").Score);
        Assert.Equal(.5, TriangleLeg.OfPrice(4, 2, "").Score);
        Assert.Null(TriangleLeg.Unknown("").Score);
    }
}
