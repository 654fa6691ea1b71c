namespace Trivet.Tests;

/// <summary>Measures what code allocates. The runtime itself allocates on a thread now and then (tiering, a collection), so the least of several runs counts.</summary>
internal static class Allocation
{
    private const int Runs = 5;

    /// <summary>The fewest bytes that <paramref name="action"/> allocated on this thread.</summary>
    public static long Least(Action action)
    {
        action();
        var least = long.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
