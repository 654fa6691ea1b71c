using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Relay;

/// <summary>A read that outlives its answer reads the next answer's bytes from the connection: none may.</summary>
public sealed class ReadAheadTests
{
    [Fact]
    public async Task A_read_that_still_waits_when_the_answer_is_given_up_is_cancelled_and_awaited()
    {
        using var deadline = new CancellationTokenSource();
        await using var stream = new SilentStream();
        var source = new ReadAhead(stream, new AttemptClock(TimeProvider.System, deadline, DeadlineConfig.Default, null!));
        source.Start();
        Assert.False(source.IsReady);
        Assert.Equal(1, stream.Reading);

        await source.DisposeAsync();

        Assert.Equal(0, stream.Reading);
        Assert.True(deadline.IsCancellationRequested);
    }

    [Fact]
    public async Task Where_no_read_waits_nothing_is_cancelled()
    {
        using var deadline = new CancellationTokenSource();
        await using var stream = new MemoryStream([1, 2, 3]);
        var source = new ReadAhead(stream, new AttemptClock(TimeProvider.System, deadline, DeadlineConfig.Default, null!));
        source.Start();
        Assert.Equal([1, 2, 3], source.Take(await source.Read).ToArray());
        source.Start();
        Assert.True(source.IsReady);

        await source.DisposeAsync();

        Assert.False(deadline.IsCancellationRequested);
    }

    /// <summary>Never says anything; counts the reads that wait for it.</summary>
    private sealed class SilentStream : MemoryStream
    {
        private int _reading;

        public int Reading => Volatile.Read(ref _reading);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _reading);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return 0;
            }
            finally
            {
                Interlocked.Decrement(ref _reading);
            }
        }
    }
}
