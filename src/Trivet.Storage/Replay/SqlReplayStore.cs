using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Replay;

namespace Trivet.Storage.Replay;

/// <summary>Turns and what leads to them in the tables <c>replay_turns</c> and <c>replay_keys</c>.</summary>
internal sealed class SqlReplayStore(Database database) : IReplayStore
{
    private const string FindSql = """
        SELECT k.key, k.call_ordinal, k.origin, t.payload FROM replay_keys AS k
        LEFT JOIN replay_turns AS t ON t.organisation = k.organisation AND t.id = k.turn_id
        WHERE k.organisation = @organisation AND k.expires_ms > @nowMs AND (t.payload IS NOT NULL OR k.turn_id = '') AND k.key IN
        """;

    // Drivers bind a limited number of parameters.
    private const int KeysMax = 500;

    private static readonly BatchInsert<ReplayTurnRow> Turns = new(
        "replay_turns", "(organisation, id) DO NOTHING", null,
        [
            BatchColumn<ReplayTurnRow>.Text("organisation", row => row.Organisation),
            BatchColumn<ReplayTurnRow>.Text("id", row => row.Id),
            BatchColumn<ReplayTurnRow>.Text("payload", row => row.Payload),
            BatchColumn<ReplayTurnRow>.Number("expires_ms", row => row.ExpiresMs),
        ]);

    private static readonly BatchInsert<ReplayKeyRow> Keys = new(
        "replay_keys",
        "(organisation, key) DO UPDATE SET turn_id = excluded.turn_id, call_ordinal = excluded.call_ordinal, origin = excluded.origin, expires_ms = excluded.expires_ms",
        null,
        [
            BatchColumn<ReplayKeyRow>.Text("organisation", row => row.Organisation),
            BatchColumn<ReplayKeyRow>.Text("key", row => row.Key),
            BatchColumn<ReplayKeyRow>.Text("turn_id", row => row.TurnId),
            BatchColumn<ReplayKeyRow>.Number("call_ordinal", row => row.CallOrdinal),
            BatchColumn<ReplayKeyRow>.Text("origin", row => row.Origin),
            BatchColumn<ReplayKeyRow>.Number("expires_ms", row => row.ExpiresMs),
        ]);

    public ValueTask<StoreOutcome<int>> SaveAsync(ReplayBatch batch, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                if (batch.Turns.Count > 0)
                    await database.Engine.InsertAsync(scope, Turns, batch.Turns, cancellationToken);
                if (batch.Keys.Count > 0)
                    await database.Engine.InsertAsync(scope, Keys, batch.Keys, cancellationToken);
                return batch.Turns.Count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<ReplayFound>>> FindAsync(string organisation, IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ReplayFound>>(
            async connection =>
            {
                var found = new List<ReplayFound>();
                foreach (var some in keys.Chunk(KeysMax))
                {
                    var parameters = new DynamicParameters(new { organisation, nowMs });
                    for (var i = 0; i < some.Length; i++)
                        parameters.Add($"k{i}", some[i]);
                    var sql = $"{FindSql} ({string.Join(", ", some.Select((_, index) => $"@k{index}"))})"; // one driver expands a list, the other wants an array
                    found.AddRange(await connection.QueryAsync<ReplayFound>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)));
                }

                return found;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync("DELETE FROM replay_keys WHERE expires_ms <= @nowMs", new { nowMs }, scope.Transaction)
                + await scope.Connection.ExecuteAsync("DELETE FROM replay_turns WHERE expires_ms <= @nowMs", new { nowMs }, scope.Transaction),
            cancellationToken);
}
