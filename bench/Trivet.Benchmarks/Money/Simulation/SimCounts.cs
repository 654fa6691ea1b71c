namespace Trivet.Benchmarks.Money.Simulation;

/// <summary>What happened, for people.</summary>
internal sealed class SimCounts
{
    public long Attempts { get; set; }
    public long Refused { get; set; }
    public long Overruns { get; set; }
    public long Absorbed { get; set; }
    public long Crashes { get; set; }
    public long Recovered { get; set; }
    public long TornTails { get; set; }
    public long LeasesLost { get; set; }
    public long Away { get; set; }
    public long Reordered { get; set; }
    public long CommittedTwice { get; set; }
    public long AnswersLost { get; set; }
    public long AskedTwice { get; set; }

    public override string ToString() =>
        $"{Attempts} attempts ({Overruns} overran, {Absorbed} were absorbed in part), {Refused} refused; {Crashes} crashes with {Recovered} attempts recovered and {TornTails} torn tails; {LeasesLost} times leases lost; "
        + $"batches: {Away} met no database, {AnswersLost} were committed and nobody heard, {CommittedTwice} came twice, {Reordered} in another order; {AskedTwice} payments asked for twice";
}
