using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Scorecards.Manner;

namespace Trivet.Core.Scorecards;

/// <summary>
/// What is known of one offering, or of one credential, from the requests that went there, in natural units and each with its uncertainty; what routing weighs and people read. Old samples count
/// less; those of other nodes are in it (docs/scorecards.md). Safe for concurrent use; reading allocates nothing but <see cref="Read"/>.
/// </summary>
public sealed partial class Scorecard
{
    /// <summary>The share of attempts that an offering should answer; what is left of it is the budget of errors.</summary>
    public const double TargetAvailability = 0.99;

    /// <summary>So many times faster or slower than usual is another pace. Days have hours: a vendor's busiest were seldom slower than its mean by more.</summary>
    public const double OtherPace = 1.6;

    private const double PaceWeightMin = 30;
    private const double PerMillion = 1e6;

    private readonly Lock _gate = new();
    private readonly ScoreSums _own = new();
    private ScoreSums? _peers;
    private string _currency = "";
    private AnswerManner? _manner;
    private string? _warning;
    private string? _peerWarning;
    private long _revision;

    /// <summary>How long it takes to its first content.</summary>
    public FirstContentTimes FirstContent { get; } = new();

    /// <summary>What people made of its answers, by task.</summary>
    public TaskShares Tasks { get; } = new();

    /// <summary>How the last answers passed the passive checks.</summary>
    public RecentShare QualityLately { get; } = new();

    /// <summary>How its answers are written; null where the operator does not allow that they are read for it, or none has come.</summary>
    internal AnswerManner? Manner => Volatile.Read(ref _manner);

    /// <summary>What audits have concluded.</summary>
    public AuditStanding Standing { get; set; }

    /// <summary>Why it is taken to be about to be cut off, in a sentence; null where it is not.</summary>
    public string? Warning => Volatile.Read(ref _warning) ?? Volatile.Read(ref _peerWarning);

    /// <summary>Signs are that its vendor is about to cut it off: traffic is better moved while there is time.</summary>
    public bool IsWarned => Warning is not null;

    /// <summary>Currency of what it costs; empty where that is not known.</summary>
    public string Currency
    {
        get
        {
            lock (_gate)
                return _currency;
        }
    }

    /// <summary>The probability that an attempt is answered, where its credential is neither limited nor refused.</summary>
    public Estimate Availability(long nowMs) => Share(ScoreSlots.Answered, nowMs);

    /// <summary>The probability that an attempt is answered, whole and in usual time; limits and refusals count against it.</summary>
    public Estimate Stability(long nowMs) => Share(ScoreSlots.Fine, nowMs);

    /// <summary>The probability that an answer passes the passive checks.</summary>
    public Estimate Quality(long nowMs) => Intervals.Product(Share(ScoreSlots.PassedFree, nowMs), Share(ScoreSlots.PassedWhole, nowMs));

    /// <summary>Of answers that had begun, those that broke off.</summary>
    public Estimate AbortShare(long nowMs) => Share(ScoreSlots.Aborted, nowMs);

    /// <summary>Of all attempts, those that were refused for their rate (429).</summary>
    public Estimate LimitedShare(long nowMs) => Share(ScoreSlots.Limited, nowMs);

    /// <summary>Of all attempts, those whose credential was refused (401, 402, 403).</summary>
    public Estimate RefusedShare(long nowMs) => Share(ScoreSlots.Refused, nowMs);

    /// <summary>Of attempts that were answered or overdue, those far slower than is usual, or overdue.</summary>
    public Estimate SlowShare(long nowMs) => Share(ScoreSlots.Late, nowMs);

    /// <summary>Milliseconds within which a share of the answers to prompts of this length begin.</summary>
    public Estimate FirstContentMs(bool isStream, long promptTokens, double share, long nowMs) => FirstContent.Read(isStream, promptTokens, share, LastMs(ScoreLeg.Stability, nowMs));

    /// <summary>Output tokens per second after the first content.</summary>
    public Estimate OutputTokensPerSecond(long nowMs) => Ratio(ScoreSlots.Speed, nowMs);

    /// <summary>
    /// The speed of the last hours over that of the last days: its latency signature. A model that is swapped for another is rarely as fast; neither is one whose hours are busy, so that this convicts nobody and makes audits look
    /// sooner (docs/scorecards.md).
    /// </summary>
    public Estimate Pace(long nowMs) => Intervals.Quotient(OutputTokensPerSecond(nowMs), Ratio(ScoreSlots.UsualSpeed, nowMs));

    /// <summary>Whether its pace is, for certain, another than usual.</summary>
    public bool HasOtherPace(long nowMs) => Pace(nowMs) is { Weight: >= PaceWeightMin } pace && (pace.Low > OtherPace || pace.High < 1 / OtherPace);

    /// <summary>Of input tokens, those that came from the vendor's cache (φ).</summary>
    public Estimate CacheShare(long nowMs) => Ratio(ScoreSlots.Cache, nowMs, isPart: true);

    /// <summary>What is paid, failed attempts with it, for one unit of list price of what was served: .4 is forty per cent of the list.</summary>
    public Estimate PriceRatio(long nowMs) => Ratio(ScoreSlots.Price, nowMs);

    /// <summary>Nano-units of <see cref="Currency"/> that a million tokens of this traffic cost, input and output together, failed attempts with it.</summary>
    public Estimate NanoPerMillionTokens(long nowMs) => Intervals.Scale(Ratio(ScoreSlots.PerToken, nowMs), PerMillion);

    /// <summary>Of the money, that which went for attempts that failed.</summary>
    public Estimate WastedShare(long nowMs) => Ratio(ScoreSlots.Wasted, nowMs, isPart: true);

    /// <summary>How many times faster than it may the budget of errors is used up over a window; 1 uses it up exactly. NaN where nothing was asked.</summary>
    public double BurnRate(BurnWindow window, long nowMs)
    {
        var failed = Share(SlotOf(window), nowMs);
        return failed.IsKnown ? failed.Value / (1 - TargetAvailability) : double.NaN;
    }

    /// <summary>All of it, for people.</summary>
    /// <param name="subject">Whose it is.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    public ScorecardSnapshot Read(string subject, long nowMs) => ScorecardSnapshot.Of(subject, this, nowMs);

    /// <summary>How many answers each kind of finding was in, old ones counted less.</summary>
    internal double[] Findings(long nowMs)
    {
        lock (_gate)
        {
            Fade(nowMs);
            var found = new double[CheckKinds.Count];
            for (var kind = 0; kind < found.Length; kind++)
                found[kind] = _own[ScoreSlots.Faults][kind] + (_peers is { } peers ? peers[ScoreSlots.Faults][kind] : 0);
            return found;
        }
    }

    /// <summary>A share of the sums.</summary>
    internal Estimate Share(ScoreSlot slot, long nowMs)
    {
        lock (_gate)
        {
            Fade(nowMs);
            var (hits, all, last) = (_own[slot][0], _own[slot][1], _own.LastMs(slot.Leg));
            if (_peers is { } peers)
                (hits, all, last) = (hits + peers[slot][0], all + peers[slot][1], Math.Max(last, peers.LastMs(slot.Leg)));
            return Intervals.Share(hits, all, last);
        }
    }

    /// <summary>The slot of a window.</summary>
    internal static ScoreSlot SlotOf(BurnWindow window) => window switch
    {
        BurnWindow.FiveMinutes => ScoreSlots.Burn5m,
        BurnWindow.HalfHour => ScoreSlots.Burn30m,
        BurnWindow.Hour => ScoreSlots.Burn1h,
        _ => ScoreSlots.Burn6h,
    };

    private Estimate Ratio(ScoreSlot slot, long nowMs, bool isPart = false)
    {
        Span<double> sums = stackalloc double[slot.Length];
        long last;
        lock (_gate)
        {
            Fade(nowMs);
            for (var i = 0; i < sums.Length; i++)
                sums[i] = _own[slot][i] + (_peers is { } peers ? peers[slot][i] : 0);
            last = Math.Max(_own.LastMs(slot.Leg), _peers?.LastMs(slot.Leg) ?? 0);
        }

        return isPart ? Intervals.Part(sums, last) : Intervals.Ratio(sums, last);
    }

    private long LastMs(ScoreLeg leg, long nowMs)
    {
        lock (_gate)
        {
            Fade(nowMs);
            return Math.Max(_own.LastMs(leg), _peers?.LastMs(leg) ?? 0);
        }
    }

    private void Fade(long nowMs)
    {
        _own.Fade(nowMs);
        _peers?.Fade(nowMs);
    }
}
