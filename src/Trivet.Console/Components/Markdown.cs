using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace Trivet.WebConsole.Components;

/// <summary>
/// People's notes as HTML: paragraphs, headings, lists, quotes, fenced and inline code, emphasis, links to http and https. Everything is encoded first and only these few
/// elements are added, so that nothing that somebody wrote can become markup. What is not known stays as it was typed.
/// </summary>
internal static partial class Markdown
{
    private const int HeadingOffset = 2; // a page has its own first and second

    public static MarkupString Render(string text)
    {
        var html = new StringBuilder();
        var paragraph = new List<string>();
        string? list = null;
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                Flush();
                i = Fence(lines, i, html);
            }
            else if (Heading().Match(line) is { Success: true } heading)
            {
                Flush();
                var level = Math.Min(heading.Groups["marks"].Length + HeadingOffset, 6);
                html.Append($"<h{level}>{Inline(heading.Groups["text"].Value)}</h{level}>");
            }
            else if (Item().Match(line) is { Success: true } item)
            {
                FlushParagraph();
                OpenList(item.Groups["number"].Success ? "ol" : "ul");
                html.Append($"<li>{Inline(item.Groups["text"].Value)}</li>");
            }
            else if (line.StartsWith('>'))
            {
                Flush();
                html.Append($"<blockquote>{Inline(line[1..].Trim())}</blockquote>");
            }
            else if (line.Trim().Length == 0)
            {
                Flush();
            }
            else
            {
                OpenList(null);
                paragraph.Add(line);
            }
        }

        Flush();
        return new MarkupString(html.ToString());

        void Flush()
        {
            FlushParagraph();
            OpenList(null);
        }

        void FlushParagraph()
        {
            if (paragraph.Count > 0)
                html.Append($"<p>{Inline(string.Join('\n', paragraph))}</p>");
            paragraph.Clear();
        }

        void OpenList(string? wanted)
        {
            if (list == wanted)
                return;
            if (list is not null)
                html.Append($"</{list}>");
            if (wanted is not null)
                html.Append($"<{wanted}>");
            list = wanted;
        }
    }

    /// <summary>The beginning of a text without its marks, for lists.</summary>
    public static string Excerpt(string text, int charsMax)
    {
        var plain = Marks().Replace(text.ReplaceLineEndings("\n"), "").Replace('\n', ' ').Trim();
        return plain.Length <= charsMax ? plain : string.Concat(plain.AsSpan(0, char.IsHighSurrogate(plain[charsMax - 1]) ? charsMax - 1 : charsMax), "…");
    }

    private static int Fence(string[] lines, int start, StringBuilder html)
    {
        var end = Array.FindIndex(lines, start + 1, line => line.StartsWith("```", StringComparison.Ordinal));
        if (end < 0)
            end = lines.Length;
        html.Append($"<pre><code>{Encode(string.Join('\n', lines[(start + 1)..end]))}</code></pre>");
        return end;
    }

    // Code first, so that marks within it stay; what lies between is encoded before any element is added.
    private static string Inline(string text)
    {
        var html = new StringBuilder();
        var at = 0;
        foreach (Match code in InlineCode().Matches(text))
        {
            html.Append(Emphasis(text[at..code.Index])).Append($"<code>{Encode(code.Groups["code"].Value)}</code>");
            at = code.Index + code.Length;
        }

        return html.Append(Emphasis(text[at..])).ToString();
    }

    private static string Emphasis(string text)
    {
        var html = new StringBuilder();
        var at = 0;
        foreach (Match link in Link().Matches(text))
        {
            html.Append(Strong(text[at..link.Index]));
            html.Append($"<a href=\"{Encode(link.Groups["url"].Value)}\" rel=\"noreferrer nofollow\">{Strong(link.Groups["text"].Success ? link.Groups["text"].Value : link.Groups["url"].Value)}</a>");
            at = link.Index + link.Length;
        }

        return html.Append(Strong(text[at..])).ToString();
    }

    private static string Strong(string text) => Emphasised().Replace(Bold().Replace(Encode(text), "<strong>${text}</strong>"), "<em>${text}</em>");

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);

    [GeneratedRegex("""^(?<marks>#{1,4})\s+(?<text>.+)$""")]
    private static partial Regex Heading();

    [GeneratedRegex("""^\s{0,3}(?:[-*]|(?<number>\d{1,3}[.)]))\s+(?<text>.+)$""")]
    private static partial Regex Item();

    [GeneratedRegex("""`(?<code>[^`\n]+)`""")]
    private static partial Regex InlineCode();

    [GeneratedRegex("""\[(?<text>[^\]\n]{1,300})\]\((?<url>https?://[^\s()<>"]{1,2000})\)|(?<url>https?://[^\s()<>"]{1,2000}[^\s()<>".,;:!?])""")]
    private static partial Regex Link();

    [GeneratedRegex("""\*\*(?<text>[^*\n]+)\*\*""")]
    private static partial Regex Bold();

    [GeneratedRegex("""(?<![*\w])\*(?=\S)(?<text>[^*\n]+)(?<=\S)\*(?![*\w])""")]
    private static partial Regex Emphasised();

    // Only where they are marks: lab#1 and glm-* are names.
    [GeneratedRegex("""^[ \t]*(?:\#{1,6}|>|[-*])[ \t]+|\*\*|`+""", RegexOptions.Multiline)]
    private static partial Regex Marks();
}
