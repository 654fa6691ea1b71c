using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Limits;

namespace Trivet.Storage.Limits;

/// <summary>Reads the table <c>allowances</c>.</summary>
internal sealed class SqlAllowanceReader(Database database) : IAllowanceReader
{
    // Fewer than the parameters that SQLite takes in one statement.
    private const int IdsMax = 500;

    public ValueTask<StoreOutcome<IReadOnlyList<AllowanceUse>>> ReadAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AllowanceUse>>(
            async connection =>
            {
                var found = new List<AllowanceUse>();
                foreach (var some in ids.Chunk(IdsMax))
                {
                    var parameters = new DynamicParameters();
                    for (var i = 0; i < some.Length; i++)
                        parameters.Add($"id{i}", some[i]);
                    found.AddRange(await connection.QueryAsync<AllowanceUse>(
                        $"SELECT id AS Id, limit_nano AS LimitNano, spent_nano AS SpentNano, leased_nano AS LeasedNano FROM allowances WHERE id IN ({string.Join(", ", some.Select((_, i) => $"@id{i}"))})", parameters));
                }

                return found;
            },
            cancellationToken);
}
