using System.Collections.Immutable;

namespace Trivet.Core.Scorecards;

/// <summary>How fast what a scorecard counts fades.</summary>
internal enum ScoreClock : byte
{
    FiveMinutes,
    HalfHour,
    Hour,
    SixHours,
    Stability,
    Evidence,
}

/// <summary>The three legs, each with a time of its own at which something was last noted.</summary>
internal enum ScoreLeg : byte
{
    Stability,
    Quality,
    Cost,
}

/// <summary>One thing that a scorecard counts.</summary>
/// <param name="Name">Under which it is kept.</param>
/// <param name="Before">The slot before it; null for the first.</param>
/// <param name="Length">How many numbers.</param>
/// <param name="Clock">How fast they fade.</param>
/// <param name="Leg">What it is evidence of.</param>
internal sealed record ScoreSlot(string Name, ScoreSlot? Before, int Length, ScoreClock Clock, ScoreLeg Leg)
{
    /// <summary>The place of its first number.</summary>
    public int At { get; } = Before is null ? 0 : Before.At + Before.Length;
}

/// <summary>
/// The layout of a scorecard's sums. All are sums over attempts, so that those of several nodes add. A share is two numbers (hits, all), a ratio six
/// (count, Σx, Σy, Σx², Σxy, Σy²). Slots of one clock stand together.
/// </summary>
internal static class ScoreSlots
{
    private const int Share = 2;
    private const int Ratio = 6;

    /// <summary>An average that fades has the age of a window of so many minutes at this half-life: half of the window, times ln 2.</summary>
    private const double WindowToHalfLife = 0.34657359;

    /// <summary>Attempts that failed, of all: the budget of errors over the last minutes, as wide as a window of the name's length.</summary>
    public static readonly ScoreSlot Burn5m = new("burn_5m", null, Share, ScoreClock.FiveMinutes, ScoreLeg.Stability);
    public static readonly ScoreSlot Burn30m = new("burn_30m", Burn5m, Share, ScoreClock.HalfHour, ScoreLeg.Stability);
    public static readonly ScoreSlot Burn1h = new("burn_1h", Burn30m, Share, ScoreClock.Hour, ScoreLeg.Stability);
    public static readonly ScoreSlot Burn6h = new("burn_6h", Burn1h, Share, ScoreClock.SixHours, ScoreLeg.Stability);

    /// <summary>Answered, of those that the upstream could answer; what credentials are refused or limited is not in it.</summary>
    public static readonly ScoreSlot Answered = new("answered", Burn6h, Share, ScoreClock.Stability, ScoreLeg.Stability);

    /// <summary>Answered whole and in usual time, of all attempts.</summary>
    public static readonly ScoreSlot Fine = new("fine", Answered, Share, ScoreClock.Stability, ScoreLeg.Stability);
    public static readonly ScoreSlot Aborted = new("aborted", Fine, Share, ScoreClock.Stability, ScoreLeg.Stability);
    public static readonly ScoreSlot Limited = new("limited", Aborted, Share, ScoreClock.Stability, ScoreLeg.Stability);
    public static readonly ScoreSlot Refused = new("refused", Limited, Share, ScoreClock.Stability, ScoreLeg.Stability);
    public static readonly ScoreSlot Late = new("late", Refused, Share, ScoreClock.Stability, ScoreLeg.Stability);

    /// <summary>Output tokens ÷ seconds after the first content.</summary>
    public static readonly ScoreSlot Speed = new("speed", Late, Ratio, ScoreClock.Stability, ScoreLeg.Stability);

    /// <summary>Answers that pass what is looked at in every one.</summary>
    public static readonly ScoreSlot PassedFree = new("passed_free", Speed, Share, ScoreClock.Evidence, ScoreLeg.Quality);

    /// <summary>Answers that pass what is looked at in some.</summary>
    public static readonly ScoreSlot PassedWhole = new("passed_whole", PassedFree, Share, ScoreClock.Evidence, ScoreLeg.Quality);

    /// <summary>Answers in which each kind of fault was found.</summary>
    public static readonly ScoreSlot Faults = new("faults", PassedWhole, Checks.CheckKinds.Count, ScoreClock.Evidence, ScoreLeg.Quality);

    /// <summary>Cached input tokens ÷ input tokens.</summary>
    public static readonly ScoreSlot Cache = new("cache", Faults, Ratio, ScoreClock.Evidence, ScoreLeg.Cost);

    /// <summary>Money of all attempts ÷ list price of those that served.</summary>
    public static readonly ScoreSlot Price = new("price", Cache, Ratio, ScoreClock.Evidence, ScoreLeg.Cost);

    /// <summary>Money of all attempts ÷ tokens of those that served.</summary>
    public static readonly ScoreSlot PerToken = new("per_token", Price, Ratio, ScoreClock.Evidence, ScoreLeg.Cost);

    /// <summary>Money of attempts that failed ÷ money of all.</summary>
    public static readonly ScoreSlot Wasted = new("wasted", PerToken, Ratio, ScoreClock.Evidence, ScoreLeg.Cost);

    /// <summary>The same as <see cref="Speed"/>, over days: how fast it usually is.</summary>
    public static readonly ScoreSlot UsualSpeed = new("usual_speed", Wasted, Ratio, ScoreClock.Evidence, ScoreLeg.Stability);

    /// <summary>How many numbers there are.</summary>
    public static readonly int Count = UsualSpeed.At + UsualSpeed.Length;

    /// <summary>All slots, in order.</summary>
    public static readonly ImmutableArray<ScoreSlot> All = InOrder();

    /// <summary>Where the numbers of each clock end.</summary>
    public static readonly ImmutableArray<int> Ends = [.. Enum.GetValues<ScoreClock>().Select(clock => All.Last(slot => slot.Clock == clock)).Select(slot => slot.At + slot.Length)];

    /// <summary>The half-life of each clock, in milliseconds.</summary>
    public static readonly ImmutableArray<double> HalfLivesMs =
    [
        TimeSpan.FromMinutes(5).TotalMilliseconds * WindowToHalfLife,
        TimeSpan.FromMinutes(30).TotalMilliseconds * WindowToHalfLife,
        TimeSpan.FromHours(1).TotalMilliseconds * WindowToHalfLife,
        TimeSpan.FromHours(6).TotalMilliseconds * WindowToHalfLife,
        TimeSpan.FromHours(6).TotalMilliseconds,
        TimeSpan.FromDays(3).TotalMilliseconds,
    ];

    private static ImmutableArray<ScoreSlot> InOrder()
    {
        var slots = new Stack<ScoreSlot>();
        for (var slot = UsualSpeed; slot is not null; slot = slot.Before)
            slots.Push(slot);
        return [.. slots];
    }
}
