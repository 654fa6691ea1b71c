using System.Text.Json;
using Dapper;
using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;

namespace Trivet.Storage.Audits;

/// <summary>The operator's own items in the table <c>audit_items</c>.</summary>
internal sealed class SqlAuditItemStore(Database database) : IAuditItemStore
{
    public ValueTask<StoreOutcome<IReadOnlyList<OwnItem>>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<OwnItem>>(
            async connection => (await connection.QueryAsync<string>("SELECT item FROM audit_items ORDER BY created_ms DESC, id")).Select(ItemOf).ToList(), cancellationToken);

    public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<OwnItem> items, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                foreach (var item in items)
                {
                    await scope.Connection.ExecuteAsync(
                        """
                        INSERT INTO audit_items (id, item, created_ms) VALUES (@Id, @item, @CreatedMs)
                        ON CONFLICT (id) DO UPDATE SET item = excluded.item, created_ms = excluded.created_ms
                        """,
                        new { item.Id, item = JsonSerializer.Serialize(item), item.CreatedMs },
                        scope.Transaction);
                }

                var count = await scope.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM audit_items", transaction: scope.Transaction);
                return count <= OwnItem.ItemsMax ? items.Count : new StoreFault(StoreFaultKind.Rejected, $"At most {OwnItem.ItemsMax} items are kept; take some away first.");
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> RemoveAsync(string id, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(async scope => await scope.Connection.ExecuteAsync("DELETE FROM audit_items WHERE id = @id", new { id }, scope.Transaction) > 0, cancellationToken);

    private static OwnItem ItemOf(string json) => JsonSerializer.Deserialize<OwnItem>(json) ?? throw new FormatException("A stored item is unreadable.");
}
