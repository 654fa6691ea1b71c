using System.Globalization;
using Dapper;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;
using Trivet.Storage.Limits;

namespace Trivet.Storage.Ledger;

/// <summary>Moves what attempts were billed from leased to spent, in the allowances that they count against.</summary>
internal static class SqlSettling
{
    public static async Task SettleAsync(Database database, WriteScope scope, IReadOnlyList<AttemptRecord> fresh, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<(string Allowance, string Holder), Settlement>();
        foreach (var attempt in fresh)
        {
            var allowances = attempt.Allowances.AsSpan();
            foreach (var range in allowances.Split(' '))
            {
                var part = allowances[range];
                if (part.IsEmpty)
                    continue; // nothing limits it
                var sign = part.IndexOf('=');
                var id = sign >= 0 ? part[..sign].ToString() : part.Length == allowances.Length ? attempt.Allowances : part.ToString();
                if (!sums.TryGetValue((id, attempt.Holder), out var sum))
                    sums.Add((id, attempt.Holder), sum = new Settlement());
                sum.AmountNano += sign < 0 ? attempt.ChargedNano ?? 0 : long.Parse(part[(sign + 1)..], NumberStyles.None, CultureInfo.InvariantCulture);
                sum.Last = attempt;
            }
        }

        // In one order on all nodes, which lock the same rows.
        foreach (var ((allowance, holder), sum) in sums.OrderBy(sum => sum.Key.Allowance, StringComparer.Ordinal).ThenBy(sum => sum.Key.Holder, StringComparer.Ordinal))
        {
            if (sum.AmountNano > 0)
                await SettleAsync(database, scope, allowance, holder, sum, cancellationToken);
        }
    }

    private static async Task SettleAsync(Database database, WriteScope scope, string allowance, string holder, Settlement sum, CancellationToken cancellationToken)
    {
        // A prepaid balance has its spending from its account's transfers already.
        var isPrepaid = AccountNames.IsCustomer(allowance);
        await scope.Connection.ExecuteAsync(
            "UPDATE allowances SET spent_nano = spent_nano + @spent WHERE id = @allowance", new { allowance, spent = isPrepaid ? 0 : sum.AmountNano }, scope.Transaction);
        var remaining = await scope.Connection.ExecuteScalarAsync<long?>(
            "SELECT remaining_nano FROM leases WHERE allowance = @allowance AND holder = @holder", new { allowance, holder }, scope.Transaction) ?? 0;
        var covered = Math.Min(remaining, sum.AmountNano);
        await SqlLeaseStore.ReduceAsync(scope, allowance, holder, covered);
        if (covered == sum.AmountNano || !isPrepaid)
            return;

        // It comes late, from a node whose lease was taken back meanwhile: what others have spent since is not the customer's to pay twice.
        var row = await scope.Connection.QueryFirstOrDefaultAsync<SqlLeaseStore.AllowanceRow>(
            "SELECT limit_nano, spent_nano, leased_nano FROM allowances WHERE id = @allowance", new { allowance }, scope.Transaction);
        var excess = row is null ? 0 : Math.Min(row.SpentNano + row.LeasedNano - row.LimitNano, sum.AmountNano - covered);
        if (excess <= 0)
            return;
        var last = sum.Last!;
        var late = new Transfer
        {
            Id = $"{last.Id}.late.{TransferKinds.Absorb}",
            AtMs = last.AdmittedMs == 0 ? last.StartedMs : last.AdmittedMs,
            Organisation = last.Organisation,
            RequestId = last.RequestId,
            Kind = TransferKinds.Absorb,
            Debit = AccountNames.Absorbed(last.Organisation, AccountNames.CurrencyOf(allowance)),
            Credit = allowance,
            AmountNano = excess,
            LinkedId = $"{last.Id}.{TransferKinds.Charge}",
        };
        await SqlPosting.PostAsync(database, scope, [late], cancellationToken);
    }

    private sealed class Settlement
    {
        public long AmountNano { get; set; }

        public AttemptRecord? Last { get; set; }
    }
}
