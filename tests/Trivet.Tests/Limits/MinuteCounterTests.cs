using Trivet.Core.Limits;

namespace Trivet.Tests.Limits;

public sealed class MinuteCounterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void In_the_first_minute_exactly_the_limit_is_let_through()
    {
        var counter = new MinuteCounter(60, _time);

        var through = Enumerable.Range(0, 100).Count(_ => counter.TryTake(1, out var _));

        Assert.Equal(60, through);
        Assert.Equal(0, counter.Look().Remaining);
    }

    [Fact]
    public void No_sixty_seconds_see_much_more_than_the_limit_wherever_they_begin()
    {
        var counter = new MinuteCounter(60, _time);
        var times = new List<long>();
        var random = new Random(5);
        for (var i = 0; i < 5000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
            if (counter.TryTake(1, out _))
                times.Add(_time.NowMs);
        }

        var worst = times.Max(start => times.Count(time => time >= start && time < start + 60_000));

        Assert.True(worst <= 75, $"{worst} in sixty seconds");
        Assert.True(times.Count >= 60 * (times[^1] - times[0]) / 60_000 * 8 / 10, "it is not much stricter than it says");
    }

    [Fact]
    public void Who_is_refused_and_waits_as_long_as_told_is_let_through()
    {
        var counter = new MinuteCounter(10, _time);
        for (var round = 0; round < 50; round++)
        {
            while (counter.TryTake(3, out _))
            {
            }

            Assert.False(counter.TryTake(3, out var wait));
            _time.Advance(wait);
            Assert.True(counter.TryTake(3, out _), $"round {round}, after {wait}");
        }
    }

    [Fact]
    public void What_was_counted_too_much_is_given_back()
    {
        var counter = new MinuteCounter(100, _time);

        Assert.True(counter.TryTake(90, out _));
        Assert.False(counter.TryTake(20, out _));
        counter.Correct(-50);

        Assert.True(counter.TryTake(20, out _));
        Assert.Equal(40, counter.Look().Remaining);
    }

    [Fact]
    public void All_of_it_is_back_when_the_counter_says_so_and_not_before()
    {
        var counter = new MinuteCounter(60, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((60L, 60L, TimeSpan.Zero), (counter.Look().Limit, counter.Look().Remaining, counter.Look().Reset));
        counter.TryTake(10, out _);
        _time.Advance(TimeSpan.FromSeconds(70)); // into the next window
        counter.TryTake(10, out _);
        var standing = counter.Look();

        Assert.Equal(_time.GetUtcNow(), standing.Now);
        _time.Advance(standing.Reset - TimeSpan.FromSeconds(30)); // a half of ten is five
        Assert.NotEqual(TimeSpan.Zero, counter.Look().Reset);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((60L, TimeSpan.Zero), (counter.Look().Remaining, counter.Look().Reset));
    }

    [Fact]
    public void Of_several_limits_the_tightest_is_told()
    {
        MinuteCounter[] counters = [new(100, _time), new(5, _time), new(50, _time)];

        Assert.Equal(5, MinuteStanding.Tightest(counters)?.Limit);
        counters[2].TryTake(48, out _);

        Assert.Equal((50L, 2L), (MinuteStanding.Tightest(counters)!.Value.Limit, MinuteStanding.Tightest(counters)!.Value.Remaining));
        Assert.Null(MinuteStanding.Tightest([]));
    }
}
