using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Admin;

public sealed class TraceAdminTests
{
    [Fact]
    public async Task A_request_that_is_still_in_the_spool_is_waited_for()
    {
        var time = new ManualTime();
        var store = new LateStore(looksUntilThere: 3);
        var finding = new TraceAdmin(store, time).FindAsync("req_1", TestContext.Current.CancellationToken).AsTask();
        while (!finding.IsCompleted)
            await StepAsync(time);
        Assert.True((await finding).IsSuccess);
        Assert.Equal(3, store.Looks);
    }

    [Fact]
    public async Task An_unknown_request_is_unknown_after_two_seconds()
    {
        var time = new ManualTime();
        var started = time.GetTimestamp();
        var finding = new TraceAdmin(new LateStore(int.MaxValue), time).FindAsync("req_1", TestContext.Current.CancellationToken).AsTask();
        while (!finding.IsCompleted)
            await StepAsync(time);
        Assert.Equal(StoreFaultKind.NotFound, (await finding).Fault!.Kind);
        Assert.True(time.GetElapsedTime(started) >= TraceAdmin.BookingPatience);
    }

    private static async Task StepAsync(ManualTime time)
    {
        time.Advance(TimeSpan.FromMilliseconds(100));
        await Task.Yield();
    }

    private sealed class LateStore(int looksUntilThere) : ITraceStore
    {
        public int Looks { get; private set; }

        public ValueTask<StoreOutcome<RequestTrace>> FindAsync(string requestId, CancellationToken cancellationToken)
        {
            if (++Looks < looksUntilThere)
                return new(new StoreFault(StoreFaultKind.NotFound, "not yet"));
            var request = new RequestRecord { Id = requestId, Organisation = "default", KeyId = "key_1", StartedMs = 0, Endpoint = "/v1/messages" };
            return new(new RequestTrace(request, []));
        }

        public ValueTask<StoreOutcome<IReadOnlyList<RequestRecord>>> ListRecentAsync(int countMax, CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<RequestRecord>>([]));
    }
}
