using System.Net;
using System.Net.Sockets;

namespace Trivet.FunctionalTests.Harness;

/// <summary>The gateway as a person runs it: its own process, a configuration file, a data folder, a first key from the environment.</summary>
internal sealed class TrivetProcess : IAsyncDisposable
{
    private const int ReadySecondsMax = 120; // a machine that does much else starts a process in more than half a minute

    private readonly string _dataFolder;
    private readonly string? _configFile;

    private readonly IReadOnlyDictionary<string, string?>? _environment;

    private TrivetProcess(ChildProcess process, Uri address, string key, string dataFolder, string? configFile, IReadOnlyDictionary<string, string?>? environment)
    {
        _environment = environment;
        Process = process;
        Address = address;
        Key = key;
        _dataFolder = dataFolder;
        _configFile = configFile;
    }

    public ChildProcess Process { get; }

    public Uri Address { get; }

    public string Key { get; }

    /// <summary>Starts `trivet serve` and returns when <c>/readyz</c> says yes.</summary>
    public static async Task<TrivetProcess> ServeAsync(
        string? configFile, string dataFolder, string key = "sk-trivet-functional-tests", IReadOnlyDictionary<string, string?>? environment = null)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        List<string> arguments = [Repository.TrivetDll, "serve", "--listen", address.GetLeftPart(UriPartial.Authority), "--data", dataFolder];
        if (configFile is not null)
        {
            arguments.AddRange(["--config", configFile]);
        }

        var process = ChildProcess.Start("dotnet", arguments, new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["TRIVET_KEY"] = key });
        var trivet = new TrivetProcess(process, address, key, dataFolder, configFile, environment);
        try
        {
            await trivet.WaitUntilReadyAsync();
            return trivet;
        }
        catch
        {
            await trivet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs another verb on the same data folder and configuration, while the server runs.</summary>
    public async Task<ChildProcess> RunVerbAsync(params string[] verb)
    {
        List<string> arguments = [Repository.TrivetDll, .. verb, "--data", _dataFolder];
        if (_configFile is not null)
        {
            arguments.AddRange(["--config", _configFile]);
        }

        return await ChildProcess.RunAsync("dotnet", arguments, _environment, secondsMax: 60);
    }

    /// <summary>Runs `trivet sandbox` as its own process and returns when it listens.</summary>
    public static async Task<(ChildProcess Process, Uri Address)> SandboxAsync(int? port = null)
    {
        var address = new Uri($"http://127.0.0.1:{port ?? FreePort()}");
        var process = ChildProcess.Start("dotnet", [Repository.TrivetDll, "sandbox", "--listen", address.GetLeftPart(UriPartial.Authority)]);
        using var http = new HttpClient { BaseAddress = address };
        var isUp = await WaitForAsync(process, async () => (await http.GetAsync(new Uri("/", UriKind.Relative))).IsSuccessStatusCode);
        Assert.True(isUp, $"the sandbox does not listen\n{process.Everything}");
        return (process, address);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task WaitUntilReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        var isReady = await WaitForAsync(Process, async () => (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode);
        Assert.True(isReady, $"trivet serve is not ready\n{Process.Everything}");
    }

    private static async Task<bool> WaitForAsync(ChildProcess process, Func<Task<bool>> condition)
    {
        for (var until = DateTime.UtcNow.AddSeconds(ReadySecondsMax); DateTime.UtcNow < until && !process.HasExited; await Task.Delay(25))
        {
            try
            {
                if (await condition())
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        return false;
    }
}
