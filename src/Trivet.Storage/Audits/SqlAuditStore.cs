using Dapper;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;

namespace Trivet.Storage.Audits;

/// <summary>Cases and audits in the tables <c>audit_cases</c>, <c>audits</c> and <c>audit_leases</c>.</summary>
internal sealed class SqlAuditStore(Database database) : IAuditStore
{
    private const string LeaseName = "rounds";
    private const int LimitMax = 500;

    private string Now => database.Engine.NowMsSql;

    public ValueTask<StoreOutcome<bool>> TryLeaseAsync(string holder, TimeSpan keep, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope => await scope.Connection.ExecuteAsync(
                $"""
                INSERT INTO audit_leases (name, holder, expires_ms) VALUES (@LeaseName, @holder, {Now} + @keepMs)
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_ms = excluded.expires_ms
                WHERE audit_leases.holder = excluded.holder OR audit_leases.expires_ms <= {Now}
                """,
                new { LeaseName, holder, keepMs = (long)keep.TotalMilliseconds },
                scope.Transaction) > 0,
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<AuditCase>>> CasesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AuditCase>>(
            async connection => (await connection.QueryAsync<string>("SELECT state FROM audit_cases ORDER BY offering")).Select(AuditRows.CaseOf).ToList(), cancellationToken);

    public ValueTask<StoreOutcome<long>> BeginAsync(AuditBeginning beginning, CancellationToken cancellationToken) =>
        database.WriteAsync<long>(
            async scope =>
            {
                var spent = await scope.Connection.ExecuteScalarAsync<long>(
                    "SELECT CAST(COALESCE(SUM(spent_nano), 0) AS BIGINT) FROM audits WHERE upstream = @Upstream AND started_ms >= @DayStartMs AND currency = @Currency", beginning, scope.Transaction);
                var rest = beginning.DayBudgetNano - spent;
                if (!AuditBudget.IsWorthwhile(rest, beginning.DayBudgetNano))
                    return 0L;
                await scope.Connection.ExecuteAsync(
                    """
                    INSERT INTO audits (id, offering, upstream, started_ms, finished_ms, spent_nano, currency, found, report, exchanges)
                    VALUES (@Id, @Offering, @Upstream, @StartedMs, 0, @rest, @Currency, 0, '', '')
                    """,
                    new { beginning.Id, beginning.Offering, beginning.Upstream, beginning.StartedMs, rest, beginning.Currency },
                    scope.Transaction);
                return rest;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> FinishAsync(StoredAudit audit, IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                var row = new
                {
                    audit.Id,
                    audit.Report.FinishedMs,
                    audit.Report.SpentNano,
                    found = AuditSentences.Strongest(audit.Report) is { Evidence: >= AuditCase.SuspiciousFrom } || audit.Report.HasProblem ? 1L : 0L,
                    report = AuditRows.Report(audit),
                    exchanges = AuditRows.Pack(audit.Report.Exchanges),
                };
                await scope.Connection.ExecuteAsync(
                    "UPDATE audits SET finished_ms = @FinishedMs, spent_nano = @SpentNano, found = @found, report = @report, exchanges = @exchanges WHERE id = @Id", row, scope.Transaction);
                return await SaveAsync(scope, changed);
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> SaveCasesAsync(IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(async scope => await SaveAsync(scope, changed), cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<StoredAudit>>> ListAsync(AuditQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredAudit>>(
            async connection => (await connection.QueryAsync<string>(
                """
                SELECT report FROM audits
                WHERE finished_ms > 0 AND (@Upstream = '' OR upstream = @Upstream) AND (@Offering = '' OR offering = @Offering) AND (@After = '' OR id < @After) AND found >= @found
                ORDER BY id DESC LIMIT @limit
                """,
                new
                {
                    Upstream = query.Upstream ?? "",
                    Offering = query.Offering ?? "",
                    After = query.After ?? "",
                    found = query.OnlyProblems ? 1L : 0L,
                    limit = (long)Math.Clamp(query.Limit, 1, LimitMax),
                })).Select(report => AuditRows.AuditOf(report, "")).ToList(),
            cancellationToken);

    public async ValueTask<StoreOutcome<StoredAudit>> FindAsync(string id, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<AuditRow>("SELECT report, exchanges FROM audits WHERE id = @id AND finished_ms > 0", new { id }), cancellationToken);
        return found.Fault is { } fault ? fault
            : found.Value is { } row ? AuditRows.AuditOf(row.Report, row.Exchanges)
            : new StoreFault(StoreFaultKind.NotFound, $"There is no audit {id}, or it has not ended.");
    }

    public ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(
                "UPDATE audits SET exchanges = '' WHERE started_ms < @beforeMs AND found = 0 AND finished_ms > 0 AND exchanges <> ''", new { beforeMs }, scope.Transaction),
            cancellationToken);

    private static async Task<int> SaveAsync(WriteScope scope, IReadOnlyList<AuditCase> cases)
    {
        foreach (var one in cases)
        {
            await scope.Connection.ExecuteAsync(
                """
                INSERT INTO audit_cases (offering, upstream, standing, next_ms, state) VALUES (@Offering, @Upstream, @standing, @NextMs, @state)
                ON CONFLICT (offering) DO UPDATE SET upstream = excluded.upstream, standing = excluded.standing, next_ms = excluded.next_ms, state = excluded.state
                """,
                new { one.Offering, one.Upstream, standing = (long)one.Standing, one.NextMs, state = AuditRows.Case(one) },
                scope.Transaction);
        }

        return cases.Count;
    }

    private sealed class AuditRow
    {
        public string Report { get; init; } = "";
        public string Exchanges { get; init; } = "";
    }
}
