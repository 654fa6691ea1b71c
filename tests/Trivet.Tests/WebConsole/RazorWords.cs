using System.Text;
using System.Text.RegularExpressions;

namespace Trivet.Tests.WebConsole;

/// <summary>Finds what people would read in a Razor file's own words: text between tags, and in the attributes that are read out. Expressions, code and what stands in <c>code</c> elements are none.</summary>
internal static partial class RazorWords
{
    public static IReadOnlyList<string> Find(string razor)
    {
        var text = Comments().Replace(razor, "");
        var code = CodeBlock().Match(text);
        if (code.Success)
            text = text[..code.Index];
        text = Directives().Replace(text, "");
        text = WithoutExpressions(text);
        text = Literal().Replace(text, "");
        return
        [
            .. ReadAttributes().Matches(text).Select(match => match.Groups["words"].Value).Where(HasWords),
            .. Tags().Split(Control().Replace(text, "")).Select(between => between.Trim()).Where(HasWords),
        ];
    }

    // An address is the same in every language; a keyword of C# stands between elements on one line.
    private static bool HasWords(string text) => Words().IsMatch(text) && !text.Contains("://", StringComparison.Ordinal) && !Keyword().IsMatch(text);

    // @name.Of(that)[so], @(…) and the heads of @if, @foreach and their kin: with their brackets, whatever strings are in them.
    private static string WithoutExpressions(string text)
    {
        var kept = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '@' || i + 1 == text.Length || text[i + 1] is '{' or '@')
            {
                kept.Append(text[i]);
                continue;
            }

            i = EndOfExpression(text, i + 1) - 1;
        }

        return kept.ToString();
    }

    private static int EndOfExpression(string text, int at)
    {
        while (at < text.Length)
        {
            if (text[at] is '(' or '[')
                at = EndOfBrackets(text, at);
            else if (char.IsLetterOrDigit(text[at]) || text[at] == '_' || (text[at] is '.' or '?' && at + 1 < text.Length && (char.IsLetter(text[at + 1]) || text[at + 1] == '.')))
                at++;
            else if (text[at] == ' ' && at + 1 < text.Length && text[at + 1] == '(')
                at++; // @if (…)
            else
                return at;
        }

        return at;
    }

    private static int EndOfBrackets(string text, int at)
    {
        var depth = 0;
        for (var isString = false; at < text.Length; at++)
        {
            if (text[at] == '"')
                isString = !isString;
            else if (isString)
                continue;
            else if (text[at] is '(' or '[')
                depth++;
            else if (text[at] is ')' or ']' && --depth == 0)
                return at + 1;
        }

        return at;
    }

    [GeneratedRegex("""@\*.*?\*@""", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex("""^@code\s*\{""", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("""<(?<tag>code|pre|kbd)\b[^>]*>.*?</\k<tag>>""", RegexOptions.Singleline)]
    private static partial Regex Literal();

    [GeneratedRegex("""^@(using|inject|typeparam|implements|inherits|attribute)\b.*$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Directives();

    [GeneratedRegex("""\b(title|alt|placeholder|aria-label|Title|Label|Caption|Hint|Word|Detail|Placeholder|Heading)="(?<words>[^"@]*)["@]""")]
    private static partial Regex ReadAttributes();

    [GeneratedRegex("""<[/!a-zA-Z](?:"[^"]*"|[^>"])*>""")]
    private static partial Regex Tags();

    // Lines of code between components: braces, else, case, statements.
    [GeneratedRegex("""^\s*(@?\{.*|\}.*|else.*|case .*|default:.*|break;|(var|private|return|if|for|foreach|switch|while) .*|.*;)\s*$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Control();

    [GeneratedRegex("""^[{}\s]*else[{}\s]*$""")]
    private static partial Regex Keyword();

    [GeneratedRegex("""\p{L}{2,}""")]
    private static partial Regex Words();
}
