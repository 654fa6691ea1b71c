using System.Data.Common;
using Trivet.Core.Failures;

namespace Trivet.Storage;

/// <summary>
/// What differs between SQLite and PostgreSQL, and no more. Throws what its driver throws: <see cref="Database"/> is the one place that catches.
/// </summary>
internal interface IEngine : IAsyncDisposable
{
    /// <summary>The middle part of the names of migrations for this engine only, as in <c>0002_usage.sqlite.sql</c>.</summary>
    string DialectName { get; }

    /// <summary>What ends a <c>SELECT</c> that locks the rows it finds and passes over those that another transaction has; empty where only one writes at a time.</summary>
    string LockFreeRowsSql { get; }

    /// <summary>What follows a column of an index that is to be looked up for each row of a <c>SELECT</c>.</summary>
    string AnyOfSql(string select);

    /// <summary>A connection for reading. Disposing it gives it back.</summary>
    ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>A connection with a transaction begun that may write.</summary>
    ValueTask<WriteScope> BeginWriteAsync(CancellationToken cancellationToken);

    /// <summary>A transaction for reading, in which every statement sees the same state.</summary>
    ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>How many tables <c>@name</c> there are: 0 or 1.</summary>
    string TablesNamedSql { get; }

    /// <summary>SQL for the database's own clock, in Unix milliseconds.</summary>
    string NowMsSql { get; }

    /// <summary>Lets no other process migrate until the transaction ends.</summary>
    ValueTask LockSchemaAsync(WriteScope scope, CancellationToken cancellationToken);

    /// <summary>Waits for whoever is writing to a table, and lets nobody begin until the transaction ends. It gives up soon rather than keep others waiting.</summary>
    ValueTask WaitForWritersAsync(WriteScope scope, string table, CancellationToken cancellationToken);

    /// <summary>Makes room for rows of these times (Unix milliseconds), where the engine needs that.</summary>
    ValueTask PrepareTimesAsync(IEnumerable<long> timesMs, CancellationToken cancellationToken);

    /// <summary>Inserts all rows in as few statements as the engine can. Returns those that were really inserted or updated.</summary>
    ValueTask<IReadOnlyList<T>> InsertAsync<T>(WriteScope scope, BatchInsert<T> insert, IReadOnlyList<T> rows, CancellationToken cancellationToken);

    /// <summary>Tells other nodes, when the transaction commits, that something of this name changed.</summary>
    ValueTask SignalAsync(WriteScope scope, string name, CancellationToken cancellationToken);

    /// <summary>Waits for a <see cref="SignalAsync"/> of anybody, or a short while where none can be heard.</summary>
    ISignalListener Listen(string name);

    StoreFaultKind Classify(DbException failure);
}

/// <summary>Hears that something changed, or lets some time pass: who waits looks for himself afterwards.</summary>
internal interface ISignalListener : IAsyncDisposable
{
    /// <summary>True when a signal was heard, false when only time went by.</summary>
    ValueTask<bool> WaitAsync(CancellationToken cancellationToken);
}
