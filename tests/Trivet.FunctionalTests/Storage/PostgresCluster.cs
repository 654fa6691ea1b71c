using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(Trivet.FunctionalTests.Storage.PostgresCluster))]

namespace Trivet.FunctionalTests.Storage;

/// <summary>
/// A PostgreSQL of the test run's own, from Debian's packages, started by the first test that asks and stopped at the end. Tests that need it are skipped
/// where there is none, and fail instead when <c>TRIVET_CI_REQUIRE_ALL=1</c>.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private string? _binaries;
    private string? _directory;
    private int _databases;

    public int Port { get; private set; }

    /// <summary>The URL of a new, empty database.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        await EnsureStartedAsync();
        var name = $"trivet_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return $"postgres://postgres@127.0.0.1:{Port}/{name}";
    }

    /// <summary>Skips the test, or fails it where everything must run.</summary>
    public static void Missing(string what)
    {
        Assert.False(Environment.GetEnvironmentVariable("TRIVET_CI_REQUIRE_ALL") == "1", $"{what}, and TRIVET_CI_REQUIRE_ALL=1 wants every test to run.");
        Assert.Skip(what);
    }

    public async ValueTask DisposeAsync()
    {
        if (_directory is not null)
        {
            await StopServerAsync();
            Directory.Delete(_directory, recursive: true);
        }

        _turn.Dispose();
    }

    /// <summary>Ends the server as a crash would; only on a cluster of one's own.</summary>
    public Task StopServerAsync() => RunAsync("pg_ctl", "-D", DataDirectory, "-m", "immediate", "-w", "stop");

    /// <summary>Starts it, or again after <see cref="StopServerAsync"/>: same port, same databases.</summary>
    public Task StartServerAsync() => RunAsync(
        "pg_ctl", "-D", DataDirectory, "-w", "-l", Path.Combine(_directory!, "log"), "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", "start");

    private string DataDirectory => Path.Combine(_directory!, "data");

    private async Task EnsureStartedAsync()
    {
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_directory is not null)
                return;
            _binaries = FindBinaries();
            if (_binaries is null)
                Missing("There is no PostgreSQL server here (apt-get install postgresql-15)");
            Port = FreePort();
            _directory = Directory.CreateTempSubdirectory("trivet-pg-").FullName;
            if (Environment.IsPrivilegedProcess)
                await RunAsync(asPostgres: false, "chown", "postgres", _directory);
            StartWatch();
            await RunAsync("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "-D", DataDirectory);
            await StartServerAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task RunAsync(string program, params string[] arguments) =>
        RunAsync(asPostgres: Environment.IsPrivilegedProcess, Path.Combine(_binaries!, program), arguments);

    /// <summary>Stops the server when this process is gone without having done so, as when a run is killed.</summary>
    private void StartWatch()
    {
        var stop = $"{_binaries}/pg_ctl -D {DataDirectory} -m immediate stop";
        if (Environment.IsPrivilegedProcess)
            stop = "runuser -u postgres -- " + stop;
        var script = $"while [ -d /proc/{Environment.ProcessId} ]; do sleep 1; done; {stop}; rm -rf {_directory}";
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/tmp", UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"({script}) >/dev/null 2>&1 </dev/null &");
        using var shell = Process.Start(start)!;
        shell.WaitForExit();
    }

    /// <summary>The server refuses to run as root.</summary>
    private static async Task RunAsync(bool asPostgres, string program, params string[] arguments)
    {
        // Output goes nowhere: the server would inherit a pipe and keep it open.
        string[] whole = [program, .. arguments];
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/tmp" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" >/dev/null 2>&1");
        start.ArgumentList.Add("sh");
        foreach (var argument in asPostgres ? ["runuser", "-u", "postgres", "--", .. whole] : whole)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}");
    }

    private static string? FindBinaries()
    {
        const string Root = "/usr/lib/postgresql";
        return !Directory.Exists(Root)
            ? null
            : Directory.EnumerateDirectories(Root)
                .OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
                .Select(path => Path.Combine(path, "bin"))
                .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
