using Trivet.Core.Failures;

namespace Trivet.Core.Audits.Items;

/// <summary>Where the operator's own items are kept, for all nodes. Safe for concurrent use.</summary>
public interface IAuditItemStore
{
    /// <summary>All of them, the newest first.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<OwnItem>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Keeps items, all or none; one whose id is there already takes its place. <see cref="StoreFaultKind.Rejected"/> where there would be more than <see cref="OwnItem.ItemsMax"/>.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<OwnItem> items, CancellationToken cancellationToken);

    /// <summary>Takes one away; false where there was none.</summary>
    ValueTask<StoreOutcome<bool>> RemoveAsync(string id, CancellationToken cancellationToken);
}
