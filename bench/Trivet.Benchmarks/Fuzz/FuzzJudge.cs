using System.Diagnostics;
using Trivet.Benchmarks.Fuzz.Targets;

namespace Trivet.Benchmarks.Fuzz;

/// <summary>
/// Gives a target one input and judges what happens: no exception, time and memory in proportion to the input, and what the target itself says of the outcome.
/// </summary>
internal sealed class FuzzJudge(IFuzzTarget target)
{
    // A reading is a few microseconds and a few times its input; these bounds catch what grows with the square of it, or without one.
    // Free is what five hundred schemas cost, as many as one that refers to itself is written out to.
    private const int AllocatedBytesFree = 1024 * 1024;
    private const int AllocatedBytesPerByte = 400;
    private const int MsFree = 50;
    private const double MsPerByte = 0.001;
    private const int TimesSlow = 5;

    /// <summary>The most that one input allocated.</summary>
    public long AllocatedBytesMax { get; private set; }

    /// <summary>What is wrong: a line that is the same for inputs that fail alike, and one with the particulars. Null where nothing is.</summary>
    public (string Kind, string Detail)? Judge(ReadOnlyMemory<byte> input, FuzzRandom random)
    {
        try
        {
            var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            var startedAt = Stopwatch.GetTimestamp();
            var chances = random;
            target.Read(input, ref chances);
            var elapsed = Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            AllocatedBytesMax = Math.Max(AllocatedBytesMax, allocated);
            if (allocated > AllocatedBytesFree + (long)AllocatedBytesPerByte * input.Length)
                return ("too much memory", $"{allocated} bytes for an input of {input.Length}");
            if (elapsed > MsMax(input) && IsSlow(input, random, out elapsed))
                return ("too slow", $"{elapsed:0} ms for an input of {input.Length} bytes");
            return target.Check() is { } wrong ? (Shorten(wrong), wrong) : null;
        }
        catch (Exception exception) // whatever it is: that is the question
        {
            return (KindOf(exception), exception.ToString());
        }
    }

    private static double MsMax(ReadOnlyMemory<byte> input) => MsFree + MsPerByte * input.Length;

    // The machine may have been busy elsewhere: it is slow when it computes for long each time.
    private bool IsSlow(ReadOnlyMemory<byte> input, FuzzRandom random, out double least)
    {
        least = double.MaxValue;
        for (var i = 0; i < TimesSlow && least > MsMax(input); i++)
        {
            var chances = random;
            var before = ThreadCpu.Now;
            target.Read(input, ref chances);
            least = Math.Min(least, (ThreadCpu.Now - before).TotalMilliseconds);
        }

        return least > MsMax(input);
    }

    // The exception and where it comes from: two frames of our own tell one fault from another.
    private static string KindOf(Exception exception)
    {
        var frames = new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .Where(frame => frame.GetMethod()?.DeclaringType?.FullName?.StartsWith("Trivet.", StringComparison.Ordinal) == true)
            .Take(2)
            .Select(frame => $"{frame.GetMethod()!.DeclaringType!.Name}.{frame.GetMethod()!.Name}");
        return $"{exception.GetType().Name} in {string.Join(" < ", frames)}";
    }

    // Without what differs from input to input: numbers and what is quoted.
    private static string Shorten(string wrong)
    {
        var kind = System.Text.RegularExpressions.Regex.Replace(wrong, @"\d+|'[^']*'|\{.*", "#", System.Text.RegularExpressions.RegexOptions.Singleline);
        return kind.Length <= 160 ? kind : kind[..160];
    }
}
