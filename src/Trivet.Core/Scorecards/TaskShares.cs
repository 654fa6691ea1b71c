using Trivet.Core.Routing.Policies;

namespace Trivet.Core.Scorecards;

/// <summary>What people made of an offering's answers, task by task: the share that was liked or taken, of those about which somebody said something. Halves in thirty days. Safe for concurrent use.</summary>
public sealed class TaskShares
{
    private static readonly TimeSpan HalfLife = TimeSpan.FromDays(30);

    private readonly DecayingShare?[] _shares = new DecayingShare?[Enum.GetValues<RequestTask>().Length];

    /// <summary>The share for a task; unknown where nobody said anything.</summary>
    public Estimate Read(RequestTask task, long nowMs) => Volatile.Read(ref _shares[(int)task])?.Read(nowMs) ?? Estimate.Unknown;

    /// <summary>Somebody said something of an answer.</summary>
    public void Record(RequestTask task, bool isGood, long nowMs)
    {
        ref var place = ref _shares[(int)task];
        if (Volatile.Read(ref place) is null)
            Interlocked.CompareExchange(ref place, new DecayingShare(HalfLife), null);
        place!.Record(isGood, nowMs);
    }
}
