using Dapper;
using Trivet.Core.Ledger;

namespace Trivet.Storage.Ledger;

/// <summary>Posts transfers within a write transaction: rows, then the balances and prepaid allowances by what was really new.</summary>
internal static class SqlPosting
{
    /// <summary>Returns the transfers that were new.</summary>
    public static async Task<IReadOnlyList<Transfer>> PostAsync(Database database, WriteScope scope, IReadOnlyList<Transfer> transfers, CancellationToken cancellationToken)
    {
        if (transfers.Count == 0)
            return transfers;
        var fresh = await database.Engine.InsertAsync(scope, LedgerTables.Transfers, transfers, cancellationToken);
        if (fresh.Count == 0)
            return fresh;
        var balances = AccountBalance.Of(fresh);
        await database.Engine.InsertAsync(scope, LedgerTables.Accounts, balances, cancellationToken);
        foreach (var customer in balances.Where(balance => AccountNames.IsCustomer(balance.Id)))
        {
            // Only of prepaid accounts there is a row.
            await scope.Connection.ExecuteAsync(
                "UPDATE allowances SET spent_nano = spent_nano + @DebitsNano, limit_nano = limit_nano + @CreditsNano WHERE id = @Id", customer, scope.Transaction);
        }

        return fresh;
    }
}
