using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Relay;

/// <summary>Folding in the background: what is over is closed, what is stale is folded, and a database that is away is told once.</summary>
public sealed class RollupLoopTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingLogger<RollupLoop> _log = new();
    private readonly Store _store = new();

    [Fact]
    public async Task A_day_is_closed_an_hour_after_its_end_and_all_that_is_stale_is_folded()
    {
        _store.Stale = 3;
        var loop = new RollupLoop(_store, _time, _log);

        var folding = loop.FoldAsync(TestContext.Current.CancellationToken).AsTask();
        await PassUntilAsync(() => folding.IsCompleted);

        Assert.Null(await folding);
        Assert.Equal(0, _store.Stale);
        Assert.Equal([new DateTimeOffset(2026, 8, 1, 11, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()], _store.Closed);
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_once_and_asked_again()
    {
        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "no disk");
        using var stopping = new CancellationTokenSource();
        var running = Task.Run(() => new RollupLoop(_store, _time, _log).RunAsync(stopping.Token), CancellationToken.None);

        await PassUntilAsync(() => _store.Closed.Count >= 3);
        (_store.Stale, _store.Fault) = (1, null);
        await PassUntilAsync(() => _store.Stale == 0);
        await stopping.CancelAsync();
        await running;

        Assert.Single(_log.EventIds, 3020);
    }

    private async Task PassUntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isSo())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, patience.Token);
        }
    }

    private sealed class Store : IRollupStore
    {
        private int _stale;

        public List<long> Closed { get; } = [];

        public StoreFault? Fault { get; set; }

        public int Stale
        {
            get => Volatile.Read(ref _stale);
            set => Volatile.Write(ref _stale, value);
        }

        public ValueTask<StoreOutcome<int>> CloseDaysAsync(long endedMs, CancellationToken cancellationToken)
        {
            Closed.Add(endedMs);
            return ValueTask.FromResult<StoreOutcome<int>>(Fault is { } fault ? fault : 0);
        }

        public ValueTask<StoreOutcome<bool>> FoldNextAsync(CancellationToken cancellationToken)
        {
            var isFolded = Stale > 0;
            Stale -= isFolded ? 1 : 0;
            return ValueTask.FromResult<StoreOutcome<bool>>(isFolded);
        }
    }
}
