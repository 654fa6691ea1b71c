namespace Trivet.Benchmarks.Load;

/// <summary>What one target's processes spent on one or more batches. <see cref="JitNs"/> is a part of <see cref="CpuNs"/>. What a target does not say
/// of itself is null.</summary>
internal sealed record BatchCost(int Requests, long CpuNs, long JitNs, long? AllocatedBytes, long? Instructions, BatchTimes Times)
{
    public double CpuSecondsPer1000 => CpuNs / 1e9 * 1000 / Requests;

    public double JitShare => JitNs / (double)CpuNs;

    public double? AllocatedBytesPerRequest => (double?)AllocatedBytes / Requests;

    public double? InstructionsPerRequest => (double?)Instructions / Requests;

    public double RequestsPerSecond => Requests / Times.Seconds;

    public static BatchCost operator +(BatchCost a, BatchCost b) => new(
        a.Requests + b.Requests,
        a.CpuNs + b.CpuNs,
        a.JitNs + b.JitNs,
        a.AllocatedBytes + b.AllocatedBytes,
        a.Instructions + b.Instructions,
        // Percentiles cannot be added: of two batches of one size the middle one is between, the tail one is the worse.
        new BatchTimes(a.Times.Seconds + b.Times.Seconds, (a.Times.P50Ms + b.Times.P50Ms) / 2, Math.Max(a.Times.P99Ms, b.Times.P99Ms)));
}
