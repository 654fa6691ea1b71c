using System.Diagnostics;
using System.Globalization;

namespace Trivet.Benchmarks.Measure;

/// <summary>
/// Counts user-space instructions of running processes with <c>perf stat -p</c>. They vary far less between runs than CPU time, but many
/// virtual machines hide the counter: then the bench says so and goes on.
/// </summary>
internal sealed class InstructionCounter
{
    private readonly string _event;

    private InstructionCounter(string perfEvent) => _event = perfEvent;

    /// <summary>A counter, or null and the reason why there is none here.</summary>
    public static (InstructionCounter? Counter, string Why) TryCreate(string perfEvent)
    {
        try
        {
            using var perf = Start(["stat", "-x,", "-e", perfEvent, "true"]);
            var text = perf.StandardError.ReadToEnd();
            perf.WaitForExit();
            return perf.ExitCode == 0 && Parse(text) is not null
                ? (new InstructionCounter(perfEvent), $"perf stat -e {perfEvent}")
                : (null, $"not supported here (perf stat -e {perfEvent} counts nothing on this machine)");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (null, "not supported here (perf is not installed)");
        }
    }

    public async Task<CountingRun> StartAsync(int[] pids)
    {
        var perf = Start(["stat", "-x,", "-e", _event, "-p", string.Join(',', pids)]);
        await Task.Delay(100);      // perf says nothing when it has attached
        return new CountingRun(perf);
    }

    private static Process Start(string[] arguments) =>
        Process.Start(new ProcessStartInfo("perf", arguments) { UseShellExecute = false, RedirectStandardError = true })!;

    private static long? Parse(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            // 12345,,instructions:u,… or <not supported>,,instructions:u,…
            if (double.TryParse(line.Split(',')[0], CultureInfo.InvariantCulture, out var count))
                return (long)count;
        }
        return null;
    }

    internal sealed class CountingRun(Process perf)
    {
        public async Task<long?> StopAsync()
        {
            UnixSignals.Interrupt(perf.Id);         // on SIGINT perf writes its counts and ends
            var text = await perf.StandardError.ReadToEndAsync();
            await perf.WaitForExitAsync();
            perf.Dispose();
            return Parse(text);
        }
    }
}
