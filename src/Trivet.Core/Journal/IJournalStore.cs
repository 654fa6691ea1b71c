using Trivet.Core.Failures;

namespace Trivet.Core.Journal;

/// <summary>Which entries are wanted: all that fit every part that is said. The newest come first.</summary>
public sealed record JournalQuery
{
    /// <summary>The most that one page may hold.</summary>
    public const int LimitMax = 500;

    /// <summary>At this time or later, Unix milliseconds.</summary>
    public long? FromMs { get; init; }

    /// <summary>Before this time, Unix milliseconds.</summary>
    public long? ToMs { get; init; }

    /// <summary>One of these kinds; empty: any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>With this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>About this, or about an offering of this upstream.</summary>
    public string? Subject { get; init; }

    /// <summary>With this in title or text, upper and lower case alike.</summary>
    public string? Text { get; init; }

    /// <summary>Older than this entry, which is the last of the page before.</summary>
    public JournalPlace? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Where an entry stands in the journal's order.</summary>
/// <param name="AtMs">Its time.</param>
/// <param name="Id">Its id, which decides between those of one time.</param>
public readonly record struct JournalPlace(long AtMs, string Id)
{
    /// <summary>As text, for addresses and command lines.</summary>
    public override string ToString() => $"{AtMs}-{Id}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out JournalPlace place)
    {
        var hyphen = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        place = default;
        if (hyphen <= 0 || !long.TryParse(text.AsSpan(0, hyphen), out var atMs))
            return false;
        place = new JournalPlace(atMs, text![(hyphen + 1)..]);
        return place.Id.Length > 0;
    }
}

/// <summary>One page of the journal.</summary>
/// <param name="Entries">The newest first.</param>
/// <param name="Next">What to ask for as <see cref="JournalQuery.After"/> for the next page; null on the last.</param>
public sealed record JournalPage(IReadOnlyList<JournalEntry> Entries, JournalPlace? Next);

/// <summary>How often a tag is used.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Count">Entries that have it.</param>
/// <param name="LastMs">The newest of them, Unix milliseconds.</param>
public sealed record JournalTag(string Tag, long Count, long LastMs);

/// <summary>Where the journal is kept, for all nodes. Safe for concurrent use.</summary>
public interface IJournalStore
{
    /// <summary>Writes entries; those whose event is there already change nothing. Returns the ids of those that were new.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<string>>> SaveAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken);

    /// <summary>One page of those that fit.</summary>
    ValueTask<StoreOutcome<JournalPage>> QueryAsync(JournalQuery query, CancellationToken cancellationToken);

    /// <summary>One entry. <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<JournalEntry>> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Deletes a person's note. <see cref="StoreFaultKind.NotFound"/> where there is none; what Trivet wrote itself stays.</summary>
    ValueTask<StoreOutcome<bool>> DeleteNoteAsync(string id, CancellationToken cancellationToken);

    /// <summary>All tags, the most used first.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<JournalTag>>> TagsAsync(CancellationToken cancellationToken);

    /// <summary>What was remembered under a name, so that a change of it can be noticed; null where nothing was.</summary>
    ValueTask<StoreOutcome<string?>> ReadMarkAsync(string name, CancellationToken cancellationToken);

    /// <summary>Remembers something under a name.</summary>
    ValueTask<StoreOutcome<bool>> SetMarkAsync(string name, string value, CancellationToken cancellationToken);
}
