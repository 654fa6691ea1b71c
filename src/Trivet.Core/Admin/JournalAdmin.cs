using System.Runtime.CompilerServices;
using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.Core.Admin;

/// <summary>What people do with the journal: read it, search it, write in it, take it away.</summary>
public sealed class JournalAdmin(IJournalStore store, TimeProvider time)
{
    /// <summary>The most entries of one export.</summary>
    public const int ExportMax = 100_000;

    /// <summary>One page.</summary>
    public ValueTask<StoreOutcome<JournalPage>> PageAsync(JournalQuery query, CancellationToken cancellationToken) => store.QueryAsync(query, cancellationToken);

    /// <summary>One entry.</summary>
    public ValueTask<StoreOutcome<JournalEntry>> FindAsync(string id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

    /// <summary>All tags with how often they are used.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<JournalTag>>> TagsAsync(CancellationToken cancellationToken) => store.TagsAsync(cancellationToken);

    /// <summary>Why a note cannot be taken; null where it can.</summary>
    public static string? ProblemOf(string title, string text) =>
        title.Trim().Length == 0 && text.Trim().Length == 0 ? "A note needs a title or a text."
        : title.Length > JournalEntry.TitleCharsMax ? $"A title has at most {JournalEntry.TitleCharsMax} characters."
        : text.Length > JournalEntry.TextCharsMax ? $"A text has at most {JournalEntry.TextCharsMax} characters."
        : null;

    /// <summary>Writes a person's note.</summary>
    /// <param name="author">Who.</param>
    /// <param name="title">One line; empty: the first line of the text.</param>
    /// <param name="text">Markdown.</param>
    /// <param name="tags">As typed.</param>
    /// <param name="subject">What it is about; may be empty.</param>
    /// <param name="at">When it happened; null: now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<StoreOutcome<JournalEntry>> AddAsync(string author, string title, string text, IEnumerable<string> tags, string subject, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        if (ProblemOf(title, text) is { } problem)
            return new StoreFault(StoreFaultKind.Rejected, problem);
        var note = JournalEntry.Note(author, title, text, tags, subject, (at ?? time.GetUtcNow()).ToUnixTimeMilliseconds());
        var saved = await store.SaveAsync([note], cancellationToken);
        return saved.Fault is { } fault ? fault : note;
    }

    /// <summary>Takes a person's note away.</summary>
    public ValueTask<StoreOutcome<bool>> DeleteAsync(string id, CancellationToken cancellationToken) => store.DeleteNoteAsync(id, cancellationToken);

    /// <summary>All that fit a query, at most <see cref="ExportMax"/>.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<JournalEntry>>> AllAsync(JournalQuery query, CancellationToken cancellationToken)
    {
        var all = new List<JournalEntry>();
        await foreach (var page in PagesAsync(query, cancellationToken))
        {
            if (page.Fault is { } fault)
                return fault;
            all.AddRange(page.Value);
        }

        return all;
    }

    /// <summary>The same page after page, for whoever sends them on; a fault is the last.</summary>
    public async IAsyncEnumerable<StoreOutcome<IReadOnlyList<JournalEntry>>> PagesAsync(JournalQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        query = query with { Limit = JournalQuery.LimitMax };
        for (var count = 0; ;)
        {
            var page = await store.QueryAsync(query, cancellationToken);
            if (page.Fault is { } fault)
            {
                yield return fault;
                yield break;
            }

            yield return StoreOutcome.Of(page.Value.Entries);
            count += page.Value.Entries.Count;
            if (page.Value.Next is not { } next || count >= ExportMax)
                yield break;
            query = query with { After = next };
        }
    }
}
