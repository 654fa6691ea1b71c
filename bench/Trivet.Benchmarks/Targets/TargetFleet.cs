using System.Diagnostics;
using Trivet.Benchmarks.Forwarders;

namespace Trivet.Benchmarks.Targets;

/// <summary>Starts the fake vendor and the targets in front of it, each as its own process, and says which of them it had to leave out.</summary>
internal sealed class TargetFleet : IDisposable
{
    private const string NginxFile = "/usr/sbin/nginx";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trivet-bench-");
    private readonly List<Target> _targets = [];
    private readonly List<string> _leftOut = [];

    private TargetFleet() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();

    public IReadOnlyList<Target> Targets => _targets;

    /// <summary>One line per target that was wanted and is not there.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    public static async Task<TargetFleet> StartAsync(BenchOptions options, params string[] names)
    {
        var fleet = new TargetFleet();
        try
        {
            var vendor = await StartVendorAsync();
            foreach (var name in names.Where(options.WantsTarget))
                await fleet.AddAsync(name, vendor, options);
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ChildProcesses.StopAll();
        try
        {
            if (Directory.Exists(_folder.FullName))
                _folder.Delete(recursive: true);
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"{_folder.FullName} is left behind: {e.Message}");
        }
    }

    private async Task AddAsync(string name, Target vendor, BenchOptions options)
    {
        switch (name)
        {
            case TargetNames.Direct:
                _targets.Add(vendor.As(TargetNames.Direct));
                break;
            case TargetNames.Nginx when File.Exists(NginxFile):
                _targets.Add(await StartNginxAsync(vendor));
                break;
            case TargetNames.Nginx:
                _leftOut.Add($"nginx: {NginxFile} is absent (Debian: apt-get install nginx-light)");
                break;
            case TargetNames.Raw:
                _targets.Add(await StartOwnAsync(TargetNames.Raw, "serve-raw", vendor.Url.ToString()));
                break;
            case TargetNames.Parsing:
                _targets.Add(await StartOwnAsync(TargetNames.Parsing, "serve-parsing", vendor.Url.ToString()));
                break;
            case TargetNames.Trivet or TargetNames.Booked or TargetNames.Unbooked:
                await AddTrivetAsync(name, vendor, options);
                break;
            default:
                throw new BenchOptionException($"'{name}' is not a target.");
        }
    }

    private async Task AddTrivetAsync(string name, Target vendor, BenchOptions options)
    {
        try
        {
            _targets.Add(await TrivetTarget.StartAsync(name, _folder.CreateSubdirectory(name), vendor, options.TrivetFile));
        }
        catch (BenchFailedException e) when (!options.Assert && options.TrivetFile is null)
        {
            _leftOut.Add(e.Message);
        }
    }

    /// <summary>The fake vendor alone.</summary>
    public static Task<Target> StartVendorAsync() => StartOwnAsync("vendor", "serve-vendor");

    private static async Task<Target> StartOwnAsync(string name, params string[] verb)
    {
        var port = Target.FreePort();
        var executable = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(executable) == "dotnet" ? [typeof(TargetFleet).Assembly.Location] : [];
        string[] arguments = [.. prefix, verb[0], port.ToString(), .. verb[1..]];
        return await Target.StartAsync(name, port, ForwarderHost.MetricsPath, ForwarderHost.MetricsPath, new ProcessStartInfo(executable, arguments));
    }

    private async Task<Target> StartNginxAsync(Target vendor)
    {
        var port = Target.FreePort();
        var file = Path.Combine(_folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(file, NginxConfig.Make(_folder.FullName, port, vendor.Port));
        return await Target.StartAsync(TargetNames.Nginx, port, NginxConfig.ReadyPath, null, new ProcessStartInfo(NginxFile, ["-p", _folder.FullName, "-c", file, "-e", "stderr"]));
    }
}
