using System.Text.RegularExpressions;
using AngleSharp.Dom;

namespace Trivet.FunctionalTests.WebConsole;

/// <summary>The numbers on a page of the console, and whether each leads to what it came from.</summary>
internal static partial class ShownNumbers
{
    /// <summary>Within these a number has its source at hand: a line of a table or a list, a tile, a bar of a chart, the line that says where from.</summary>
    private const string Rows = "tr, li, .tile, .bar, .source";

    /// <summary>A link for all numbers of a sheet: in its head, or below them.</summary>
    private const string SourceOfSheet = ".sheet-head a[href], .source a[href]";

    /// <summary>What holds digits and is no number of ours, or is itself what others lead to.</summary>
    private static readonly (string Where, string Why)[] Without =
    [
        ("h1, h2, h3, caption, th, summary", "a name of what stands below it"),
        ("a, nav, time, code, pre, form, label, select, .button", "a link itself, a time, an identity, or what somebody types"),
        (".quiet, .how", "says how numbers are made, or where a list ends"),
        ("text.axis, .legend", "the scale of a drawing and its colours"),
        (".triangle title", "says again what the table below it says, whose lines lead to the upstreams"),
        (".waterfall", "draws the attempts below it"),
        (".strip title", "the hours of a drawing, whose sheet leads to their requests"),
        ("[aria-labelledby='set-title'], [data-page='/console/settings'] .facts", "what the operator set: it comes from the file that is named there, or from the form"),
        ("[data-page^='/console/requests/'] .facts", "the record of a request and of its attempts, as booked: the other numbers lead here"),
        ("[data-page='/console/money/transfer'] .facts", "the record of a transfer: one of a request leads to it, one that a person booked begins here"),
        ("[data-page^='/console/audits/'] .notice", "the verdict in a sentence; the tests below it are what it rests on"),
        ("[aria-labelledby='decision-title'] > p", "a decision in a sentence; the lines of the table below it lead on"),
        (".pair", "questions and answers of an audit, word for word"),
        ("[data-page='/console/policies'] td", "rules as they are written"),
        ("[data-page='/console/connect']", "what to paste"),
        ("[data-page='/console/playground']", "made by asking, before one's eyes"),
        ("[data-page='/console/settings'] table", "rates as the operator wrote them, each with who says so"),
    ];

    /// <summary>Numbers that lead nowhere, each with where it stands.</summary>
    /// <param name="page">The page.</param>
    /// <param name="path">Its address without parameters.</param>
    /// <param name="names">Names with digits in them that the operator gave.</param>
    public static IReadOnlyList<string> Unsourced(IDocument page, string path, params ReadOnlySpan<string> names)
    {
        var main = page.QuerySelector("main")!;
        main.SetAttribute("data-page", path);
        var found = new List<string>();
        foreach (var text in main.Descendants<IText>())
        {
            var said = text.Data;
            foreach (var name in names)
                said = said.Replace(name, "", StringComparison.Ordinal);
            if (Digit().IsMatch(said) && text.ParentElement is { } at && !Without.Any(one => at.Closest(one.Where) is not null) && !HasSource(at))
                found.Add($"{path}: \"{said.Trim()}\" in {Place(at)}");
        }

        return found;
    }

    /// <summary>All links that a page's numbers have, with their fragments.</summary>
    public static IEnumerable<string> Links(IDocument page) =>
        page.QuerySelectorAll("main a[href]").Select(link => link.GetAttribute("href")!).Where(href => href.StartsWith("/console", StringComparison.Ordinal) || href.StartsWith('#'));

    private static bool HasSource(IElement at) =>
        at.Ancestors<IElement>().Prepend(at).Any(one => (one.Matches(Rows) && one.QuerySelector("a[href]") is not null) || (one.Matches("section, details") && one.QuerySelector(SourceOfSheet) is not null));

    private static string Place(IElement at) => string.Join(" > ", at.Ancestors<IElement>().Reverse().Append(at).SkipWhile(one => one.LocalName != "main").Skip(1).Select(one => one.LocalName + (one.ClassName is { Length: > 0 } name ? "." + name.Trim() : "")));

    [GeneratedRegex("[0-9]")]
    private static partial Regex Digit();
}
