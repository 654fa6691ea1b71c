using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Trivet.Benchmarks.Measure;

namespace Trivet.Benchmarks.Targets;

/// <summary>What a target is able to do, and how its scenarios are compared.</summary>
internal static class TargetNames
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string Raw = "raw";
    public const string Parsing = "parsing";
    public const string Trivet = "trivet";

    /// <summary>Trivet with prices, and a budget that its requests are held to.</summary>
    public const string Booked = "booked";

    /// <summary>Trivet without a price: its attempts are recorded, and there is nothing to set aside, to post or to settle.</summary>
    public const string Unbooked = "unbooked";
}

/// <summary>A process of its own that answers on a loopback port. Its CPU is its own and its children's.</summary>
internal sealed class Target
{
    private static readonly TimeSpan ReadyMax = TimeSpan.FromMinutes(2);     // on a machine that is busy with something else

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();
    private int[] _pids = [];

    private Target(string name, int port, string? metricsPath, Process process)
    {
        Name = name;
        Port = port;
        MetricsPath = metricsPath;
        _process = process;
    }

    public string Name { get; }

    public int Port { get; }

    public string? MetricsPath { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    public int Pid => _process.Id;

    /// <summary>The process and the children it had when it was ready.</summary>
    public int[] Pids => _pids;

    /// <summary>The same processes under another name: the fake vendor is also the target <c>direct</c>.</summary>
    public Target As(string name) => new(name, Port, MetricsPath, _process) { _pids = _pids };

    /// <summary>Starts the process and waits until it answers on its path; a bench cannot go on without it, so anything else throws.</summary>
    public static async Task<Target> StartAsync(string name, int port, string readyPath, string? metricsPath, ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["DOTNET_gcServer"] = "0";
        var process = Process.Start(start) ?? throw new BenchFailedException($"{name} did not start.");
        ChildProcesses.Add(process);
        var target = new Target(name, port, metricsPath, process);
        process.OutputDataReceived += (_, e) => target.Keep(e.Data);
        process.ErrorDataReceived += (_, e) => target.Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await target.WaitUntilReadyAsync(readyPath);
        target._pids = ProcessCpu.WithChildren(process.Id);
        return target;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void ThrowIfEnded()
    {
        if (_process.HasExited)
            throw new BenchFailedException($"{Name} ended with exit code {_process.ExitCode}. {Said()}");
    }

    /// <summary>The last lines that the process wrote.</summary>
    public string Said()
    {
        lock (_lastLines)
            return _lastLines.Count == 0 ? "It said nothing." : "It said:\n    " + string.Join("\n    ", _lastLines);
    }

    private async Task WaitUntilReadyAsync(string readyPath)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < ReadyMax)
        {
            ThrowIfEnded();
            try
            {
                using var answer = await http.GetAsync(new Uri(Url, readyPath));
                if (answer.StatusCode is HttpStatusCode.OK)
                    return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }
            await Task.Delay(50);
        }
        throw new BenchFailedException($"{Name} did not answer 200 on {readyPath} within {ReadyMax.TotalSeconds:0} seconds. {Said()}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            if (_lastLines.Count == 40)
                _lastLines.Dequeue();
            _lastLines.Enqueue(line);
        }
    }
}
