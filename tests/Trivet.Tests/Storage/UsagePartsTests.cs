using Trivet.Storage.Relay;

namespace Trivet.Tests.Storage;

/// <summary>How a span of time is cut into what is summed by day, by hour and not at all.</summary>
public sealed class UsagePartsTests
{
    private const long HourMs = HourlyKey.MsPerHour;
    private const long DayMs = UsageParts.MsPerDay;
    private const long FirstMs = 20_000 * DayMs;

    [Fact]
    public void A_span_is_days_between_hours_between_what_is_less_than_one() => Assert.Equal(
        [
            new(UsageGrain.Attempt, FirstMs + 10, FirstMs + HourMs),
            new(UsageGrain.Hour, FirstMs + HourMs, FirstMs + DayMs),
            new(UsageGrain.Day, FirstMs + DayMs, FirstMs + 3 * DayMs),
            new(UsageGrain.Hour, FirstMs + 3 * DayMs, FirstMs + 3 * DayMs + 2 * HourMs),
            new(UsageGrain.Attempt, FirstMs + 3 * DayMs + 2 * HourMs, FirstMs + 3 * DayMs + 2 * HourMs + 5),
        ],
        UsageParts.Cut(FirstMs + 10, FirstMs + 3 * DayMs + 2 * HourMs + 5, [FirstMs, FirstMs + DayMs, FirstMs + 2 * DayMs, FirstMs + 3 * DayMs]));

    [Fact]
    public void A_span_without_an_end_ends_in_hours() => Assert.Equal(
        [new(UsageGrain.Day, FirstMs, FirstMs + DayMs), new(UsageGrain.Hour, FirstMs + DayMs, long.MaxValue)],
        UsageParts.Cut(FirstMs, null, [FirstMs]));

    [Fact]
    public void A_span_without_length_is_a_question_all_the_same() => Assert.Single(UsageParts.Cut(FirstMs, FirstMs, [FirstMs]));

    [Fact]
    public void A_span_within_an_hour_is_attempts_alone() => Assert.Equal(
        [new(UsageGrain.Attempt, FirstMs + 1, FirstMs + 2)], UsageParts.Cut(FirstMs + 1, FirstMs + 2, [FirstMs]));

    [Fact]
    public void Whatever_the_span_and_the_days_the_parts_lie_end_to_end_and_a_statement_of_them_stays_short()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var since = FirstMs + (random.Next(3) == 0 ? random.Next(40) * DayMs : random.NextInt64(40 * DayMs));
            long? until = random.Next(4) == 0 ? null : since + 1 + (random.Next(3) == 0 ? random.Next(40) * HourMs : random.NextInt64(60 * DayMs));
            long[] folded = [.. Enumerable.Range(0, 60).Where(_ => random.Next(1 + i % 4) == 0).Select(day => FirstMs + day * DayMs)];

            var parts = UsageParts.Cut(since, until, folded);

            Assert.Equal((since, until ?? long.MaxValue), (parts[0].FromMs, parts[^1].UntilMs));
            Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.UntilMs, pair.Second.FromMs));
            Assert.All(parts, part => Assert.True(part.FromMs < part.UntilMs));
            Assert.All(parts.Where(part => part.Grain == UsageGrain.Hour), part => Assert.True(part.FromMs % HourMs == 0 && (part.UntilMs % HourMs == 0 || part.UntilMs == long.MaxValue)));
            Assert.All(
                parts.Where(part => part.Grain == UsageGrain.Day).SelectMany(part => Enumerable.Range(0, (int)((part.UntilMs - part.FromMs) / DayMs)).Select(day => part.FromMs + day * DayMs)), day => Assert.Contains(day, folded));
            Assert.True(parts.Count <= 20);
        }
    }
}
