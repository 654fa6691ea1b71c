namespace Trivet.Benchmarks.Fuzz;

/// <summary>
/// Looks at a loop from outside: an input on which so much has been computed hangs. Names it, keeps it, and ends the process, since nothing else can. Time on the
/// wall tells nothing on a busy machine.
/// </summary>
internal sealed class FuzzWatchdog : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CpuMax = TimeSpan.FromSeconds(20);

    private readonly Timer _timer;
    private long _seen = -2;
    private TimeSpan _cpuBefore;

    public FuzzWatchdog(string target, FuzzLoop loop, Action<string, FuzzFinding> keep)
    {
        _timer = new Timer(
            _ =>
            {
                var (number, cpu) = (loop.Number, Environment.CpuUsage.TotalTime);
                if (number < 0 || number != _seen)
                {
                    (_seen, _cpuBefore) = (number, cpu);
                    return;
                }

                if (cpu - _cpuBefore < CpuMax)
                    return;
                keep(target, new FuzzFinding("hang", $"still reading after {CpuMax.TotalSeconds} s of CPU", number, loop.Input));
                Console.Error.WriteLine($"FAILED: {target} hangs at input {number}");
                Environment.Exit(1);
            },
            null,
            Look,
            Look);
    }

    public void Dispose() => _timer.Dispose();
}
