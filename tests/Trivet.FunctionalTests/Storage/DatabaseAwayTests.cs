using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Storage;

namespace Trivet.FunctionalTests.Storage;

public sealed class DatabaseAwayTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_not_there_is_a_fault_that_may_pass_and_names_no_password()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        var fault = await OpenAsync($"postgres://trivet:dummy-password@127.0.0.1:{port}/trivet");

        Assert.True(fault.IsTransient);
        Assert.DoesNotContain("dummy-password", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_a_fault_that_an_operator_can_read()
    {
        var url = await cluster.NewDatabaseAsync();

        var fault = await OpenAsync(url + "_missing");

        Assert.Contains("does not exist", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_was()
    {
        var directory = Directory.CreateTempSubdirectory("trivet-db-").FullName;
        var file = Path.Combine(directory, "trivet.db");
        await File.WriteAllTextAsync(file, new string('x', 8192), Cancel);

        var outcome = await Database.OpenAsync(
            new DatabaseOptions(DatabaseOptions.Sqlite, directory), TimeProvider.System, NullLogger<Database>.Instance, Cancel);

        Assert.Equal(StoreFaultKind.Rejected, outcome.Fault?.Kind);
        Assert.Equal(new string('x', 8192), await File.ReadAllTextAsync(file, Cancel));
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_database_that_is_there_answers_a_ping(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);

        Assert.Null(await (await test.OpenAsync()).PingAsync(Cancel));
    }

    private static async Task<StoreFault> OpenAsync(string url)
    {
        var outcome = await Database.OpenAsync(new DatabaseOptions(url, "unused"), TimeProvider.System, NullLogger<Database>.Instance, Cancel);
        Assert.False(outcome.IsSuccess);
        return outcome.Fault!;
    }
}
