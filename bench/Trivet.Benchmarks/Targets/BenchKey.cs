namespace Trivet.Benchmarks.Targets;

/// <summary>The key that every client of the bench sends. Trivet gets it as its first key; the other targets pass it on unread.</summary>
internal static class BenchKey
{
    public const string Value = "tk-bench-0123456789abcdef0123456789abcdef";
}
