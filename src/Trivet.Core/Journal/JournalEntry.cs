using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Journal;

/// <summary>Kinds of entries. People's are <see cref="Note"/>; the others are written by Trivet itself.</summary>
public static class JournalKinds
{
    /// <summary>Somebody wrote it.</summary>
    public const string Note = "note";

    /// <summary>An offering has failed too often and is left alone until it answers again.</summary>
    public const string OutageBegins = "outage-begins";

    /// <summary>It answers again.</summary>
    public const string OutageEnds = "outage-ends";

    /// <summary>A price in the catalogue is not what it was.</summary>
    public const string PriceChange = "price-change";

    /// <summary>The catalogue knows a model that it did not know.</summary>
    public const string NewModel = "new-model";

    /// <summary>The configuration file was read again.</summary>
    public const string ConfigurationReloaded = "configuration-reloaded";

    /// <summary>Somebody made, changed or removed a policy or a route in the console, or said how audits are made.</summary>
    public const string RuleChanged = "rule-changed";

    /// <summary>A policy or a route that somebody made in the console has become wrong.</summary>
    public const string RuleBroken = "rule-broken";

    /// <summary>Somebody made, changed, switched or removed an upstream in the console.</summary>
    public const string UpstreamChanged = "upstream-changed";

    /// <summary>Somebody made, changed, rotated or revoked a key.</summary>
    public const string KeyChanged = "key-changed";

    /// <summary>An audit has found something, or what it has found before no longer stands.</summary>
    public const string AuditVerdict = "audit-verdict";

    /// <summary>No request goes to an offering while another candidate is left.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Requests may go there again.</summary>
    public const string Release = "release";

    /// <summary>Something a person should look at.</summary>
    public const string Alarm = "alarm";

    /// <summary>A budget is spent, and requests were refused for it.</summary>
    public const string BudgetSpent = "budget-spent";
}

/// <summary>One dated entry. Immutable, but for people's notes, which are written anew.</summary>
public sealed record JournalEntry
{
    /// <summary>Most tags that an entry has.</summary>
    public const int TagsMax = 16;

    /// <summary>Most characters of a text.</summary>
    public const int TextCharsMax = 64 << 10;

    /// <summary>Most characters of a title.</summary>
    public const int TitleCharsMax = 300;

    /// <summary>Two entries of one id are one and the same event, whoever writes it.</summary>
    public required string Id { get; init; }

    /// <summary>When it happened, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>One of <see cref="JournalKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about: an upstream, an offering (<c>upstream/model</c>), a key; empty for nothing in particular.</summary>
    public string Subject { get; init; } = "";

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>Markdown; may be empty. People's own words, or a plain sentence.</summary>
    public string Text { get; init; } = "";

    /// <summary>In lower case, without blanks, sorted.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Who wrote it; empty: Trivet.</summary>
    public string Author { get; init; } = "";

    /// <summary>The figures that an event rests on, by name.</summary>
    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where nodes notice one event each for themselves: others of the same kind and subject within this time of it are the same. 0: the id alone decides.</summary>
    public long MergeMs { get; init; }

    /// <summary>An event that everybody who notices it would name alike.</summary>
    public static JournalEntry Event(string kind, string subject, string identity, long atMs, string title) => new()
    {
        Id = IdOf($"{kind}\n{subject}\n{identity}"),
        AtMs = atMs,
        Kind = kind,
        Subject = subject,
        Title = Cut(title, TitleCharsMax),
        Tags = TagsOf([kind, .. UpstreamOf(subject)]),
    };

    /// <summary>An event that nodes notice at slightly different times.</summary>
    public static JournalEntry Noticed(string kind, string subject, long atMs, TimeSpan merge, string title)
    {
        var mergeMs = (long)merge.TotalMilliseconds;
        return Event(kind, subject, (atMs / mergeMs).ToString(null, null), atMs, title) with { MergeMs = mergeMs };
    }

    /// <summary>What a person writes.</summary>
    /// <param name="author">Who.</param>
    /// <param name="title">One line; where it is empty, the first line of the text.</param>
    /// <param name="text">Markdown.</param>
    /// <param name="tags">As typed.</param>
    /// <param name="subject">What it is about; may be empty.</param>
    /// <param name="atMs">When.</param>
    public static JournalEntry Note(string author, string title, string text, IEnumerable<string> tags, string subject, long atMs)
    {
        var first = text.AsSpan().TrimStart("# \r\n\t");
        var end = first.IndexOfAny('\r', '\n');
        return new JournalEntry
        {
            Id = RandomNumberGenerator.GetHexString(32, lowercase: true),
            AtMs = atMs,
            Kind = JournalKinds.Note,
            Subject = Cut(subject.Trim(), TitleCharsMax),
            Title = Cut(title.Trim() is { Length: > 0 } given ? given : (end < 0 ? first : first[..end]).Trim().ToString(), TitleCharsMax),
            Text = Cut(text, TextCharsMax),
            Tags = TagsOf(tags),
            Author = Cut(author.Trim(), TitleCharsMax),
        };
    }

    /// <summary>An alarm as an entry.</summary>
    public static JournalEntry Of(Alarm alarm) => Event(JournalKinds.Alarm, alarm.Subject, $"{alarm.Kind}\n{alarm.AtMs}", alarm.AtMs, FirstSentence(alarm.Text)) with
    {
        Text = Cut(alarm.Text, TextCharsMax),
        Tags = TagsOf([JournalKinds.Alarm, alarm.Kind, .. UpstreamOf(alarm.Subject)]),
        Evidence = alarm.Evidence,
    };

    /// <summary>Tags as they are kept: lower case, blanks and commas as hyphens, sorted, each once.</summary>
    public static IReadOnlyList<string> TagsOf(IEnumerable<string> tags) =>
        [.. tags.Select(Tidy).Where(tag => tag.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(TagsMax)];

    /// <summary>A text that is not longer than may be, never cut within a character.</summary>
    internal static string Cut(string text, int charsMax) =>
        text.Length <= charsMax ? text : text[..(char.IsHighSurrogate(text[charsMax - 1]) ? charsMax - 1 : charsMax)];

    private static string Tidy(string tag)
    {
        var text = new StringBuilder(tag.Length);
        foreach (var c in tag.Trim().TrimStart('#').ToLowerInvariant())
        {
            if (!char.IsWhiteSpace(c) && c != ',' && !char.IsControl(c))
                text.Append(c);
            else if (text.Length > 0 && text[^1] != '-')
                text.Append('-');
        }

        return Cut(text.ToString().TrimEnd('-'), 60);
    }

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    // Of "upstream/model" the first part; a model's name may hold slashes, an upstream's may not.
    private static string[] UpstreamOf(string subject)
    {
        var slash = subject.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? [subject] : [subject[..slash]];
    }

    private static string IdOf(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
}
