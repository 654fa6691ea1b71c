using System.Diagnostics;
using System.Runtime.InteropServices;
using Trivet.Benchmarks.Measure;

namespace Trivet.Benchmarks.Targets;

/// <summary>The processes that this bench started, each ended by its own id whatever way the bench ends.</summary>
internal static class ChildProcesses
{
    private static readonly List<Process> Running = [];

    /// <summary>A signal has ended the bench: what fails from then on fails because its children are gone.</summary>
    public static bool Interrupted { get; private set; }

    public static void Add(Process process)
    {
        lock (Running)
            Running.Add(process);
        if (Interrupted)
            StopAll();
    }

    /// <summary>
    /// On Ctrl-C, SIGTERM or a closed terminal: ends the children. The bench then fails by itself and tidies up; should it not within three
    /// seconds, it is ended.
    /// </summary>
    public static IDisposable StopThemOnSignals()
    {
        PosixSignalRegistration[] registrations =
            [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(s => PosixSignalRegistration.Create(s, Stop))];
        AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAll();
        return new Registrations(registrations);

        static void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            Interrupted = true;
            StopAll();
            _ = Task.Delay(TimeSpan.FromSeconds(3)).ContinueWith(_ => Environment.Exit(Program.InterruptedExitCode), TaskScheduler.Default);
        }
    }

    public static void StopAll()
    {
        Process[] running;
        lock (Running)
        {
            running = [.. Running];
            Running.Clear();
        }
        foreach (var process in running)
            Stop(process, UnixSignals.Terminate);
        foreach (var process in running)
        {
            // What does not heed SIGTERM within five seconds is killed, with its children.
            Stop(process, _ =>
            {
                if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                    process.Kill(entireProcessTree: true);
            });
            process.Dispose();
        }
    }

    private static void Stop(Process process, Action<int> how)
    {
        try
        {
            if (!process.HasExited)
                how(process.Id);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }

    private sealed class Registrations(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose() => Array.ForEach(registrations, r => r.Dispose());
    }
}
