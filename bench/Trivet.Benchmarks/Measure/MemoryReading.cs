using System.Globalization;

namespace Trivet.Benchmarks.Measure;

/// <summary>What a process holds. <see cref="HeapBytes"/> and <see cref="CommittedBytes"/> are the GC's own words, null where it has none to say.</summary>
internal sealed record MemoryReading(long RssBytes, long? HeapBytes, long? CommittedBytes)
{
    public static long ReadRssBytes(int pid)
    {
        foreach (var line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan("VmRSS:".Length, line.Length - "VmRSS:".Length - "kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        throw new BenchFailedException($"Process {pid} has no resident memory: it ended.");
    }
}
