using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Load;
using Trivet.Core.Snapshots;

namespace Trivet.Tests.Relay;

public sealed class LoadGateTests
{
    private static readonly LimitsConfig Limits = new() { ConcurrentMax = 2, MemoryBytesMax = 4_000 };

    private readonly ManualTime _time = new();
    private long _heapBytes;

    [Fact]
    public void As_many_requests_run_as_may_and_the_next_is_taken_when_one_has_ended()
    {
        var gate = Gate();

        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));
        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));
        Assert.Equal(FailureKind.GatewayOverloaded, gate.Enter(Limits, _time.GetTimestamp())?.Kind);
        Assert.Equal(2, gate.Running);
        gate.Exit();
        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));
    }

    [Fact]
    public void Nothing_new_is_taken_once_it_is_stopped()
    {
        var gate = Gate();
        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));

        gate.Stop();

        Assert.Equal(FailureKind.GatewayStopping, gate.Enter(Limits, _time.GetTimestamp())?.Kind);
        Assert.Equal(1, gate.Running);
    }

    [Fact]
    public void Bodies_take_a_quarter_of_the_memory_and_one_alone_is_always_taken()
    {
        var gate = Gate();

        Assert.True(gate.TryHold(Limits, 600));
        Assert.False(gate.TryHold(Limits, 500));
        Assert.True(gate.TryHold(Limits, 400));
        gate.Release(1_000);
        Assert.True(gate.TryHold(Limits, 5_000));
        Assert.False(gate.TryHold(Limits, 1));
    }

    [Fact]
    public void Nothing_is_taken_while_the_heap_holds_more_than_it_may_and_it_is_looked_at_again()
    {
        var gate = Gate();
        _heapBytes = 4_001;
        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(FailureKind.GatewayOverloaded, gate.Enter(Limits, _time.GetTimestamp())?.Kind);
        _heapBytes = 4_000;
        Assert.Equal(FailureKind.GatewayOverloaded, gate.Enter(Limits, _time.GetTimestamp())?.Kind);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(gate.Enter(Limits, _time.GetTimestamp()));
        Assert.Equal(2, gate.Running);
    }

    [Fact]
    public void Without_a_limit_three_quarters_of_what_the_process_may_have_are_its_memory()
    {
        var (gate, limits) = (new LoadGate(_time, () => _heapBytes, bytesAvailable: 1_000), new LimitsConfig());
        _heapBytes = 751;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.NotNull(gate.Enter(limits, _time.GetTimestamp()));
    }

    private LoadGate Gate() => new(_time, () => _heapBytes, bytesAvailable: 1 << 30);
}
