using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Trivet.WebConsole.Texts;

namespace Trivet.WebConsole.Pages.Audits;

/// <summary>
/// What audits say, in the reader's language. Findings are kept as English sentences, for reports, exports and alarms; each is a string of ours with figures in it, so that it is found again by its form.
/// Quotations and what is none of ours stay as they are.
/// </summary>
internal static partial class AuditWords
{
    private const string Area = "findings.";

    // Findings quote a few hundred characters; what is longer is none, and looking for its form would take a while.
    private const int CharsMax = 2_000;

    private static readonly TimeSpan PatternMax = TimeSpan.FromMilliseconds(100);

    // The longer of two forms that fit says more of what was meant.
    private static readonly IReadOnlyList<(Regex Pattern, string Name)> Forms =
    [
        .. from name in TextCatalogue.Names(Language.English)
           where name.StartsWith(Area, StringComparison.Ordinal)
           let form = TextCatalogue.Find(Language.English, name)!
           orderby Place().Replace(form, "").Length descending
           select (PatternOf(form), name),
    ];

    /// <summary>The sentence in the reader's language; as it stands where it is none that is known.</summary>
    public static string Of(ConsoleText text, string sentence) => text.Language == Language.English ? sentence : Find(text, sentence) ?? sentence;

    /// <summary>The sentence in the reader's language; null where its form is none of ours.</summary>
    public static string? Find(ConsoleText text, string sentence)
    {
        if (sentence.Length > CharsMax)
            return null;
        foreach (var (pattern, name) in Forms)
        {
            try
            {
                if (pattern.Match(sentence) is { Success: true } match)
                    return string.Format(CultureInfo.InvariantCulture, text[name], [.. match.Groups.Values.Skip(1).Select(group => Part(text, group.Value))]);
            }
            catch (RegexMatchTimeoutException)
            {
                // A quotation of an unheard-of length: it stays as it is.
            }
        }

        return null;
    }

    // A figure or a name, or another sentence of ours; one that follows others begins with a blank.
    private static string Part(ConsoleText text, string part) => Find(text, part) ?? (part.StartsWith(' ') && Find(text, part[1..]) is { } said ? said : part);

    private static Regex PatternOf(string form)
    {
        var pattern = new StringBuilder("^");
        var at = 0;
        foreach (Match place in Place().Matches(form))
        {
            pattern.Append(Regex.Escape(form[at..place.Index])).Append("(.*?)");
            at = place.Index + place.Length;
        }

        return new Regex(pattern.Append(Regex.Escape(form[at..])).Append(@"\z").ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline, PatternMax);
    }

    [GeneratedRegex(@"\{\d\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
