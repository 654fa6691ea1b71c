using Trivet.Benchmarks.Fleet.Simulation;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Journal;

namespace Trivet.Tests.Audits.Rounds;

public sealed class HastenTests
{
    private const long HourMs = 3_600_000;

    private static readonly AuditsConfig Config = new() { IsEnabled = true };

    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_in_traffic_brings_a_round_forward_once_each_time_it_begins()
    {
        var rounds = await RoundsAsync(lastHoursAgo: 12);
        rounds.Hasten("a/m", isOdd: false, Config);
        Assert.Equal(_time.NowMs + 9 * HourMs, Next(rounds));
        rounds.Hasten("a/m", isOdd: true, Config);
        Assert.Equal(_time.NowMs, Next(rounds));

        var hastened = _time.NowMs;
        _time.Advance(TimeSpan.FromHours(5));
        rounds.Hasten("a/m", isOdd: true, Config);
        Assert.Equal(hastened, Next(rounds)); // it still looks so
    }

    [Fact]
    public async Task Who_was_audited_a_short_while_ago_or_never_is_not_hastened()
    {
        var rounds = await RoundsAsync(lastHoursAgo: 1);
        rounds.Hasten("a/m", isOdd: true, Config);
        rounds.Hasten("unknown/m", isOdd: true, Config);
        Assert.Equal(_time.NowMs + 9 * HourMs, Next(rounds));
    }

    private static long Next(AuditRounds rounds) => Assert.Single(rounds.Cases).NextMs;

    private async Task<AuditRounds> RoundsAsync(int lastHoursAgo)
    {
        var store = new MemoryAudits();
        await store.SaveCasesAsync([new AuditCase { Offering = "a/m", Upstream = "a", Rounds = 3, LastMs = _time.NowMs - lastHoursAgo * HourMs, NextMs = _time.NowMs + 9 * HourMs }], Cancel);
        var rounds = new AuditRounds(store, new JournalRecorder(), _ => throw new InvalidOperationException("Nobody is audited here."), _time);
        Assert.Null(await rounds.LoadAsync(Cancel));
        return rounds;
    }
}
