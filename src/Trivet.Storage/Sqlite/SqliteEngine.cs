using System.Data.Common;
using Microsoft.Data.Sqlite;
using Trivet.Core.Failures;
using Trivet.Core.Sockets;

namespace Trivet.Storage.Sqlite;

/// <summary>
/// One file in WAL mode: readers never wait for the writer. This process writes over one connection; other processes (the CLI) may write too
/// and wait for each other by SQLite's own lock. The driver has no asynchronous calls: what is awaited here runs on the caller.
/// </summary>
internal sealed class SqliteEngine : IEngine
{
    /// <summary>How long a writer waits for one in another process. Our own transactions last milliseconds.</summary>
    private const int BusyTimeoutMs = 5_000;

    private const int PageBytes = 16 * 1024;

    /// <summary>The log is copied into the file when it is longer than this.</summary>
    private const int LogBytesMax = 16 * 1024 * 1024;

    /// <summary>A look at one row of one small table costs about 10 µs, so four a second are nothing.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly string _readerString;
    private readonly SqliteConnection _writer;
    private readonly SemaphoreSlim _writerTurn = new(1, 1);
    private readonly TimeProvider _time;
    private bool _isWriterReady;

    public SqliteEngine(string path, TimeProvider time)
    {
        _time = time;
        var settings = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = BusyTimeoutMs / 1000 };
        _readerString = settings.ToString();
        settings.Pooling = false;
        _writer = new SqliteConnection(settings.ToString());
    }

    public string DialectName => "sqlite";

    public string LockFreeRowsSql => "";

    public string AnyOfSql(string select) => $"IN ({select})";

    public async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        await SocketThreads.LeaveAsync(); // a query runs on its caller, and may take long
        var connection = new SqliteConnection(_readerString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await ExecuteAsync(connection, $"PRAGMA busy_timeout = {BusyTimeoutMs}; PRAGMA query_only = ON", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken)
    {
        await SocketThreads.LeaveAsync();
        await _writerTurn.WaitAsync(cancellationToken);
        try
        {
            if (!_isWriterReady)
                await OpenWriterAsync(cancellationToken);

            // Not deferred: the write lock is taken now, so no transaction fails half-way because another process wrote in between.
            var transaction = _writer.BeginTransaction(deferred: false);
            return new WriteScope(_writer, transaction, ReleaseWriter);
        }
        catch
        {
            _writerTurn.Release();
            throw;
        }
    }

    public string TablesNamedSql => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @name";

    public string NowMsSql => "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    public ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true)); // WAL: the first read fixes what all see

    public ValueTask LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    // A write transaction is the only one.
    public ValueTask WaitForWritersAsync(WriteScope scope, string table, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask PrepareTimesAsync(IEnumerable<long> timesMs, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyList<T>> InsertAsync<T>(WriteScope scope, BatchInsert<T> insert, IReadOnlyList<T> rows, CancellationToken cancellationToken)
    {
        using var statement = new SqliteBatch<T>(_writer, insert);
        var inserted = new List<T>(rows.Count);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (statement.Insert(row))
                inserted.Add(row);
        }

        return ValueTask.FromResult<IReadOnlyList<T>>(inserted);
    }

    public ValueTask SignalAsync(WriteScope scope, string name, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ISignalListener Listen(string name) => new Poll(_time);

    public StoreFaultKind Classify(DbException failure) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        SqliteErrors.Busy or SqliteErrors.Locked or SqliteErrors.IoError or SqliteErrors.Full or SqliteErrors.CannotOpen or SqliteErrors.Interrupt =>
            StoreFaultKind.Unavailable,
        SqliteErrors.Constraint => StoreFaultKind.Conflict,
        SqliteErrors.SchemaChanged => StoreFaultKind.Unavailable,
        _ => StoreFaultKind.Rejected,
    };

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        using var reader = new SqliteConnection(_readerString);
        SqliteConnection.ClearPool(reader);
        _writerTurn.Dispose();
    }

    private async ValueTask OpenWriterAsync(CancellationToken cancellationToken)
    {
        await _writer.OpenAsync(cancellationToken);

        // synchronous = FULL although WAL allows NORMAL: spool segments are deleted once committed, so a commit must survive a power cut.
        // It costs one fsync per batch, not per record. Rows come in the order of their keys, so that large pages are filled and written once: a fourth of the writes that SQLite's own 4 kB take.
        // The size is a new file's; one that is there keeps its own.
        await ExecuteAsync(
            _writer, $"PRAGMA busy_timeout = {BusyTimeoutMs}; PRAGMA page_size = {PageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", cancellationToken);

        // A checkpoint copies each page that changed since the last one, so rare ones copy a hot page less often.
        await using var command = _writer.CreateCommand();
        command.CommandText = "PRAGMA page_size";
        var pageBytes = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        await ExecuteAsync(_writer, $"PRAGMA wal_autocheckpoint = {LogBytesMax / pageBytes}", cancellationToken);
        _isWriterReady = true;
    }

    private ValueTask ReleaseWriter()
    {
        _writerTurn.Release();
        return ValueTask.CompletedTask;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed class Poll(TimeProvider time) : ISignalListener
    {
        public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(PollInterval, time, cancellationToken);
            return false;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>SQLite's primary result codes (sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    public const int Busy = 5;
    public const int Locked = 6;
    public const int Interrupt = 9;
    public const int IoError = 10;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int SchemaChanged = 17;
    public const int Constraint = 19;
}
