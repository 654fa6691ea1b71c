using System.Diagnostics.CodeAnalysis;

namespace Trivet.WebConsole.Pages.Policies;

/// <summary>How a form's fields and the text beside them are kept as one definition: what the fields come to, a line that marks where they end, and the rest.</summary>
internal static class RuleText
{
    /// <summary>The line between them.</summary>
    public const string Mark = "# beside the form";

    /// <summary>The rest of a definition that a form wrote; false where none did. Only a whole line is the mark: the first, which is the form's own, because no scalar of it holds a line's end.</summary>
    public static bool TrySplit(string definition, [NotNullWhen(true)] out string? rest)
    {
        var lines = definition.ReplaceLineEndings("\n").Split('\n');
        var at = Array.IndexOf(lines, Mark);
        rest = at < 0 ? null : string.Join('\n', lines[(at + 1)..]).Trim('\n');
        return at >= 0;
    }

    /// <summary>What was typed, as one scalar of YAML.</summary>
    public static string Scalar(string typed) => "'" + typed.Replace("'", "''", StringComparison.Ordinal).ReplaceLineEndings(" ") + "'";
}
