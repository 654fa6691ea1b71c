using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>
/// Keeps sums by day beside those by hour, behind the booking that keeps the latter: a day is closed once it is over, and folded then. What is booked into a closed day makes its sums stale in the same transaction,
/// so that readers go back to its hours until it is folded again. Safe from several nodes on one database.
/// </summary>
public interface IRollupStore
{
    /// <summary>Closes days that ended before a time (Unix milliseconds) and are not closed yet. Answers how many.</summary>
    ValueTask<StoreOutcome<int>> CloseDaysAsync(long endedMs, CancellationToken cancellationToken);

    /// <summary>Folds the newest day whose sums are stale or were never made; false where there is none.</summary>
    ValueTask<StoreOutcome<bool>> FoldNextAsync(CancellationToken cancellationToken);
}
