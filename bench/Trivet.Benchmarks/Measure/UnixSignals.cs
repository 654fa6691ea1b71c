using System.Runtime.InteropServices;

namespace Trivet.Benchmarks.Measure;

/// <summary>Signals to children by their id, and the limit of open files: .NET has no call for either.</summary>
internal static partial class UnixSignals
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int RlimitNoFile = 7;

    public static void Interrupt(int pid) => _ = Kill(pid, SigInt);

    public static void Terminate(int pid) => _ = Kill(pid, SigTerm);

    /// <summary>Raises the soft limit of open files to what the machine allows, and returns it. Children inherit it.</summary>
    public static long RaiseOpenFiles()
    {
        if (GetRlimit(RlimitNoFile, out var limit) != 0)
            return 0;
        if (limit.Soft < limit.Hard && SetRlimit(RlimitNoFile, limit with { Soft = limit.Hard }) == 0)
            return (long)limit.Hard;
        return (long)limit.Soft;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetRlimit(int resource, out Rlimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetRlimit(int resource, in Rlimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rlimit(ulong Soft, ulong Hard);
}
