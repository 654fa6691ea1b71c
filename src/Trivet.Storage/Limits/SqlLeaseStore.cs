using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Limits;

namespace Trivet.Storage.Limits;

/// <summary>Leases in SQL. Every write locks the allowance's row first, so that transactions of several nodes follow one another.</summary>
internal sealed class SqlLeaseStore(Database database) : ILeaseStore
{
    /// <summary>Of what is left, a node takes one part in so many at most: the others want some, too.</summary>
    private const int ShareDivisor = 4;

    private static readonly long LeaseMs = (long)ILeaseStore.LeaseTime.TotalMilliseconds;

    private string Now => database.Engine.NowMsSql;

    public ValueTask<StoreOutcome<LeaseGrant>> TakeAsync(LeaseAsk ask, CancellationToken cancellationToken) =>
        database.WriteAsync<LeaseGrant>(
            async scope =>
            {
                if (await LockAsync(scope, ask.Allowance) is { } fault)
                    return fault;
                await ReclaimAsync(scope, ask.Allowance.Id);
                var row = await scope.Connection.QueryFirstAsync<AllowanceRow>(
                    """
                    SELECT limit_nano, spent_nano, leased_nano, COALESCE((SELECT remaining_nano FROM leases WHERE allowance = @Id AND holder = @Holder), 0) AS mine_nano
                    FROM allowances WHERE id = @Id
                    """,
                    new { ask.Allowance.Id, ask.Holder },
                    scope.Transaction);
                var free = Math.Max(0, row.LimitNano - row.SpentNano - row.LeasedNano);
                var others = row.LeasedNano - row.MineNano;
                var grant = Share(ask, free, others);
                if (grant > 0)
                    await GrantAsync(scope, ask, grant);
                return new LeaseGrant(grant, free - grant, others, row.LimitNano);
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> ReturnAsync(string holder, IReadOnlyList<LeaseReturn> returns, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                foreach (var back in returns.OrderBy(back => back.AllowanceId, StringComparer.Ordinal))
                {
                    // What was reclaimed meanwhile is back already: then the lease has less, or is gone.
                    await scope.Connection.ExecuteAsync("UPDATE allowances SET leased_nano = leased_nano WHERE id = @AllowanceId", back, scope.Transaction);
                    var remaining = await scope.Connection.ExecuteScalarAsync<long?>(
                        "SELECT remaining_nano FROM leases WHERE allowance = @AllowanceId AND holder = @holder", new { back.AllowanceId, holder }, scope.Transaction) ?? 0;
                    await ReduceAsync(scope, back.AllowanceId, holder, Math.Min(remaining, back.AmountNano));
                }

                return returns.Count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> RenewAsync(string holder, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(
                $"UPDATE leases SET expires_ms = {Now} + {LeaseMs} WHERE holder = @holder AND expires_ms > {Now}", new { holder }, scope.Transaction),
            cancellationToken);

    public ValueTask<StoreOutcome<int>> ReleaseEarlierAsync(string node, string holder, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                var rows = (await scope.Connection.QueryAsync<LeaseRow>(
                    "SELECT allowance, holder, remaining_nano FROM leases WHERE holder LIKE @node AND holder <> @holder ORDER BY allowance, holder",
                    new { node = node + ".%", holder },
                    scope.Transaction)).AsList();
                foreach (var row in rows)
                    await DropAsync(scope, row);
                return rows.Count;
            },
            cancellationToken);

    private static long Share(LeaseAsk ask, long free, long others)
    {
        if (free >= ask.NeedNano)
            return Math.Clamp(Math.Min(ask.WantNano, free / ShareDivisor), ask.NeedNano, free);
        return ask.IsLast && others == 0 && free > 0 && free + ask.HeldNano >= ask.LeastNano ? free : 0;
    }

    /// <summary>Makes the row where it is not there yet, sets its limit, and locks it. What was spent in the window before anybody counted it is added up once.</summary>
    private async Task<StoreFault?> LockAsync(WriteScope scope, AllowanceSpec spec)
    {
        var limit = spec.LimitNano;
        if (await scope.Connection.ExecuteAsync("UPDATE allowances SET limit_nano = COALESCE(@limit, limit_nano) WHERE id = @Id", new { limit, spec.Id }, scope.Transaction) > 0)
            return null;
        if (limit is null)
            return new StoreFault(StoreFaultKind.NotFound, $"There is no prepaid balance {spec.Id}.");
        if (spec.Currency.Length == 0)
        {
            await BeginCountAsync(scope, spec);
            return null;
        }

        await scope.Connection.ExecuteAsync(
            """
            INSERT INTO allowances (id, limit_nano, spent_nano, leased_nano, ends_ms)
            SELECT @Id, @LimitNano, CAST(COALESCE(SUM(charged_nano), 0) AS BIGINT), 0, @EndsMs FROM attempts
            WHERE organisation = @Organisation AND started_ms >= @StartsMs AND (@Team = '' OR team = @Team) AND (@KeyId = '' OR key_id = @KeyId) AND charge_currency = @Currency
            ON CONFLICT (id) DO UPDATE SET limit_nano = excluded.limit_nano
            """,
            spec,
            scope.Transaction);
        return null;
    }

    // A new minute of what is no money; those that are long over go with it, or there would be a row for each minute of each key. Rows that another node is at are left to it:
    // at the turn of a minute many nodes come here at once, and to wait for each other in turn would be a deadlock.
    private async Task BeginCountAsync(WriteScope scope, AllowanceSpec spec)
    {
        const long KeptMs = 10 * 60 * 1000;
        await scope.Connection.ExecuteAsync(
            "INSERT INTO allowances (id, limit_nano, spent_nano, leased_nano, ends_ms) VALUES (@Id, @LimitNano, 0, 0, @EndsMs) ON CONFLICT (id) DO UPDATE SET limit_nano = excluded.limit_nano", spec, scope.Transaction);
        var over = await scope.Connection.QueryAsync<string>(
            $"SELECT id FROM allowances WHERE id LIKE @pattern AND ends_ms > 0 AND ends_ms < @before LIMIT 500{database.Engine.LockFreeRowsSql}",
            new { pattern = AllowanceSpec.CountPrefix + "%", before = spec.StartsMs - KeptMs },
            scope.Transaction);
        foreach (var id in over)
        {
            await scope.Connection.ExecuteAsync("DELETE FROM leases WHERE allowance = @id", new { id }, scope.Transaction);
            await scope.Connection.ExecuteAsync("DELETE FROM allowances WHERE id = @id", new { id }, scope.Transaction);
        }
    }

    /// <summary>Takes back the leases of nodes that did not renew them.</summary>
    private async Task ReclaimAsync(WriteScope scope, string allowance)
    {
        var expired = (await scope.Connection.QueryAsync<LeaseRow>(
            $"SELECT allowance, holder, remaining_nano FROM leases WHERE allowance = @allowance AND expires_ms <= {Now}", new { allowance }, scope.Transaction)).AsList();
        foreach (var row in expired)
            await DropAsync(scope, row);
    }

    private async Task GrantAsync(WriteScope scope, LeaseAsk ask, long grant)
    {
        var values = new { ask.Allowance.Id, ask.Holder, grant };
        await scope.Connection.ExecuteAsync("UPDATE allowances SET leased_nano = leased_nano + @grant WHERE id = @Id", values, scope.Transaction);
        await scope.Connection.ExecuteAsync(
            $"""
            INSERT INTO leases (allowance, holder, remaining_nano, expires_ms) VALUES (@Id, @Holder, @grant, {Now} + {LeaseMs})
            ON CONFLICT (allowance, holder) DO UPDATE SET remaining_nano = leases.remaining_nano + excluded.remaining_nano, expires_ms = excluded.expires_ms
            """,
            values,
            scope.Transaction);
    }

    private static async Task DropAsync(WriteScope scope, LeaseRow row)
    {
        await scope.Connection.ExecuteAsync("UPDATE allowances SET leased_nano = leased_nano - @RemainingNano WHERE id = @Allowance", row, scope.Transaction);
        await scope.Connection.ExecuteAsync("DELETE FROM leases WHERE allowance = @Allowance AND holder = @Holder", row, scope.Transaction);
    }

    /// <summary>Takes an amount out of a lease and out of what is leased.</summary>
    internal static async Task ReduceAsync(WriteScope scope, string allowance, string holder, long amount)
    {
        if (amount <= 0)
            return;
        await scope.Connection.ExecuteAsync("UPDATE allowances SET leased_nano = leased_nano - @amount WHERE id = @allowance", new { allowance, amount }, scope.Transaction);
        await scope.Connection.ExecuteAsync(
            "UPDATE leases SET remaining_nano = remaining_nano - @amount WHERE allowance = @allowance AND holder = @holder", new { allowance, holder, amount }, scope.Transaction);
    }

    internal sealed class AllowanceRow
    {
        public long LimitNano { get; init; }
        public long SpentNano { get; init; }
        public long LeasedNano { get; init; }
        public long MineNano { get; init; }
    }

    private sealed class LeaseRow
    {
        public string Allowance { get; init; } = "";
        public string Holder { get; init; } = "";
        public long RemainingNano { get; init; }
    }
}
