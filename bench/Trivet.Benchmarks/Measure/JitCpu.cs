using System.Globalization;

namespace Trivet.Benchmarks.Measure;

/// <summary>
/// CPU time of the thread on which .NET compiles hot methods again. A target is warm when that thread has nothing left to do: before, it takes as
/// much CPU as the requests do, and a machine that is busy puts its work off well into what should be the measurement.
/// </summary>
internal static class JitCpu
{
    private const string ThreadName = ".NET Tiered Com";        // ".NET Tiered Compilation Worker", which the kernel cuts to 15 characters

    /// <summary>0 where there is no such thread (it ends when it is idle) or the kernel does not say.</summary>
    public static long ReadNs(int pid)
    {
        long ns = 0;
        foreach (var thread in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            try
            {
                if (File.ReadAllText(thread + "/comm").TrimEnd('\n') == ThreadName)
                    ns += long.Parse(File.ReadAllText(thread + "/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has ended since it was listed.
            }
        }
        return ns;
    }
}
