using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

public sealed class MigrationTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_empty_database_is_migrated_and_a_second_start_changes_nothing(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);

        var first = await AppliedAsync(await test.OpenAsync());
        var second = await AppliedAsync(await test.OpenAsync());

        Assert.Equal(Migrator.For(engine).Select(migration => migration.Checksum), first.Select(row => row.Checksum));
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Nodes_that_start_together_migrate_once(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);

        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(test.TryOpenAsync, Cancel)));

        Assert.All(databases, database => Assert.True(database.IsSuccess, database.Fault?.Message));
        Assert.Equal(Migrator.For(engine).Count, (await AppliedAsync(databases[0].Value)).Count);
        foreach (var database in databases)
            await database.Value.DisposeAsync();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Who_only_reads_opens_a_database_that_another_is_writing_to(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var server = await test.OpenAsync();

        var opened = await server.WriteAsync<string>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync("UPDATE versions SET version = version WHERE name = 'keys'", transaction: scope.Transaction);
                var verb = await test.TryOpenAsync();
                var listed = verb.IsSuccess ? (await verb.Value.Keys.LoadAsync(Cancel)).Fault : verb.Fault;
                if (verb.IsSuccess)
                    await verb.Value.DisposeAsync();
                return listed?.Message ?? "";
            },
            Cancel);

        Assert.Equal((null, ""), (opened.Fault, opened.Value));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_was_billed_before_there_was_a_sum_of_it_is_summed(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.SpoolSink.CommitAsync([.. MeteringTestData.Many(200, seed: 3).Select(MeteringTestData.Spooled)], Cancel);
        var sums = (await database.Usage.QueryAsync(new UsageQuery(), Cancel)).Value;

        // As 0007 left it, and what 0008 then does.
        var summing = Migrator.For(engine).Single(migration => migration.Name == "0008_billed").Sql.Split(';', 2)[1];
        foreach (var sql in new[] { "DELETE FROM usage_hourly WHERE attempts = 0", "UPDATE usage_hourly SET charged_nano = 0", summing })
            await database.WriteAsync<int>(async scope => await scope.Connection.ExecuteAsync(sql, transaction: scope.Transaction), Cancel);

        Assert.Contains(sums, line => line is { Attempts: 0, ChargedNano: > 0 });
        Assert.Equal(sums, (await database.Usage.QueryAsync(new UsageQuery(), Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_database_newer_than_the_program_is_refused_with_both_versions(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        Migration[] newer = [.. Migrator.For(engine), new Migration(9999, "9999_from_the_future", "SELECT 1")];
        Assert.Null(await new Migrator(database, TimeProvider.System, NullLogger.Instance).MigrateAsync(newer, Cancel));

        var outcome = await test.TryOpenAsync();

        Assert.Equal(StoreFaultKind.SchemaMismatch, outcome.Fault?.Kind);
        Assert.Contains("9999", outcome.Fault!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_migration_that_fails_leaves_the_schema_as_it_was(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        Migration[] broken =
            [.. Migrator.For(engine), new Migration(9998, "9998_good", "CREATE TABLE half (x BIGINT)"), new Migration(9999, "9999_bad", "CREATE TABLE half (x BIGINT)")];

        var fault = await new Migrator(database, TimeProvider.System, NullLogger.Instance).MigrateAsync(broken, Cancel);

        Assert.Equal(StoreFaultKind.Rejected, fault?.Kind);
        Assert.Equal(Migrator.For(engine).Count, (await AppliedAsync(await test.OpenAsync())).Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_changed_history_is_refused(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var database = await test.OpenAsync();
        await database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1", transaction: scope.Transaction),
            Cancel);

        Assert.Equal(StoreFaultKind.SchemaMismatch, (await test.TryOpenAsync()).Fault?.Kind);
    }

    private static async Task<List<(long Version, string Checksum, long AppliedAtMs)>> AppliedAsync(Database database) =>
        (await database.ReadAsync(
            async connection => (await connection.QueryAsync<(long, string, long)>(
                "SELECT version, checksum, applied_at_ms FROM schema_migrations ORDER BY version")).AsList(),
            Cancel)).Value;
}
