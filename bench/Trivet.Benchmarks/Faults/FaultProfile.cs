namespace Trivet.Benchmarks.Faults;

/// <summary>
/// The waits of the suite. <see cref="Full"/> has the published numbers; <see cref="Fast"/> has them at a fifth to a third, deadlines likewise. What rules
/// speak of in seconds (a wait of two seconds, tries within three, traffic that is back within five) is the same in both.
/// </summary>
/// <param name="Name">As typed.</param>
/// <param name="FirstContentMs">The configured deadline for first content, where a case is about it.</param>
/// <param name="IdleMs">The configured deadline between events, where a case is about it.</param>
/// <param name="LateTokenMs">When the late first token comes.</param>
/// <param name="AnsweredMsMax">By when a client that met a late or silent upstream has its answer.</param>
/// <param name="StallMs">How long a stream stalls.</param>
/// <param name="StallSeenMsMax">By when a client of a stalled stream knows.</param>
/// <param name="DownMs">How long the primary is down.</param>
/// <param name="PeriodMs">Between the requests that watch it.</param>
internal sealed record FaultProfile(string Name, int FirstContentMs, int IdleMs, int LateTokenMs, int AnsweredMsMax, int StallMs, int StallSeenMsMax, int DownMs, int PeriodMs)
{
    /// <summary>A primary that is healthy again has its traffic back by then.</summary>
    public const int BackMsMax = 5_000;

    public static FaultProfile Fast { get; } = new("fast", 2_000, 1_500, 6_000, 4_500, 6_000, 4_500, 12_000, 1_000);

    public static FaultProfile Full { get; } = new("full", 10_000, 10_000, 20_000, 15_000, 30_000, 15_000, 60_000, 4_000);

    public static FaultProfile Named(string name) => name switch
    {
        "fast" => Fast,
        "full" => Full,
        _ => throw new BenchOptionException($"'{name}' is not a profile: fast or full."),
    };
}
