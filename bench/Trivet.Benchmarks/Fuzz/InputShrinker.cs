using System.Diagnostics;

namespace Trivet.Benchmarks.Fuzz;

/// <summary>Leaves out of an input what it does not need to fail.</summary>
internal static class InputShrinker
{
    private const int TriesMax = 3_000;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(20);

    public static byte[] Shrink(byte[] input, Func<byte[], bool> stillFails)
    {
        var tries = 0;
        var startedAt = Stopwatch.GetTimestamp();
        for (var length = input.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at < input.Length && tries < TriesMax && Stopwatch.GetElapsedTime(startedAt) < TimeMax;)
            {
                tries++;
                byte[] smaller = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(at + length, input.Length))];
                if (stillFails(smaller))
                    input = smaller;
                else
                    at += length;
            }
        }

        return input;
    }
}
