using Trivet.Core.Failures;

namespace Trivet.Core.Ledger.Spool;

/// <summary>Where spool records end up: the database.</summary>
public interface ISpoolSink
{
    /// <summary>
    /// Commits the records in one transaction, idempotently: a record whose id is there already changes nothing, neither row nor rollup.
    /// Returns how many were new.
    /// </summary>
    ValueTask<StoreOutcome<int>> CommitAsync(IReadOnlyList<SpoolRecord> records, CancellationToken cancellationToken);
}
