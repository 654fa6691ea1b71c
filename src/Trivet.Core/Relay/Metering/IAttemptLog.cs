using Trivet.Core.Failures;

namespace Trivet.Core.Relay.Metering;

/// <summary>The attempts of the last hours, one by one, for whoever plays them again.</summary>
public interface IAttemptLog
{
    /// <summary>The newest attempts whose requests arrived at or after a time, the oldest first.</summary>
    /// <param name="sinceMs">Unix milliseconds.</param>
    /// <param name="countMax">How many are looked at at most; what is left out is the oldest.</param>
    /// <param name="route">The route that took them; null: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> ReadAsync(long sinceMs, int countMax, string? route, CancellationToken cancellationToken);
}
