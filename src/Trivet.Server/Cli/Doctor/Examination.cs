using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Storage;

namespace Trivet.Server.Cli.Doctor;

/// <summary>Looks at everything in turn. Changes nothing but what opening the database changes: its schema is brought up to date.</summary>
internal sealed class Examination(VerbContext context, string? listen)
{
    private const long FreeBytesMin = 256L << 20;
    private const long FreeBytesWanted = 2L << 30;
    private const long WaitingBytesWanted = 64L << 20;

    // A build can not have been made in the future: the clock of a machine that says so is wrong.
    private static readonly DateTimeOffset NotBefore = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        _findings.Add(Finding.Ok("version", $"trivet {Version()} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"));
        LookAtClock();
        if (LookAtConfig() is not { } config)
            return _findings;
        LookAtUpstreams(config);
        var dataPath = context.Options.DataPath(config);
        if (LookAtData(dataPath))
        {
            LookAtDisk(dataPath);
            LookAtSpool(Path.Combine(dataPath, Composition.Gateway.SpoolFolder));
            await LookAtDatabaseAsync(config, dataPath, cancellationToken);
        }

        _findings.Add(await PortCheck.LookAsync(listen ?? context.Options.ListenAddress(config), cancellationToken));
        return _findings;
    }

    private static string Version() => Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private void LookAtClock()
    {
        var now = context.Time.GetUtcNow();
        _findings.Add(now > NotBefore
            ? Finding.Ok("clock", $"{now:yyyy-MM-dd HH:mm:ss}Z")
            : Finding.Fail("clock", $"{now:yyyy-MM-dd HH:mm:ss}Z is before this program was made", "Set the clock (NTP): keys expire and TLS is checked by it."));
    }

    private GatewayConfig? LookAtConfig()
    {
        var reading = context.Options.ReadConfig();
        var source = context.Options.ConfigPath ?? "environment variables (no trivet.yaml here)";
        foreach (var problem in reading.Problems)
            _findings.Add(Finding.Fail("configuration", $"{source}: {problem}", "Correct it; 'trivet config validate' checks again."));
        foreach (var warning in reading.Warnings)
            _findings.Add(Finding.Warn("configuration", warning.ToString(), "Correct it where it is not meant."));
        if (reading.Config is { } config)
            _findings.Add(Finding.Ok("configuration", $"{source}: {config.Upstreams.Count} upstreams, {config.Routes.Count} routes"));
        return reading.Config;
    }

    private void LookAtUpstreams(GatewayConfig config)
    {
        var variables = VendorProfiles.All
            .SelectMany(profile => profile.KeyVariables.Concat(profile.BaseUrlVariables.Select(variable => variable.Variable)).Append(profile.HostVariable ?? ""))
            .Concat(["TRIVET_LISTEN", "TRIVET_CONFIG", "TRIVET_DATA", "TRIVET_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT"])
            .Where(name => name.Length > 0 && Environment.GetEnvironmentVariable(name) is { Length: > 0 })
            .Distinct().Order(StringComparer.Ordinal).ToList();
        _findings.Add(Finding.Ok("environment", variables.Count > 0 ? $"set: {string.Join(", ", variables)}" : "no variable that Trivet knows is set"));

        foreach (var upstream in config.Upstreams.Where(upstream => upstream.Enabled && upstream.Profile.NeedsKey && upstream.Credentials.Count == 0))
            _findings.Add(Finding.Fail("upstreams", $"{upstream.Name} has no key, and {upstream.Profile.DisplayName} wants one", $"Give it one: keys: [\"${{{(upstream.Profile.KeyVariables.Count > 0 ? upstream.Profile.KeyVariables[0] : "KEY")}}}\"]"));
        var real = config.Upstreams.Count(upstream => upstream.Enabled && upstream.Vendor != BuiltInSandbox.Vendor);
        _findings.Add(real > 0
            ? Finding.Ok("upstreams", $"{real} enabled; 'trivet upstreams check' asks them")
            : Finding.Warn("upstreams", "none but the sandbox, which is no model", "Set a vendor's variable such as DEEPSEEK_API_KEY, or write a file: trivet config init"));
    }

    private bool LookAtData(string path)
    {
        try
        {
            // In the directory itself, or in the nearest that is there: the server makes the rest.
            var there = path;
            while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { Length: > 0 } parent)
                there = parent;
            var probe = Path.Combine(there, $".trivet-doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            _findings.Add(Finding.Ok("data", there == path ? $"{path} can be written" : $"{path} is not there yet and can be made"));
            return there == path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _findings.Add(Finding.Fail("data", $"{path}: {exception.Message}", "Give the directory to the user that runs Trivet, or name another with --data."));
            return false;
        }
    }

    private void LookAtDisk(string path)
    {
        var drive = new DriveInfo(path);
        var text = $"{Size(drive.AvailableFreeSpace)} free where the data is";
        _findings.Add(
            drive.AvailableFreeSpace < FreeBytesMin ? Finding.Fail("disk", text, "Make room: with a full disk Trivet takes no requests, because it could not book them.")
            : drive.AvailableFreeSpace < FreeBytesWanted ? Finding.Warn("disk", text, "Make room before it is full: Trivet would take no requests then.")
            : Finding.Ok("disk", text));
    }

    private void LookAtSpool(string path)
    {
        if (!Directory.Exists(path))
        {
            _findings.Add(Finding.Ok("spool", "empty"));
            return;
        }

        var summary = SpoolSummary.Read(path);
        if (summary.SetAsideFiles.Count > 0)
            _findings.Add(Finding.Warn("spool", $"set aside: {string.Join(", ", summary.SetAsideFiles.Select(Path.GetFileName))}", "Records that were torn by a crash of the machine, or that the database refused. Look at them (JSON lines), then delete them."));
        var text = summary.WaitingBytes == 0 ? "nothing waits for the database" : $"{Size(summary.WaitingBytes)} in {summary.Segments} segments";
        _findings.Add(summary.WaitingBytes > WaitingBytesWanted
            ? Finding.Warn("spool", text, "The database takes nothing, or no server runs here: start it, and look at its log.")
            : Finding.Ok("spool", text));
    }

    private async Task LookAtDatabaseAsync(GatewayConfig config, string dataPath, CancellationToken cancellationToken)
    {
        var options = new DatabaseOptions(config.Database.ConnectionUrl?.Reveal() ?? DatabaseOptions.Sqlite, dataPath);
        if (config.Database.Kind == DatabaseKind.Sqlite && !File.Exists(Path.Combine(dataPath, DatabaseOptions.SqliteFileName)))
        {
            _findings.Add(Finding.Ok("database", "not there yet; the first start makes it"));
            return;
        }

        var opened = await Database.OpenAsync(options, context.Time, NullLogger<Database>.Instance, cancellationToken);
        if (opened.Fault is { } fault)
        {
            _findings.Add(Finding.Fail("database", fault.Message, config.Database.Kind == DatabaseKind.Postgres ? "Check 'database:' in the configuration, and that the server is up and lets this machine in." : "Restore a backup of the file, or start with the version that wrote it."));
            return;
        }

        await using var database = opened.Value;
        var keys = await database.Keys.LoadAsync(cancellationToken);
        _findings.Add(keys.Fault is { } unread
            ? Finding.Fail("database", unread.Message, "The file may be damaged: restore a backup.")
            : Finding.Ok("database", $"{options} opens, its schema is current, {keys.Value.Keys.Count(key => key.RevokedAtMs is null)} keys in force"));
    }

    private static string Size(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.#} GiB" : $"{bytes / (double)(1L << 20):0.#} MiB";
}
