using System.Diagnostics;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Evidence;

/// <summary>What deciding costs: time and allocation of one decision with measured candidates, a prompt of a hundred pieces, floors, rates of exchange and balance.</summary>
internal static class DecisionEvidence
{
    private const int Decisions = 20_000;
    private const int Rounds = 9;
    private const double MicrosecondsMax = 15;
    private const int Few = 2, Many = 20;

    private static readonly PolicyConfig Policy = new()
    {
        Name = "everything",
        Aim = PolicyAim.Exchange,
        SecondNano = 2_000_000,
        QualityNano = 500_000_000,
        BalancePercent = 20,
        Floors = new PolicyFloors { Quality = 0.5, Availability = 0.5, PerRequestNano = 1_000_000_000, FirstContent = TimeSpan.FromSeconds(30) },
        WhenNone = WhenNone.Relax,
        Relax = [Floor.FirstContent, Floor.Availability, Floor.Quality],
    };

    public static IEnumerable<EvidenceRow> Rows()
    {
        var (few, many) = (Measure(Few), Measure(Many));
        yield return new EvidenceRow(EvidenceOptions.Decide, $"µs for a decision among {Few}", few.Times[Rounds / 2]) { Low = few.Times[0], High = few.Times[^1] };
        yield return new EvidenceRow(EvidenceOptions.Decide, $"µs for a decision among {Many}", many.Times[Rounds / 2]) { Low = many.Times[0], High = many.Times[^1] }.AtMost(MicrosecondsMax);
        yield return new EvidenceRow(EvidenceOptions.Decide, $"bytes allocated among {Few}", few.Bytes);
        yield return new EvidenceRow(EvidenceOptions.Decide, $"bytes allocated among {Many}", many.Bytes).AtMost(few.Bytes + 64);
    }

    private static (List<double> Times, double Bytes) Measure(int count)
    {
        var fleet = new RoutedFleet([.. Enumerable.Range(0, count).Select(i => (1 + (i * 0.1), 4.0))], Policy, seed: 1);
        var prompt = new PromptPrefix(Enumerable.Range(1, 100).Select(i => (ulong)i * 0x9E3779B97F4A7C15).ToArray(), Enumerable.Range(1, 100).Select(i => i * 512).ToArray());
        const long NowMs = 1_790_000_000_000;
        for (var i = 0; i < count; i++)
        {
            for (var sample = 0; sample < 40; sample++)
            {
                fleet.Health(i).Succeeded(NowMs);
                fleet.Health(i).Card.RecordCheck(sample % 10 != 0, NowMs);
                fleet.Health(i).FirstContent.Record(isStream: true, prompt.Tokens, 300 + (i * 20));
                fleet.MemoryOf(i).Answered(prompt.Tokens, new Usage { InputUncached = prompt.Tokens, OutputText = 400 }, 8_000);
            }

            if (i % 3 == 0)
                fleet.MemoryOf(i).Cache.Sent(prompt, NowMs);
        }

        var order = new List<int>(count);
        var times = new List<double>();
        var bytes = double.MaxValue;
        for (var round = -1; round < Rounds; round++)
        {
            var (before, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            for (var i = 0; i < Decisions; i++)
                fleet.Order(RoutedFleet.Question(NowMs + i, prompt.Tokens, prompt), order);
            if (round < 0)
                continue; // the first warms the code up
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / Decisions);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Decisions);
        }

        times.Sort();
        return (times, bytes);
    }
}
