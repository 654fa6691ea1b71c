using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

/// <summary>An empty database of one engine, which may be opened several times, as by several processes or nodes.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly List<Database> _opened = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("trivet-db-").FullName;

    private TestDatabase(string url) => Options = new DatabaseOptions(url, Path.Combine(_directory, "data"));

    public DatabaseOptions Options { get; }

    public static async Task<TestDatabase> CreateAsync(string engine, PostgresCluster cluster) =>
        new(engine == "postgres" ? await cluster.NewDatabaseAsync() : DatabaseOptions.Sqlite);

    public async Task<Database> OpenAsync()
    {
        var outcome = await TryOpenAsync();
        _opened.Add(outcome.Value);
        return outcome.Value;
    }

    public async Task<StoreOutcome<Database>> TryOpenAsync() =>
        await Database.OpenAsync(Options, TimeProvider.System, NullLogger<Database>.Instance, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _opened)
            await database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
