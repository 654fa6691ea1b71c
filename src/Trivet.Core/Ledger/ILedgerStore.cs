using Trivet.Core.Failures;

namespace Trivet.Core.Ledger;

/// <summary>The transfers and what they come to. Safe for concurrent use, also beside a running server.</summary>
public interface ILedgerStore
{
    /// <summary>Posts transfers in one transaction; those that are there already change nothing. Returns how many were new. <see cref="StoreFaultKind.Rejected"/> when one has a problem.</summary>
    ValueTask<StoreOutcome<int>> PostAsync(IReadOnlyList<Transfer> transfers, CancellationToken cancellationToken);

    /// <summary>Posts a person's transfer, unless one of its id is there at whatever time. Returns 1 or 0.</summary>
    ValueTask<StoreOutcome<int>> PostOnceAsync(Transfer transfer, CancellationToken cancellationToken);

    /// <summary>Recomputes every balance from the transfers, and compares transfers with attempts.</summary>
    ValueTask<StoreOutcome<LedgerCheck>> VerifyAsync(CancellationToken cancellationToken);

    /// <summary>Everything that moved because of a request, in the order of its transfers' ids.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<Transfer>>> OfRequestAsync(string requestId, CancellationToken cancellationToken);

    /// <summary>Gives every transfer at or after a time (Unix milliseconds) to <paramref name="each"/>, oldest first.</summary>
    ValueTask<StoreOutcome<long>> ExportAsync(long sinceMs, Action<Transfer> each, CancellationToken cancellationToken);

    /// <summary>All accounts by name.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<AccountBalance>>> BalancesAsync(CancellationToken cancellationToken);

    /// <summary>Our books of one upstream by day and model, from a time (inclusive) to another (exclusive), Unix milliseconds of whole hours.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<DailyCost>>> DailyCostsAsync(string upstream, long fromMs, long toMs, CancellationToken cancellationToken);
}
