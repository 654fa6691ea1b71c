namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>A folder for one simulation, in memory where the system has such a place: the writes are the point, not the disk's wait for each of them.</summary>
internal sealed class SimFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = Directory.Exists(Memory) ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"trivet-ledger-sim-{Guid.NewGuid():n}")).FullName : Directory.CreateTempSubdirectory("trivet-ledger-sim-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
