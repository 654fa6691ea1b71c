using Trivet.Core.Routing.Affinity;

namespace Trivet.Tests.Routing.Affinity;

public sealed class PromptCacheStateTests
{
    private const long Minute = 60_000;

    private static readonly PromptPrefix Long = new(new ulong[] { 1, 12, 123, 1234 }, new[] { 100, 200, 300, 350 });
    private static readonly PromptPrefix Sibling = new(new ulong[] { 1, 12, 129 }, new[] { 100, 200, 280 });

    [Fact]
    public void Only_the_shared_beginning_is_warm_and_only_for_its_lifetime()
    {
        var cache = new PromptCacheState(TimeSpan.FromMinutes(5));
        cache.Sent(Long, 0);

        Assert.Equal(4, cache.WarmPieces(Long, Minute));
        Assert.Equal(2, cache.WarmPieces(Sibling, Minute));
        Assert.Equal(200, cache.ExpectedCachedTokens(Sibling, Minute));
        Assert.Equal(0, cache.WarmPieces(Sibling, 6 * Minute));
    }

    [Fact]
    public void A_read_keeps_it_warm_beyond_many_lifetimes()
    {
        var cache = new PromptCacheState(TimeSpan.FromMinutes(5));
        for (var minute = 0; minute < 60; minute += 4)
            cache.Sent(Sibling, minute * Minute);

        Assert.Equal(3, cache.WarmPieces(Sibling, 58 * Minute));
        Assert.Equal(2, cache.WarmPieces(Long, 58 * Minute));
    }

    [Fact]
    public void A_vendor_that_stops_giving_the_discount_is_believed()
    {
        var cache = new PromptCacheState(TimeSpan.FromMinutes(5));
        for (var i = 0; i < 20; i++)
            cache.Reported(1000, 1000);
        Assert.Equal(1, cache.Phi);

        for (var i = 0; i < 60; i++)
            cache.Reported(1000, 0);
        cache.Reported(0, 500); // nothing was predicted: nothing is learned

        Assert.True(cache.Phi < 0.06, $"{cache.Phi}");
        Assert.Equal(80, cache.Observations);
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        var cache = new PromptCacheState(TimeSpan.FromMinutes(5));
        cache.Sent(Long, 0);
        cache.WarmPieces(Sibling, 1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            cache.ExpectedCachedTokens(Sibling, i);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
