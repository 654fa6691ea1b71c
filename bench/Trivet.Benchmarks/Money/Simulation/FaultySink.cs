using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;

namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>The database as networks make it: away, answering too late to be heard, handed the same batch twice or in another order.</summary>
internal sealed class FaultySink(ISpoolSink sink, Random random, SimCounts counts) : ISpoolSink
{
    private static readonly StoreFault Away = new(StoreFaultKind.Unavailable, "the simulation says so");

    /// <summary>Nothing goes wrong any more.</summary>
    public bool IsCalm { get; set; }

    public async ValueTask<StoreOutcome<int>> CommitAsync(IReadOnlyList<SpoolRecord> records, CancellationToken cancellationToken)
    {
        var fate = IsCalm ? 100 : random.Next(100);
        if (fate < 5)
        {
            counts.Away++;
            return Away;
        }

        if (fate < 15)
        {
            counts.Reordered++;
            var shuffled = records.ToArray();
            random.Shuffle(shuffled);
            records = shuffled;
        }

        var outcome = await sink.CommitAsync(records, cancellationToken);
        if (fate is >= 15 and < 25 && outcome.IsSuccess)
        {
            counts.CommittedTwice++;
            if (await sink.CommitAsync(records, cancellationToken) is { Value: var fresh } && fresh != 0)
                throw new SimulationException($"a batch that was committed twice had {fresh} new records the second time");
        }

        if (fate is >= 25 and < 32 && outcome.IsSuccess)
        {
            counts.AnswersLost++;
            return Away; // it is committed, and nobody heard
        }

        return outcome;
    }
}
