using Trivet.Core.Scorecards;

namespace Trivet.Tests.Scorecards;

/// <summary>A change is seen within tens of answers, and chance is not taken for one.</summary>
public sealed class RecentShareTests
{
    [Theory]
    [InlineData(0.97, 0.6, 40)]
    [InlineData(0.99, 0.7, 40)]
    [InlineData(0.95, 0.5, 40)]
    public void A_fall_is_seen_within_tens_of_samples(double usual, double fallen, int samplesMax)
    {
        var random = new Random(5);
        var seenAfter = new List<int>();
        for (var run = 0; run < 200; run++)
        {
            var share = new RecentShare();
            for (var i = 0; i < 200; i++)
                share.Record(random.NextDouble() < usual);
            var count = 0;
            while (share.FallenFrom(usual) is null && count < 1000)
            {
                share.Record(random.NextDouble() < fallen);
                count++;
            }

            seenAfter.Add(count);
        }

        Assert.InRange(seenAfter.Average(), 1, samplesMax);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.97)]
    [InlineData(1)]
    public void Without_a_change_hardly_one_sample_in_thousands_says_so(double usual)
    {
        var random = new Random(7);
        var share = new RecentShare();
        var alarms = 0;
        const int Samples = 200_000;
        for (var i = 0; i < Samples; i++)
        {
            share.Record(random.NextDouble() < usual);
            alarms += share.FallenFrom(usual) is null ? 0 : 1;
        }

        Assert.InRange(alarms / (double)Samples, 0, 0.001);
    }

    [Fact]
    public void What_has_recovered_is_believed_again()
    {
        var share = new RecentShare();
        for (var i = 0; i < 30; i++)
            share.Record(isHit: i % 2 == 0);
        Assert.InRange(share.FallenFrom(0.97)!.Value, 0.4, 0.6);

        for (var i = 0; i < 90; i++)
            share.Record(isHit: true);
        Assert.Null(share.FallenFrom(0.97));
    }
}
