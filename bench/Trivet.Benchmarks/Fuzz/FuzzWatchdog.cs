namespace Trivet.Benchmarks.Fuzz;

/// <summary>Looks at a loop from outside: an input that is still being read after a while hangs. Names it, keeps it, and ends the process, since nothing else can.</summary>
internal sealed class FuzzWatchdog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Timer _timer;
    private long _seen = -2;

    public FuzzWatchdog(string target, FuzzLoop loop, Action<string, FuzzFinding> keep)
    {
        _timer = new Timer(
            _ =>
            {
                var number = loop.Number;
                if (number >= 0 && number == _seen)
                {
                    keep(target, new FuzzFinding("hang", $"still reading after {Patience.TotalSeconds} s", number, loop.Input));
                    Console.Error.WriteLine($"FAILED: {target} hangs at input {number}");
                    Environment.Exit(1);
                }

                _seen = number;
            },
            null,
            Patience,
            Patience);
    }

    public void Dispose() => _timer.Dispose();
}
