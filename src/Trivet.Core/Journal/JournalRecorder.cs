using System.Threading.Channels;

namespace Trivet.Core.Journal;

/// <summary>
/// Takes entries and alarms from whoever notices something, requests included, without waiting: a bounded queue that <see cref="JournalWriterLoop"/> empties. Where it is full, because the
/// database is away and much happens, the newest are dropped and counted: the journal is no ledger.
/// </summary>
public sealed class JournalRecorder : IAlarmSink
{
    private const int QueueMax = 2_000;

    private long _dropped;

    internal Channel<Recorded> Queue { get; } = Channel.CreateBounded<Recorded>(new BoundedChannelOptions(QueueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Entries that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Hands an entry over.</summary>
    public void Record(JournalEntry entry) => Write(new Recorded(entry, null));

    /// <inheritdoc/>
    public void Raise(Alarm alarm) => Write(new Recorded(JournalEntry.Of(alarm), alarm));

    private void Write(Recorded recorded)
    {
        if (!Queue.Writer.TryWrite(recorded))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>An entry on its way, and the alarm that it stands for.</summary>
    internal sealed record Recorded(JournalEntry Entry, Alarm? Alarm);
}
