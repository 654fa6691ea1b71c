using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;
using Trivet.Core.Yaml;

namespace Trivet.Core.Admin;

/// <summary>The operator's own items of the paired test of capability: what people put in, see and take out.</summary>
public sealed class AuditItemAdmin(IAuditItemStore store, TimeProvider time)
{
    /// <summary>All items, the newest first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<OwnItem>>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    /// <summary>Adds an item. Id, time and author are filled in here; <see cref="StoreFaultKind.Rejected"/> where it cannot be taken (<see cref="OwnItems.ProblemOf(OwnItem)"/> says so beforehand).</summary>
    /// <param name="item">The item.</param>
    /// <param name="by">Who adds it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<StoreOutcome<OwnItem>> AddAsync(OwnItem item, string by, CancellationToken cancellationToken)
    {
        if (OwnItems.ProblemOf(item) is { } problem)
            return new StoreFault(StoreFaultKind.Rejected, problem);
        var added = Signed(item, by);
        var saved = await store.SaveAsync([added], cancellationToken);
        return saved.Fault is { } fault ? fault : added;
    }

    /// <summary>Adds the items of a file, all or none. Returns how many there were.</summary>
    public async ValueTask<StoreOutcome<int>> ImportAsync(string yaml, string by, CancellationToken cancellationToken)
    {
        var (items, problems) = OwnItemReader.Read(yaml);
        if (problems.Count > 0)
            return new StoreFault(StoreFaultKind.Rejected, string.Join(Environment.NewLine, problems.Select(problem => problem.ToString())));
        var all = items.Select(item => Signed(item, by)).DistinctBy(item => item.Id).ToList();
        var saved = await store.SaveAsync(all, cancellationToken);
        return saved.Fault is { } fault ? fault : all.Count;
    }

    /// <summary>Takes an item away. <see cref="StoreFaultKind.NotFound"/> where there is none of that id.</summary>
    public async ValueTask<StoreOutcome<bool>> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var removed = await store.RemoveAsync(id, cancellationToken);
        return removed is { IsSuccess: true, Value: false } ? new StoreFault(StoreFaultKind.NotFound, $"There is no item {id}.") : removed;
    }

    private OwnItem Signed(OwnItem item, string by) => OwnItems.Identified(item with { CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(), CreatedBy = by });
}
