using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

/// <summary>How the configuration file stands against what is in force.</summary>
/// <param name="LoadedAt">When what is in force was read.</param>
/// <param name="Problems">What is wrong with the file now; empty while it is the one in force.</param>
/// <param name="Warnings">What is odd about what is in force.</param>
/// <param name="FailedAt">When the file was first found broken, or null.</param>
public sealed record ConfigState(DateTimeOffset LoadedAt, ImmutableArray<ConfigProblem> Problems, ImmutableArray<ConfigProblem> Warnings, DateTimeOffset? FailedAt)
{
    /// <summary>True while the file is broken and an older one stays in force.</summary>
    public bool IsStale => !Problems.IsEmpty;
}

/// <summary>
/// Follows the configuration file: a changed one is read, checked, compiled and only then swapped in whole; a broken one changes nothing and
/// says so, in the log and in <see cref="State"/>. Looks every two seconds, because change notifications are not sent on every file system
/// (mounts into containers, network shares), and at once where they are.
/// </summary>
public sealed partial class ConfigWatcher : IDisposable
{
    /// <summary>How often it looks, notified or not.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // An editor saves in several steps; reading between them would call a good file broken.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(150);

    private readonly string _path;
    private readonly SnapshotHolder _holder;
    private readonly Func<string, string?> _environment;
    private readonly Func<GatewayConfig, GatewayConfig> _complete;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _looking = new();
    private readonly ITimer _timer;
    private readonly FileSystemWatcher? _notifier;
    private ConfigState _state;
    private string? _seen;
    private int _missed;
    private bool _disposed;

    /// <summary>Starts following the file that <paramref name="holder"/>'s snapshot was read from.</summary>
    /// <param name="holder">Where a good file goes.</param>
    /// <param name="environment">Looks up environment variables.</param>
    /// <param name="complete">What the host adds to a configuration that was read (the sandbox's address).</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it reports.</param>
    public ConfigWatcher(SnapshotHolder holder, Func<string, string?> environment, Func<GatewayConfig, GatewayConfig> complete, TimeProvider time, ILogger<ConfigWatcher> log)
    {
        var config = holder.Current.Config;
        _path = config.Source.Path ?? throw new ArgumentException("The configuration was not read from a file.", nameof(holder));
        (_holder, _environment, _complete, _time, _log) = (holder, environment, complete, time, log);
        _state = new ConfigState(time.GetUtcNow(), [], [.. config.Warnings], null);
        _seen = config.Source.Hash;
        _timer = time.CreateTimer(_ => LoopGuard.Run("the watch over the configuration", Look, log), null, Interval, Interval);
        _notifier = Notifier();
    }

    /// <summary>How the file stands, for the console and <c>doctor</c>.</summary>
    public ConfigState State => Volatile.Read(ref _state);

    /// <summary>Reads the file now if it changed since it was last read. Never throws for what is in the file.</summary>
    public void Look()
    {
        lock (_looking)
        {
            if (_disposed || !TryRead(out var text)) return;
            var hash = ConfigReader.Hash(text);
            if (hash == _seen) return;
            _seen = hash;

            var reading = ConfigReader.Read(text, new ConfigSource(_path), _environment);
            if (reading.Config is { } config) Accept(config);
            else Refuse(reading.Problems);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notifier?.Dispose();
        _timer.Dispose();
        lock (_looking) _disposed = true;
    }

    private void Accept(GatewayConfig config)
    {
        _holder.Update(_ => _complete(config));
        foreach (var warning in config.Warnings) Warned(_path, warning.ToString());
        Volatile.Write(ref _state, new ConfigState(_time.GetUtcNow(), [], [.. config.Warnings], null));
        Reloaded(_path, config.Upstreams.Count, config.Routes.Count);
    }

    private void Refuse(IReadOnlyList<ConfigProblem> problems)
    {
        Volatile.Write(ref _state, _state with { Problems = [.. problems], FailedAt = _state.FailedAt ?? _time.GetUtcNow() });
        Refused(_path, problems.Count, string.Join("; ", problems));
    }

    private bool TryRead(out string text)
    {
        try
        {
            text = File.ReadAllText(_path);
            _missed = 0;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone for a moment while an editor replaces it: said only when it is gone twice in a row, and then once.
            text = "";
            if (++_missed != 2) return false;
            _seen = null;
            Refuse([new ConfigProblem(0, 0, "", $"cannot read {_path}: {exception.Message}")]);
            return false;
        }
    }

    private FileSystemWatcher? Notifier()
    {
        try
        {
            // The folder, not the file: editors and config maps replace the file, and a watch on it would follow the old one.
            var notifier = new FileSystemWatcher(Path.GetDirectoryName(_path)!) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size };
            notifier.Changed += (_, change) => Notified(change.FullPath);
            notifier.Created += (_, change) => Notified(change.FullPath);
            notifier.Renamed += (_, change) => Notified(change.FullPath);
            notifier.EnableRaisingEvents = true;
            return notifier;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or PlatformNotSupportedException)
        {
            PollingOnly(_path, Interval.TotalSeconds);
            return null;
        }
    }

    private void Notified(string changed)
    {
        if (string.Equals(changed, _path, StringComparison.Ordinal)) _timer.Change(Settling, Interval);
    }

    [LoggerMessage(1000, LogLevel.Information, "Configuration {Path} is in force: {Upstreams} upstreams, {Routes} routes")]
    private partial void Reloaded(string path, int upstreams, int routes);

    [LoggerMessage(1001, LogLevel.Error, "Configuration {Path} has {Count} problems and was not taken; the one before stays in force: {Problems}")]
    private partial void Refused(string path, int count, string problems);

    [LoggerMessage(1002, LogLevel.Warning, "Configuration {Path}: {Warning}")]
    private partial void Warned(string path, string warning);

    [LoggerMessage(1003, LogLevel.Information, "No change notifications for {Path}; it is looked at every {Seconds} seconds")]
    private partial void PollingOnly(string path, double seconds);
}
