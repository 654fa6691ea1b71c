using System.Globalization;
using Trivet.Core.Journal;
using Trivet.WebConsole.Pages.Audits;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Journal;

/// <summary>
/// What Trivet wrote by itself, in the reader's language. Entries are kept in English, for feeds and exports; of the kinds that are told in one sentence about one subject, the sentence is known in every
/// language. What people wrote, and what says more than its kind, stays as it was written.
/// </summary>
internal static class EventWords
{
    public static string Title(ConsoleText text, JournalEntry entry) =>
        text.Language == Language.English || entry.Kind == JournalKinds.Note || Sentence(text, entry) is not { } sentence || (entry.Subject.Length == 0 && sentence.Contains("{0}", StringComparison.Ordinal))
            ? entry.Title
            : string.Format(CultureInfo.InvariantCulture, sentence, entry.Subject);

    // An alarm says by its second tag what it is about, and its own first sentence is in its text; a change of a key says by a tag which it was.
    private static string? Sentence(ConsoleText text, JournalEntry entry) => entry.Kind switch
    {
        JournalKinds.Alarm => ByTag(text, entry, "event.alarm-"),
        JournalKinds.KeyChanged => ByTag(text, entry, "event.key-"),
        _ => text.Find("event." + entry.Kind),
    };

    private static string? ByTag(ConsoleText text, JournalEntry entry, string name) => entry.Tags.Select(tag => text.Find(name + tag)).FirstOrDefault(sentence => sentence is not null);

    public static string Text(ConsoleText text, JournalEntry entry) =>
        text.Language == Language.English || entry.Kind == JournalKinds.Note ? entry.Text : text.Find("event_text." + entry.Kind) ?? AuditWords.Of(text, entry.Text);
}
