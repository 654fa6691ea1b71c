using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Trivet.Core.Failures;
using Trivet.Core.Sockets;

namespace Trivet.Storage.Postgres;

/// <summary>PostgreSQL for any number of nodes.</summary>
internal sealed class PostgresEngine(NpgsqlConnectionStringBuilder settings) : IEngine
{
    /// <summary>Any number that other programs in the same database are unlikely to use: "TRIVET" in ASCII.</summary>
    private const long SchemaLock = 0x545249564554;

    private const int WritersWaitMs = 2_000;

    private static readonly string[] PartitionedTables = ["attempts", "requests", "transfers"];

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(settings);
    private readonly ConcurrentDictionary<DateOnly, bool> _preparedMonths = new();

    public string DialectName => "postgres";

    public string LockFreeRowsSql => " FOR UPDATE SKIP LOCKED";

    // A set becomes a join, for which the whole table is read (220 ms instead of 20 of a day's hours); an array is looked up.
    public string AnyOfSql(string select) => $"= ANY (ARRAY({select}))";

    public async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    public async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            return new WriteScope(connection, transaction, connection.DisposeAsync);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public string TablesNamedSql => "SELECT COUNT(*) FROM (SELECT to_regclass(@name) AS found) AS looked WHERE found IS NOT NULL";

    public string NowMsSql => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    public ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);

    public ValueTask LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken) =>
        ExecuteAsync(scope, $"SELECT pg_advisory_xact_lock({SchemaLock})", cancellationToken);

    // Whoever comes meanwhile queues behind this lock, so it must not wait for long itself.
    public ValueTask WaitForWritersAsync(WriteScope scope, string table, CancellationToken cancellationToken) =>
        ExecuteAsync(scope, $"SET LOCAL lock_timeout = '{WritersWaitMs}ms'; LOCK TABLE {table} IN SHARE MODE", cancellationToken);

    /// <summary>Makes the monthly partitions, in their own transaction: the lock on the parent is held for a moment, once a month.</summary>
    public async ValueTask PrepareTimesAsync(IEnumerable<long> timesMs, CancellationToken cancellationToken)
    {
        foreach (var month in timesMs.Select(MonthOf).Distinct())
        {
            if (_preparedMonths.ContainsKey(month))
                continue;
            await using var scope = await BeginWriteAsync(cancellationToken);
            await LockSchemaAsync(scope, cancellationToken);
            foreach (var table in PartitionedTables)
                await ExecuteAsync(scope, PartitionSql(table, month), cancellationToken);
            await scope.CommitAsync(cancellationToken);
            _preparedMonths[month] = true;
        }
    }

    public async ValueTask<IReadOnlyList<T>> InsertAsync<T>(
        WriteScope scope, BatchInsert<T> insert, IReadOnlyList<T> rows, CancellationToken cancellationToken)
    {
        await SocketThreads.LeaveAsync(); // arrays of a thousand rows
        await using var command = (NpgsqlCommand)scope.Connection.CreateCommand();
        command.Transaction = (NpgsqlTransaction)scope.Transaction;
        command.CommandText = insert.UnnestSql;
        for (var i = 0; i < insert.Columns.Count; i++)
            command.Parameters.Add(ArrayOf(insert.Columns[i], i, rows));
        if (insert.Id is null)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return rows;
        }

        var fresh = new HashSet<string>(StringComparer.Ordinal);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                fresh.Add(reader.GetString(0));
        }

        // Remove, not Contains: of two rows with one id in the same batch, one was inserted.
        return [.. rows.Where(row => fresh.Remove(insert.Id(row)))];
    }

    public ValueTask SignalAsync(WriteScope scope, string name, CancellationToken cancellationToken) =>
        ExecuteAsync(scope, $"NOTIFY {PostgresListener.ChannelPrefix}{name}", cancellationToken);

    public ISignalListener Listen(string name) => new PostgresListener(_source, name);

    public StoreFaultKind Classify(DbException failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => StoreFaultKind.Conflict,
        _ when failure.IsTransient => StoreFaultKind.Unavailable,

        // Class 28: authorisation, 3D: no such database, 57: shut down or cancelled, 53: out of resources. All end when an operator mends them.
        PostgresException { SqlState: ['2', '8', ..] or ['3', 'D', ..] or ['5', '7', ..] or ['5', '3', ..] } => StoreFaultKind.Unavailable,
        PostgresException => StoreFaultKind.Rejected,
        _ => StoreFaultKind.Unavailable,
    };

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlParameter ArrayOf<T>(BatchColumn<T> column, int index, IReadOnlyList<T> rows)
    {
        var name = $"p{index}";
        if (column.IsNumber)
        {
            var numbers = new long?[rows.Count];
            for (var row = 0; row < numbers.Length; row++)
                numbers[row] = (long?)column.Value(rows[row]);
            return new NpgsqlParameter<long?[]>(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint) { TypedValue = numbers };
        }

        var texts = new string?[rows.Count];
        for (var row = 0; row < texts.Length; row++)
            texts[row] = Storable((string?)column.Value(rows[row]));
        return new NpgsqlParameter<string?[]>(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { TypedValue = texts };
    }

    /// <summary>
    /// PostgreSQL's text cannot hold U+0000, which a client may well put into a model name; SQLite's can. And the driver throws at half a surrogate pair, where SQLite's replaces it.
    /// </summary>
    private static string? Storable(string? text)
    {
        if (text is null)
            return null;
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
    }

    private static DateOnly MonthOf(long timeMs)
    {
        var day = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(timeMs).UtcDateTime);
        return new DateOnly(day.Year, day.Month, 1);
    }

    private static string PartitionSql(string table, DateOnly month)
    {
        var suffix = month.ToString("yyyy_MM", CultureInfo.InvariantCulture);
        return $"CREATE TABLE IF NOT EXISTS {table}_{suffix} PARTITION OF {table} FOR VALUES FROM ({StartMs(month)}) TO ({StartMs(month.AddMonths(1))})";
    }

    private static long StartMs(DateOnly day) => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private static async ValueTask ExecuteAsync(WriteScope scope, string sql, CancellationToken cancellationToken)
    {
        await using var command = scope.Connection.CreateCommand();
        command.Transaction = scope.Transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
