using Dapper;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Failures;

namespace Trivet.Storage.Audits;

/// <summary>Enrolled pasts in the table <c>audit_pasts</c>, compressed: a few kilobytes each.</summary>
internal sealed class SqlPastStore(Database database) : IPastStore
{
    public ValueTask<StoreOutcome<EnrolledPast?>> FindAsync(string offering, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => await connection.QueryFirstOrDefaultAsync<string>("SELECT past FROM audit_pasts WHERE offering = @offering", new { offering }) is { } past ? AuditRows.Unpack<EnrolledPast>(past) : null,
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> SaveAsync(EnrolledPast past, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope => await scope.Connection.ExecuteAsync(
                """
                INSERT INTO audit_pasts (offering, since_ms, past) VALUES (@Offering, @SinceMs, @packed)
                ON CONFLICT (offering) DO UPDATE SET since_ms = excluded.since_ms, past = excluded.past
                """,
                new { past.Offering, past.SinceMs, packed = AuditRows.Pack(past) },
                scope.Transaction) > 0,
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> RemoveAsync(string offering, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(async scope => await scope.Connection.ExecuteAsync("DELETE FROM audit_pasts WHERE offering = @offering", new { offering }, scope.Transaction) > 0, cancellationToken);
}
