using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>What went to one offering in one hour, or to several in several, by the currency it cost.</summary>
public sealed record TrafficHour
{
    /// <summary>When the hour began, Unix milliseconds; 0 where hours are not told apart.</summary>
    public long HourMs { get; init; }
    public string Upstream { get; init; } = "";
    public string UpstreamModel { get; init; } = "";

    /// <summary>Empty for attempts without a price.</summary>
    public string Currency { get; init; } = "";
    public long Attempts { get; init; }
    public long Failed { get; init; }
    public long Unpriced { get; init; }
    public long InputUncachedTokens { get; init; }
    public long InputCacheReadTokens { get; init; }
    public long InputCacheWrite5mTokens { get; init; }
    public long InputCacheWrite1hTokens { get; init; }
    public long OutputTextTokens { get; init; }
    public long OutputReasoningTokens { get; init; }
    public long CostNano { get; init; }

    /// <summary>Attempts with a list price in <see cref="Currency"/>; <see cref="ListNano"/> is of those alone.</summary>
    public long Listed { get; init; }
    public long ListNano { get; init; }
}

/// <summary>What sums of traffic are told apart by, besides currencies. What is not told apart is left empty in the answer.</summary>
[Flags]
public enum TrafficBy
{
    Nothing = 0,
    Hour = 1,
    Offering = 2,
    HourAndOffering = Hour | Offering,
}

/// <summary>Reads how traffic went, for people.</summary>
public interface ITrafficStore
{
    /// <summary>Whole hours from the one of <paramref name="sinceMs"/> on, the oldest first, from the sums by hour.</summary>
    /// <param name="by">What is told apart; the less, the quicker.</param>
    /// <param name="sinceMs">Unix milliseconds.</param>
    /// <param name="upstream">Null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<StoreOutcome<IReadOnlyList<TrafficHour>>> HoursAsync(TrafficBy by, long sinceMs, string? upstream, CancellationToken cancellationToken);

    /// <summary>The newest attempts first, of requests that arrived at or after <paramref name="sinceMs"/>.</summary>
    /// <param name="sinceMs">Unix milliseconds: what bounds the work where few attempts fit.</param>
    /// <param name="upstream">Null for all.</param>
    /// <param name="onlyFailed">Those that went well are left out.</param>
    /// <param name="countMax">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> AttemptsAsync(long sinceMs, string? upstream, bool onlyFailed, int countMax, CancellationToken cancellationToken);
}
