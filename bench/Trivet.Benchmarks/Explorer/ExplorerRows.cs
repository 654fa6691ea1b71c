using System.Data.Common;
using System.Globalization;
using Dapper;
using Trivet.Benchmarks.Targets;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Storage;

namespace Trivet.Benchmarks.Explorer;

/// <summary>
/// Books as a busy quarter leaves them, made by the database itself: twenty organisations with ten keys each, six upstreams with two models each, each key asking for one route that leads to two of them, one request in fifty failed. The numbers are made of the row's number, so
/// that every run has the same.
/// </summary>
internal sealed class ExplorerRows(Database database, long rows, long fromMs)
{
    public const int Organisations = 20;
    public const int Keys = 200;
    public const int Upstreams = 6;
    public const int Models = 12;
    public const long SpanMs = 90L * 24 * 3_600_000;

    private const long ChunkRows = 250_000;

    private static readonly string[] Indexes = ["attempts_by_request ON attempts (request_id)", "requests_by_id ON requests (id)"];

    /// <summary>When the quarter ends, which is when the rows were made: pages of the last day have their share.</summary>
    public long EndMs => fromMs + SpanMs;

    /// <summary>The time of a row.</summary>
    public long At(long i) => fromMs + (i * SpanMs / rows);

    /// <summary>The id of a row's request.</summary>
    public string RequestId(long i) => string.Create(CultureInfo.InvariantCulture, $"req_{At(i):x12}7{i:x19}");

    /// <summary>Rows that an earlier run made; null where there are none. Ids begin with their time.</summary>
    public static async Task<ExplorerRows?> FindAsync(Database database, long rows)
    {
        var found = await database.ReadAsync(connection => connection.ExecuteScalarAsync<string?>("SELECT MIN(id) FROM requests"), CancellationToken.None);
        return found.Value is { } first ? new ExplorerRows(database, rows, long.Parse(first.AsSpan(4, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture)) : null;
    }

    public async Task FillAsync()
    {
        await new KeyAdmin(database.Keys, database.Journal, TimeProvider.System).EnsureFirstAsync(BenchKey.Value, CancellationToken.None); // what the load of --browse sends
        await database.Engine.PrepareTimesAsync(Enumerable.Range(0, 100).Select(day => fromMs + (day * 24L * 3_600_000)), CancellationToken.None);
        await RunAsync([.. Indexes.Select(index => "DROP INDEX IF EXISTS " + index.Split(' ')[0])]);
        for (var from = 0L; from < rows; from += ChunkRows)
        {
            var n = $"WITH RECURSIVE n (i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {Math.Min(rows, from + ChunkRows)})";
            await RunAsync($"INSERT INTO requests {n} {RequestSql}", $"INSERT INTO attempts ({AttemptColumns}) {n} {AttemptSql}", $"INSERT INTO transfers {n} {ChargeSql}", $"INSERT INTO transfers {n} {CostSql}");
            Console.Error.Write($"\r{from + ChunkRows:N0} rows ");
        }

        Console.Error.WriteLine();
        await RunAsync([.. Indexes.Select(index => "CREATE INDEX " + index), HourlySql, AccountsSql, KeysSql, "ANALYZE"]);
        if (!IsSqlite)
            await VacuumAsync();
    }

    private bool IsSqlite => database.Engine.DialectName == "sqlite";

    // Hexadecimal, which the two engines write in different words.
    private string Id => IsSqlite ? $"printf('req_%012x7%019x', {AtSql}, i)" : $"'req_' || lpad(to_hex({AtSql}), 12, '0') || '7' || lpad(to_hex(i), 19, '0')";

    private string AtSql => $"({fromMs} + i * {SpanMs} / {rows})";

    private const string KeyNumber = "((i * 7919) % 200)";
    private const string Organisation = "('org-' || CAST(" + KeyNumber + " / 10 AS TEXT))";
    private const string Team = "('team-' || CAST(" + KeyNumber + " % 3 AS TEXT))";
    private const string Key = "('key_' || CAST(" + KeyNumber + " AS TEXT))";
    private const string Upstream = "('upstream-' || CAST((" + KeyNumber + " + (i / 7) % 2) % 6 AS TEXT))";
    private const string Model = "('model-' || CAST((" + KeyNumber + " + (i / 7) % 2) % 12 AS TEXT))";
    private const string Route = "('model-' || CAST(" + KeyNumber + " % 5 AS TEXT))";
    private const string Cost = "(100000 + i % 5000000)";

    private string RequestSql => $"""
        SELECT {Organisation}, {AtSql}, {Id}, {Team}, {Key}, '/v1/chat/completions', CASE WHEN i % 3 = 0 THEN 'anthropic-messages' ELSE 'openai-chat' END, {Route},
            CASE WHEN i % 50 = 0 THEN 502 ELSE 200 END, CASE WHEN i % 50 = 0 THEN 'upstream_failed' ELSE '' END, 1, 300 + i % 9000, 'cheapest of 3 that meet all floors', '', 'bench/1.0', 's-' || CAST(i / 40 AS TEXT), ''
        FROM n
        """;

    private const string AttemptColumns = """
        organisation, started_ms, id, request_id, ordinal, team, key_id, route, model_asked, upstream, credential_id, upstream_model, model_answered, client_protocol, upstream_protocol, streamed, failure, http_status,
        input_uncached_tokens, input_cache_read_tokens, input_cache_write5m_tokens, input_cache_write1h_tokens, output_text_tokens, output_reasoning_tokens, estimated, time_to_first_content_ms, duration_ms, output_bytes,
        cost_nano, currency, lost, committed, client_disconnected, session_hash, charged_nano, charge_currency
        """;

    private string AttemptSql => $"""
        SELECT {Organisation}, {AtSql}, 'att_' || substr({Id}, 5) || '_1', {Id}, 1, {Team}, {Key}, {Route}, {Route}, {Upstream}, 'k#1', {Model}, {Model}, 'openai-chat',
            'openai-chat', 1, CASE WHEN i % 50 = 0 THEN 'UpstreamOverloaded' ELSE '' END, CASE WHEN i % 50 = 0 THEN 503 ELSE 200 END, i % 4000, i % 9000, 0, 0, i % 700, i % 90, 0, 200 + i % 900, 300 + i % 9000, 4000,
            {Cost}, 'USD', '', 1, 0, '', {Cost} + {Cost} / 5, 'USD'
        FROM n
        """;

    private string ChargeSql => $"SELECT {Organisation}, {AtSql}, 'att_' || substr({Id}, 5) || '_1_charge', {Id}, 'charge', 'customer/' || {Organisation} || '/USD', 'revenue/' || {Organisation} || '/USD', {Cost} + {Cost} / 5, '', 'p_0123456789ab', NULL, '' FROM n";

    private string CostSql => $"SELECT {Organisation}, {AtSql}, 'att_' || substr({Id}, 5) || '_1_cost', {Id}, 'cost', 'cost/' || {Upstream} || '/USD', 'payable/' || {Upstream} || '/USD', {Cost}, '', 'p_0123456789ab', NULL, '' FROM n";

    // Nobody has their secrets.
    private string KeysSql => $"""
        INSERT INTO keys (id, organisation, team, name, hash, hint, created_at_ms, logs_payloads, is_admin)
        WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {Keys})
        SELECT {Key}, {Organisation}, {Team}, 'key ' || CAST({KeyNumber} AS TEXT), {(IsSqlite ? "printf('%064x', i)" : "lpad(to_hex(i), 64, '0')")}, '', 0, 0, 0 FROM n
        """;

    private const string HourlySql = """
        INSERT INTO usage_hourly (organisation, hour_ms, team, key_id, route, upstream, upstream_model, currency, attempts, failed, estimated, unpriced, input_uncached_tokens, input_cache_read_tokens, input_cache_write5m_tokens,
            input_cache_write1h_tokens, output_text_tokens, output_reasoning_tokens, cost_nano, charged_nano)
        SELECT organisation, started_ms - started_ms % 3600000, team, key_id, route, upstream, upstream_model, currency, COUNT(*), SUM(CASE WHEN failure = '' THEN 0 ELSE 1 END), 0, 0, SUM(input_uncached_tokens), SUM(input_cache_read_tokens), 0, 0,
            SUM(output_text_tokens), SUM(output_reasoning_tokens), SUM(cost_nano), SUM(charged_nano)
        FROM attempts GROUP BY organisation, started_ms - started_ms % 3600000, team, key_id, route, upstream, upstream_model, currency
        ORDER BY 2
        """;

    private const string AccountsSql = """
        INSERT INTO accounts (id, debits_nano, credits_nano)
        SELECT id, SUM(debits), SUM(credits) FROM (
            SELECT debit AS id, SUM(amount_nano) AS debits, 0 AS credits FROM transfers GROUP BY debit UNION ALL SELECT credit, 0, SUM(amount_nano) FROM transfers GROUP BY credit) AS sides
        GROUP BY id
        """;

    // What the server's own would have come to in a quarter; it cannot be in a transaction.
    private async Task VacuumAsync()
    {
        await using var connection = await database.Engine.OpenReaderAsync(CancellationToken.None);
        await connection.ExecuteAsync("VACUUM (ANALYZE)", commandTimeout: 0);
    }

    private async Task RunAsync(params IReadOnlyList<string> statements)
    {
        var outcome = await database.WriteAsync<int>(
            async scope =>
            {
                foreach (var statement in statements)
                {
                    await using DbCommand command = scope.Connection.CreateCommand();
                    command.Transaction = scope.Transaction;
                    command.CommandText = statement;
                    command.CommandTimeout = 0;
                    await command.ExecuteNonQueryAsync();
                }

                return StoreOutcome.Of(0);
            },
            CancellationToken.None);
        if (outcome.Fault is { } fault)
            throw new BenchFailedException($"the rows cannot be made: {fault.Message}");
    }
}
