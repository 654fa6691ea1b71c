using Dapper;
using Trivet.Core.Conversations;
using Trivet.Core.Failures;

namespace Trivet.Storage.Conversations;

/// <summary>Responses in the table <c>responses</c>, their output items by id in <c>response_items</c>.</summary>
internal sealed class SqlResponseStore(Database database) : IResponseStore
{
    private const string Columns = "organisation, key_id, id, previous_id, upstream, input, body, created_ms, expires_ms";

    private const string InsertSql = $"""
        INSERT INTO responses ({Columns}) VALUES (@Organisation, @KeyId, @Id, @PreviousId, @Upstream, @Input, @Body, @CreatedMs, @ExpiresMs)
        ON CONFLICT (organisation, key_id, id) DO NOTHING
        """;

    private const string InsertItemSql = """
        INSERT INTO response_items (organisation, key_id, id, response_id, expires_ms) VALUES (@Organisation, @KeyId, @Id, @ResponseId, @ExpiresMs)
        ON CONFLICT (organisation, key_id, id) DO NOTHING
        """;

    // Drivers bind a limited number of parameters.
    private const int ItemsMax = 500;

    // A chain that names itself ends here as well.
    private const int ChainMax = 1000;

    private static readonly string ChainSql = $"""
        WITH RECURSIVE chain AS (
            SELECT {Columns}, 0 AS depth FROM responses WHERE organisation = @organisation AND key_id = @keyId AND id = @id AND expires_ms > @nowMs
            UNION ALL
            SELECT {string.Join(", ", Columns.Split(", ").Select(column => "r." + column))}, chain.depth + 1 FROM responses AS r
            JOIN chain ON r.organisation = chain.organisation AND r.key_id = chain.key_id AND r.id = chain.previous_id
            WHERE chain.depth < {ChainMax}
        )
        SELECT {Columns} FROM chain ORDER BY depth DESC
        """;

    public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<StoredResponse> responses, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                var count = await scope.Connection.ExecuteAsync(InsertSql, responses, scope.Transaction);
                var items = responses.SelectMany(static response => response.ItemIds, static (response, id) => new { response.Organisation, response.KeyId, Id = id, ResponseId = response.Id, response.ExpiresMs });
                await scope.Connection.ExecuteAsync(InsertItemSql, items.ToList(), scope.Transaction);
                return count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> ChainAsync(string organisation, string keyId, string id, long nowMs, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredResponse>>(
            async connection => (await connection.QueryAsync<StoredResponse>(
                new CommandDefinition(ChainSql, new { organisation, keyId, id, nowMs }, cancellationToken: cancellationToken))).AsList(),
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<StoredResponse>>> FindByItemsAsync(string organisation, string keyId, IReadOnlyList<string> itemIds, long nowMs, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredResponse>>(
            async connection =>
            {
                var found = new List<StoredResponse>();
                foreach (var some in itemIds.Chunk(ItemsMax))
                {
                    var parameters = new DynamicParameters(new { organisation, keyId, nowMs });
                    for (var i = 0; i < some.Length; i++)
                        parameters.Add($"i{i}", some[i]);
                    var sql = $"""
                        SELECT {Columns} FROM responses WHERE organisation = @organisation AND key_id = @keyId AND expires_ms > @nowMs AND id IN (
                            SELECT response_id FROM response_items WHERE organisation = @organisation AND key_id = @keyId AND id IN ({string.Join(", ", some.Select((_, index) => $"@i{index}"))}))
                        """;
                    found.AddRange(await connection.QueryAsync<StoredResponse>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)));
                }

                return found;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> DeleteAsync(string organisation, string keyId, string id, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync(
                    "DELETE FROM response_items WHERE organisation = @organisation AND key_id = @keyId AND response_id = @id", new { organisation, keyId, id }, scope.Transaction);
                return await scope.Connection.ExecuteAsync(
                    "DELETE FROM responses WHERE organisation = @organisation AND key_id = @keyId AND id = @id", new { organisation, keyId, id }, scope.Transaction) > 0;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync("DELETE FROM response_items WHERE expires_ms <= @nowMs", new { nowMs }, scope.Transaction);
                return await scope.Connection.ExecuteAsync("DELETE FROM responses WHERE expires_ms <= @nowMs", new { nowMs }, scope.Transaction);
            },
            cancellationToken);
}
