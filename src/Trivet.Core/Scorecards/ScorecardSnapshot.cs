using Trivet.Core.Scorecards.Checks;

namespace Trivet.Core.Scorecards;

/// <summary>A scorecard as it stood at a time, for people: consoles, verbs, the admin API. Shares are 0 to 1; the three legs are 0 to 100.</summary>
public sealed record ScorecardSnapshot
{
    private static readonly BurnWindow[] Windows = Enum.GetValues<BurnWindow>();

    /// <summary>Whose: <c>upstream/model</c>, or a credential's id.</summary>
    public required string Subject { get; init; }

    /// <summary>When it was read, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>What audits have concluded.</summary>
    public AuditStanding Standing { get; init; }

    /// <summary>Why it is taken to be about to be cut off; null where it is not.</summary>
    public string? Warning { get; init; }

    /// <summary>First leg: of a hundred attempts, how many are answered, whole and in usual time.</summary>
    public Estimate StabilityPercent { get; init; }

    /// <summary>Second leg: of a hundred answers, how many pass the passive checks.</summary>
    public Estimate QualityPercent { get; init; }

    /// <summary>Third leg: what is paid, in per cent of the list price of what was served. Less is better; above 100 it is dearer than the list.</summary>
    public Estimate CostPercent { get; init; }

    /// <summary>Answered, of those that the upstream could answer.</summary>
    public Estimate Availability { get; init; }

    /// <summary>Broken off, of answers that had begun.</summary>
    public Estimate AbortShare { get; init; }

    /// <summary>429, of all attempts.</summary>
    public Estimate LimitedShare { get; init; }

    /// <summary>401, 402 and 403, of all attempts.</summary>
    public Estimate RefusedShare { get; init; }

    /// <summary>Far slower than usual or overdue, of those that were answered or overdue.</summary>
    public Estimate SlowShare { get; init; }

    /// <summary>After the first content.</summary>
    public Estimate OutputTokensPerSecond { get; init; }

    /// <summary>Speed of the last hours over that of the last days: 1 is as usual.</summary>
    public Estimate Pace { get; init; }

    /// <summary>Its pace is for certain another than usual: a sign that something else answers, or that its hours are busy.</summary>
    public bool HasOtherPace { get; init; }

    /// <summary>To the first content, by the length of the prompt; only classes of which something is known.</summary>
    public IReadOnlyList<FirstContentLine> FirstContent { get; init; } = [];

    /// <summary>How fast the budget of errors burns.</summary>
    public IReadOnlyList<BurnLine> Burn { get; init; } = [];

    /// <summary>What the passive checks found, and in how many answers, old ones counted less; only what was found.</summary>
    public IReadOnlyList<CheckLine> Checks { get; init; } = [];

    /// <summary>Answers that the free checks have seen, and that all checks have seen; old ones counted less.</summary>
    public (double Free, double Whole) Checked { get; init; }

    /// <summary>Currency of <see cref="NanoPerMillionTokens"/>; empty where nothing is known.</summary>
    public string Currency { get; init; } = "";

    /// <summary>What a million tokens of this traffic cost.</summary>
    public Estimate NanoPerMillionTokens { get; init; }

    /// <summary>Cached input tokens, of input tokens.</summary>
    public Estimate CacheShare { get; init; }

    /// <summary>Money for attempts that failed, of all.</summary>
    public Estimate WastedShare { get; init; }

    internal static ScorecardSnapshot Of(string subject, Scorecard card, long nowMs) => new()
    {
        Subject = subject,
        AtMs = nowMs,
        Standing = card.Standing,
        Warning = card.Warning,
        StabilityPercent = Intervals.Scale(card.Stability(nowMs), 100),
        QualityPercent = Intervals.Scale(card.Quality(nowMs), 100),
        CostPercent = Intervals.Scale(card.PriceRatio(nowMs), 100),
        Availability = card.Availability(nowMs),
        AbortShare = card.AbortShare(nowMs),
        LimitedShare = card.LimitedShare(nowMs),
        RefusedShare = card.RefusedShare(nowMs),
        SlowShare = card.SlowShare(nowMs),
        OutputTokensPerSecond = card.OutputTokensPerSecond(nowMs),
        Pace = card.Pace(nowMs),
        HasOtherPace = card.HasOtherPace(nowMs),
        FirstContent = [.. FirstContentTimes.Classes().Where(one => card.FirstContent.Known(one.IsStream, one.From) > 0).Select(one => new FirstContentLine(
            one.IsStream, one.From, one.To, card.FirstContentMs(one.IsStream, one.From, 0.5, nowMs), card.FirstContentMs(one.IsStream, one.From, 0.95, nowMs)))],
        Burn = [.. Windows.Select(window => new BurnLine(window, card.BurnRate(window, nowMs), card.Share(Scorecard.SlotOf(window), nowMs).Weight))],
        Checks = [.. card.Findings(nowMs).Select(static (count, kind) => new CheckLine((CheckKind)kind, count)).Where(static line => line.Answers >= 0.01)],
        Checked = (card.Share(ScoreSlots.PassedFree, nowMs).Weight, card.Share(ScoreSlots.PassedWhole, nowMs).Weight),
        Currency = card.Currency,
        NanoPerMillionTokens = card.NanoPerMillionTokens(nowMs),
        CacheShare = card.CacheShare(nowMs),
        WastedShare = card.WastedShare(nowMs),
    };
}

/// <summary>How long it takes to the first content for prompts of one length.</summary>
/// <param name="IsStream">Of streams; otherwise of whole answers, which are content when they are complete.</param>
/// <param name="PromptTokensFrom">From so many tokens.</param>
/// <param name="PromptTokensTo">To so many; null: no bound.</param>
/// <param name="MedianMs">Half of the answers begin within it.</param>
/// <param name="P95Ms">Nineteen of twenty do.</param>
public sealed record FirstContentLine(bool IsStream, long PromptTokensFrom, long? PromptTokensTo, Estimate MedianMs, Estimate P95Ms);

/// <summary>How fast the budget of errors burns over a window.</summary>
/// <param name="Window">How wide.</param>
/// <param name="Rate">1 uses it up exactly; NaN where nothing was asked.</param>
/// <param name="Weight">Attempts that it stands on.</param>
public sealed record BurnLine(BurnWindow Window, double Rate, double Weight);

/// <summary>What a check found.</summary>
/// <param name="Kind">What.</param>
/// <param name="Answers">In how many answers, old ones counted less.</param>
public sealed record CheckLine(CheckKind Kind, double Answers);
