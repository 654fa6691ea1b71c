using Microsoft.Extensions.Logging;
using Trivet.Core.Snapshots;

namespace Trivet.Tests.Snapshots;

public sealed class ConfigWatcherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trivet-config-").FullName;
    private readonly ManualTimers _time = new();
    private readonly Recorder _log = new();

    private string FilePath => Path.Combine(_folder, "trivet.yaml");

    [Fact]
    public void A_changed_file_is_swapped_in_whole()
    {
        using var watcher = Start(File1("one"), out var holder);
        var old = holder.Current;
        GatewaySnapshot? told = null;
        holder.OnSwap(snapshot => told = snapshot);

        File.WriteAllText(FilePath, File1("two"));
        _time.Tick();

        Assert.True(holder.Current.TryGetUpstream("two", out _));
        Assert.False(holder.Current.TryGetUpstream("one", out _));
        Assert.True(old.TryGetUpstream("one", out _)); // a request that began before keeps what it has
        Assert.Same(holder.Current, told);
        Assert.Equal(1000, Assert.Single(_log.Events).Id);
        Assert.False(watcher.State.IsStale);
    }

    [Fact]
    public void A_broken_file_keeps_the_one_before_and_says_so_once()
    {
        using var watcher = Start(File1("one"), out var holder);
        var before = holder.Current;

        File.WriteAllText(FilePath, "upstream: []\n");
        _time.Tick();
        _time.Tick();

        Assert.Same(before, holder.Current);
        Assert.True(watcher.State.IsStale);
        Assert.NotNull(watcher.State.FailedAt);
        Assert.Equal("line 1: unknown key 'upstream' at the top level; did you mean 'upstreams'?", Assert.Single(watcher.State.Problems).ToString());
        Assert.Equal(1001, Assert.Single(_log.Events).Id);
        Assert.Contains("did you mean 'upstreams'?", _log.Events[0].Text);
    }

    [Fact]
    public void A_mended_file_is_taken_also_when_it_is_the_old_one_again()
    {
        using var watcher = Start(File1("one"), out var holder);
        File.WriteAllText(FilePath, "nonsense");
        _time.Tick();
        File.WriteAllText(FilePath, File1("one"));
        _time.Tick();

        Assert.False(watcher.State.IsStale);
        Assert.True(holder.Current.TryGetUpstream("one", out _));
    }

    [Fact]
    public void An_unchanged_file_is_not_read_again()
    {
        using var watcher = Start(File1("one"), out var holder);
        var before = holder.Current;

        _time.Tick();
        File.SetLastWriteTimeUtc(FilePath, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _time.Tick();

        Assert.Same(before, holder.Current);
        Assert.Empty(_log.Events);
    }

    [Fact]
    public void A_file_that_is_gone_for_a_moment_is_no_news_and_one_that_stays_gone_is()
    {
        using var watcher = Start(File1("one"), out var holder);
        File.Delete(FilePath);
        _time.Tick();
        Assert.False(watcher.State.IsStale);

        _time.Tick();
        _time.Tick();
        Assert.True(watcher.State.IsStale);
        Assert.Single(_log.Events);
        Assert.True(holder.Current.TryGetUpstream("one", out _));

        File.WriteAllText(FilePath, File1("one"));
        _time.Tick();
        Assert.False(watcher.State.IsStale);
    }

    [Fact]
    public void What_the_host_adds_is_added_on_every_reload()
    {
        using var watcher = Start("upstreams:\n  - { name: play, vendor: sandbox }\n", out var holder);
        File.WriteAllText(FilePath, "upstreams:\n  - { name: play2, vendor: sandbox }\n");
        _time.Tick();

        Assert.True(holder.Current.TryGetUpstream("play2", out var sandbox));
        Assert.Equal(7777, sandbox.Endpoints[0].BaseUri.Port);
    }

    [Fact]
    public void No_log_line_of_a_reload_holds_a_key()
    {
        using var watcher = Start(File1("one"), out _);
        File.WriteAllText(FilePath, File1("two").Replace("[k]", "[CANARY]", StringComparison.Ordinal));
        _time.Tick();
        File.WriteAllText(FilePath, "upstreams:\n  - { name: a, vendor: openai, keys: CANARY }");
        _time.Tick();

        Assert.Equal(2, _log.Events.Count);
        Assert.All(_log.Events, entry => Assert.DoesNotContain("CANARY", entry.Text));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string File1(string name) => $"upstreams:\n  - {{ name: {name}, vendor: openai, keys: [k] }}\n";

    private ConfigWatcher Start(string yaml, out SnapshotHolder holder)
    {
        File.WriteAllText(FilePath, yaml);
        var config = BuiltInSandbox.Place(ConfigReader.ReadFile(FilePath, _ => null).Config!, new Uri("http://127.0.0.1:7777"));
        holder = new SnapshotHolder(GatewaySnapshot.Compile(config));
        return new ConfigWatcher(holder, _ => null, read => BuiltInSandbox.Place(read, new Uri("http://127.0.0.1:7777")), _time, _log);
    }

    /// <summary>Timers that fire when told to.</summary>
    private sealed class ManualTimers : TimeProvider
    {
        private Action _fire = () => { };

        public void Tick() => _fire();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire += () => callback(state);
            return new Idle();
        }

        private sealed class Idle : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }

    private sealed class Recorder : ILogger<ConfigWatcher>
    {
        public List<(int Id, string Text)> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Events.Add((eventId.Id, formatter(state, exception)));
    }
}
