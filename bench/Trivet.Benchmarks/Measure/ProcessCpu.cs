using System.Globalization;
using System.Runtime.InteropServices;

namespace Trivet.Benchmarks.Measure;

/// <summary>CPU time (user and system) that a process and its children have used since they started.</summary>
internal static partial class ProcessCpu
{
    private const long NsPerTick = 1_000_000_000 / 100;     // USER_HZ is 100 on every Linux that .NET runs on

    /// <summary>The process and its present children: nginx does its work in the worker, not in the master.</summary>
    public static int[] WithChildren(int pid)
    {
        // A child is listed under the thread that forked it.
        var children = Directory.GetDirectories($"/proc/{pid}/task").SelectMany(thread => File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return [pid, .. children.Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
    }

    public static long ReadNs(IEnumerable<int> pids) => pids.Sum(ReadNs);

    /// <summary>
    /// The kernel's CPU clock of another process counts nanoseconds. /proc/PID/stat holds the same sum in ticks of 10 ms, which is 3 % of
    /// a batch that takes 0.3 s, so it is only the fallback.
    /// </summary>
    private static long ReadNs(int pid)
    {
        const int schedulerClock = 2;       // CPUCLOCK_SCHED, for the whole process (linux/posix-timers.h)
        return ClockGetTime((~pid << 3) | schedulerClock, out var time) == 0
            ? (long)time.Seconds * 1_000_000_000 + time.Nanoseconds
            : ReadStatNs(pid);
    }

    internal static long ReadStatNs(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        // The second field is the name in brackets and may hold spaces; utime and stime are fields 14 and 15.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * NsPerTick;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
