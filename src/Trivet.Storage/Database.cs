using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using Microsoft.Extensions.Logging;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Conversations;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;
using Trivet.Core.Replay;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Sockets;
using Trivet.Core.Users;
using Trivet.Storage.Audits;
using Trivet.Storage.Conversations;
using Trivet.Storage.Journal;
using Trivet.Storage.Keys;
using Trivet.Storage.Ledger;
using Trivet.Storage.Limits;
using Trivet.Storage.Payloads;
using Trivet.Storage.Postgres;
using Trivet.Storage.Relay;
using Trivet.Storage.Replay;
using Trivet.Storage.Scorecards;
using Trivet.Storage.Snapshots;
using Trivet.Storage.Sqlite;
using Trivet.Storage.Users;

namespace Trivet.Storage;

/// <summary>
/// The database, migrated and ready, with its stores. The only place that catches driver exceptions: they become <see cref="StoreFault"/> values here.
/// </summary>
public sealed partial class Database : IAsyncDisposable
{
    private readonly IEngine _engine;
    private readonly ILogger _logger;

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    internal Database(IEngine engine, TimeProvider time, ILogger logger)
    {
        _engine = engine;
        _logger = logger;
        Keys = new SqlKeyStore(this);
        SpoolSink = new SqlSpoolSink(this);
        Usage = new SqlUsageStore(this);
        Traces = new SqlTraceStore(this);
        AttemptLog = new SqlAttemptLog(this);
        Feedback = new SqlFeedbackStore(this);
        Requests = new SqlRequestStore(this);
        Traffic = new SqlTrafficStore(this);
        Rollups = new SqlRollupStore(this);
        Replay = new SqlReplayStore(this);
        Responses = new SqlResponseStore(this);
        Payloads = new SqlPayloadStore(this);
        Owners = new SqlOwnerStore(this);
        Ledger = new SqlLedgerStore(this);
        LedgerBrowser = new SqlLedgerBrowser(this);
        Leases = new SqlLeaseStore(this);
        Journal = new SqlJournalStore(this);
        Allowances = new SqlAllowanceReader(this);
        Users = new SqlUserStore(this);
        Settings = new SqlSettingsStore(this, time);
        Scorecards = new SqlScorecardStore(this);
        Audits = new SqlAuditStore(this);
        AuditPasts = new SqlPastStore(this);
        AuditItems = new SqlAuditItemStore(this);
        AdminTokens = new SqlAdminTokenStore(this);
        ConsoleUpstreams = new SqlConsoleUpstreamStore(this);
        ConsoleRules = new SqlConsoleRuleStore(this);
    }

    public IKeyStore Keys { get; }

    public ISpoolSink SpoolSink { get; }

    public IUsageStore Usage { get; }

    public ITraceStore Traces { get; }

    public IAttemptLog AttemptLog { get; }

    public IFeedbackStore Feedback { get; }

    public IRequestStore Requests { get; }

    public ITrafficStore Traffic { get; }

    public IRollupStore Rollups { get; }

    public IReplayStore Replay { get; }

    public IResponseStore Responses { get; }

    /// <summary>What clients of certain keys sent and got.</summary>
    public IPayloadStore Payloads { get; }

    public IOwnerStore Owners { get; }

    public ILedgerStore Ledger { get; }

    public ILedgerBrowser LedgerBrowser { get; }

    public ILeaseStore Leases { get; }

    public IJournalStore Journal { get; }

    public IAllowanceReader Allowances { get; }

    public IUserStore Users { get; }

    public ISettingsStore Settings { get; }

    public IScorecardStore Scorecards { get; }

    public IAuditStore Audits { get; }

    public IPastStore AuditPasts { get; }

    public IAuditItemStore AuditItems { get; }

    public IAdminTokenStore AdminTokens { get; }

    public IConsoleUpstreamStore ConsoleUpstreams { get; }

    public IConsoleRuleStore ConsoleRules { get; }

    /// <summary>Waits until the version that a query reads is another one, woken by a signal.</summary>
    internal async ValueTask<StoreOutcome<long>> WaitForVersionAsync(string signal, string versionSql, long version, CancellationToken cancellationToken)
    {
        await using var listener = _engine.Listen(signal);
        while (true)
        {
            var current = await ReadAsync(connection => connection.ExecuteScalarAsync<long>(versionSql), cancellationToken);
            if (!current.IsSuccess || current.Value != version)
                return current;
            var waited = await GuardAsync<bool>(async () => await listener.WaitAsync(cancellationToken), cancellationToken);
            if (waited.Fault is { } fault)
                return fault;
        }
    }

    internal IEngine Engine => _engine;

    /// <summary>Opens and migrates. <see cref="StoreFaultKind.SchemaMismatch"/> when the database is newer than this program.</summary>
    /// <exception cref="ArgumentException">The options are wrong; see <see cref="DatabaseOptions.Validate"/>.</exception>
    public static async ValueTask<StoreOutcome<Database>> OpenAsync(
        DatabaseOptions options, TimeProvider time, ILogger<Database> logger, CancellationToken cancellationToken)
    {
        var database = new Database(MakeEngine(options, time), time, logger);
        var fault = await new Migrator(database, time, logger).MigrateAsync(cancellationToken);
        if (fault is null)
            return database;
        await database.DisposeAsync();
        return fault;
    }

    /// <summary>Whether the database answers, for readiness.</summary>
    public async ValueTask<StoreFault?> PingAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(async connection => await connection.ExecuteScalarAsync<long>("SELECT version FROM versions WHERE name = 'keys'"), cancellationToken)).Fault;

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    /// <summary>Runs <paramref name="work"/> on a connection for reading.</summary>
    internal ValueTask<StoreOutcome<T>> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                await using var connection = await _engine.OpenReaderAsync(cancellationToken);
                return StoreOutcome.Of(await work(connection));
            },
            cancellationToken);

    /// <summary>The same where all statements of <paramref name="work"/> must see one and the same state.</summary>
    internal ValueTask<StoreOutcome<T>> ReadSnapshotAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection =>
            {
                await using var transaction = await _engine.BeginSnapshotAsync(connection, cancellationToken);
                return await work(connection, transaction);
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a write transaction, committed if it succeeds and rolled back if it returns a fault or throws.</summary>
    internal ValueTask<StoreOutcome<T>> WriteAsync<T>(Func<WriteScope, Task<StoreOutcome<T>>> work, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                await using var scope = await _engine.BeginWriteAsync(cancellationToken);
                var outcome = await work(scope);
                if (outcome.IsSuccess)
                    await scope.CommitAsync(cancellationToken);
                return outcome;
            },
            cancellationToken);

    /// <summary>Turns what drivers throw into faults. Cancellation and bugs pass through.</summary>
    internal async ValueTask<StoreOutcome<T>> GuardAsync<T>(Func<Task<StoreOutcome<T>>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (DbException failure)
        {
            // Npgsql reports a cancelled command as an exception of its own.
            cancellationToken.ThrowIfCancellationRequested();
            var kind = _engine.Classify(failure);
            if (kind == StoreFaultKind.Rejected)
                LogRejected(failure);
            return new StoreFault(kind, FirstLine(failure.Message));
        }
        catch (Exception failure) when (failure is SocketException or IOException or TimeoutException)
        {
            return new StoreFault(StoreFaultKind.Unavailable, FirstLine(failure.Message));
        }
        finally
        {
            await SocketThreads.LeaveAsync(); // an answer of PostgreSQL's comes on such a thread, and whoever asked for rows has something to do with them
        }
    }

    private static IEngine MakeEngine(DatabaseOptions options, TimeProvider time)
    {
        if (options.Database == DatabaseOptions.Sqlite)
        {
            MakePrivateDirectory(options.DataDirectory);
            return new SqliteEngine(options.SqlitePath, time);
        }

        return PostgresUrl.TryParse(options.Database, out var settings, out var mistake)
            ? new PostgresEngine(settings)
            : throw new ArgumentException(mistake, nameof(options));
    }

    private static void MakePrivateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string FirstLine(string message) => message.AsSpan().Trim().ToString().Split('\n', 2)[0].TrimEnd('\r');

    [LoggerMessage(3000, LogLevel.Error, "The database refused a statement")]
    private partial void LogRejected(Exception failure);
}
