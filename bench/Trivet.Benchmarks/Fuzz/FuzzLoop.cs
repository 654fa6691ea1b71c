using System.Diagnostics;
using Trivet.Benchmarks.Fuzz.Mutation;
using Trivet.Benchmarks.Fuzz.Targets;

namespace Trivet.Benchmarks.Fuzz;

/// <summary>What a reader did not stand.</summary>
/// <param name="Kind">The same for inputs that fail alike.</param>
/// <param name="Detail">The particulars.</param>
/// <param name="Number">The input's number, by which it is made again.</param>
/// <param name="Input">The input, made as small as still fails alike.</param>
internal sealed record FuzzFinding(string Kind, string Detail, long Number, byte[] Input);

/// <summary>How a target fared.</summary>
internal sealed record FuzzResult(string Target, IReadOnlyList<string> Readers, long Inputs, long Bytes, double CpuSeconds, long AllocatedBytesMax, IReadOnlyList<FuzzFinding> Findings);

/// <summary>Gives a target one made input after the other.</summary>
internal sealed class FuzzLoop(IFuzzTarget target, ulong seed)
{
    private const int FindingsMax = 40;

    private readonly FuzzJudge _judge = new(target);
    private readonly Mutator _mutator = new(target.Seeds);
    private readonly Dictionary<string, FuzzFinding> _findings = new(StringComparer.Ordinal);
    private long _number = -1;
    private ReadOnlyMemory<byte> _input;

    /// <summary>The input being read: what a watchdog asks for.</summary>
    public long Number => Volatile.Read(ref _number);

    /// <summary>A copy of the input being read.</summary>
    public byte[] Input => _input.ToArray();

    public FuzzResult Run(long from, long count, TimeSpan timeMax)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var bytes = 0L;
        var number = from;
        for (; number < from + count && _findings.Count < FindingsMax; number++)
        {
            if ((number & 255) == 0 && Stopwatch.GetElapsedTime(startedAt) > timeMax)
                break;
            Volatile.Write(ref _number, number);
            var random = FuzzRandom.For(seed, target.Name, number);
            _input = _mutator.Make(ref random);
            bytes += _input.Length;
            if (_judge.Judge(_input, random) is { } wrong && !_findings.ContainsKey(wrong.Kind))
                _findings[wrong.Kind] = Found(wrong, number, random);
        }

        Volatile.Write(ref _number, -1);
        return new FuzzResult(target.Name, target.Readers, number - from, bytes, (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds, _judge.AllocatedBytesMax, [.. _findings.Values]);
    }

    private FuzzFinding Found((string Kind, string Detail) wrong, long number, FuzzRandom random)
    {
        Volatile.Write(ref _number, -1); // making it small may take its time
        var input = InputShrinker.Shrink(_input.ToArray(), smaller => _judge.Judge(smaller, random)?.Kind == wrong.Kind);
        var detail = _judge.Judge(input, random)?.Detail ?? wrong.Detail;
        return new FuzzFinding(wrong.Kind, detail, number, input);
    }
}
