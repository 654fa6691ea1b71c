using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.Tests.Journal;

/// <summary>A journal in memory that can be away.</summary>
internal sealed class MemoryJournal : IJournalStore
{
    private readonly Dictionary<string, string> _marks = [];

    public List<JournalEntry> Entries { get; } = [];

    public bool IsAway { get; set; }

    public ValueTask<StoreOutcome<IReadOnlyList<string>>> SaveAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        if (IsAway)
            return new(new StoreFault(StoreFaultKind.Unavailable, "away"));
        var added = entries.Where(entry => Entries.TrueForAll(other => other.Id != entry.Id)).ToList();
        Entries.AddRange(added);
        return new(StoreOutcome.Of<IReadOnlyList<string>>([.. added.Select(entry => entry.Id)]));
    }

    public ValueTask<StoreOutcome<JournalPage>> QueryAsync(JournalQuery query, CancellationToken cancellationToken) =>
        new(new JournalPage([.. Entries.OrderByDescending(entry => entry.AtMs).Take(query.Limit)], null));

    public ValueTask<StoreOutcome<JournalEntry>> FindAsync(string id, CancellationToken cancellationToken) =>
        new(Entries.Find(entry => entry.Id == id) is { } entry ? entry : new StoreFault(StoreFaultKind.NotFound, id));

    public ValueTask<StoreOutcome<bool>> DeleteNoteAsync(string id, CancellationToken cancellationToken) => new(Entries.RemoveAll(entry => entry.Id == id) > 0);

    public ValueTask<StoreOutcome<IReadOnlyList<JournalTag>>> TagsAsync(CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<JournalTag>>([]));

    public ValueTask<StoreOutcome<string?>> ReadMarkAsync(string name, CancellationToken cancellationToken) => new(_marks.GetValueOrDefault(name));

    public ValueTask<StoreOutcome<bool>> SetMarkAsync(string name, string value, CancellationToken cancellationToken)
    {
        _marks[name] = value;
        return new(true);
    }
}
