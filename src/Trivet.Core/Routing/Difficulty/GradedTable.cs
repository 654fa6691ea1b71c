using System.Text;

namespace Trivet.Core.Routing.Difficulty;

/// <summary>Reads questions that a weak and a strong model answered, from comma-separated text: the question, whether the weak model was right, whether the strong one was; what comes after is ignored.</summary>
internal static class GradedTable
{
    /// <summary>Reads the rows below the heading. Null, with the problem, where they are not such a table.</summary>
    public static IReadOnlyList<GradedText>? TryRead(TextReader text, out string problem)
    {
        var questions = new List<GradedText>();
        var number = 0;
        foreach (var row in Rows(text))
        {
            if (++number == 1)
                continue;
            if (row.Length < 3 || !TryJudge(row[1], out var weak) || !TryJudge(row[2], out var strong))
            {
                problem = $"row {number} is not 'question,weak is right,strong is right' with true or false (or 1 or 0) for the last two";
                return null;
            }

            questions.Add(new GradedText(row[0], weak, strong));
        }

        problem = questions.Count == 0 ? "it holds no rows below its heading" : "";
        return questions.Count == 0 ? null : questions;
    }

    private static bool TryJudge(string text, out bool isRight)
    {
        isRight = text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        return isRight || text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase);
    }

    // Quoted fields may hold commas, quotes (doubled) and line ends.
    private static IEnumerable<string[]> Rows(TextReader text)
    {
        var row = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var next = text.Read(); next >= 0; next = text.Read())
        {
            var c = (char)next;
            if (isQuoted && c == '"' && text.Peek() == '"')
                field.Append((char)text.Read());
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (isQuoted || (c != ',' && c != '\n' && c != '\r'))
                field.Append(c);
            else if (c != '\r')
            {
                row.Add(field.ToString());
                field.Clear();
                if (c == ',')
                    continue;
                if (row.Count > 1 || row[0].Length > 0)
                    yield return [.. row];
                row.Clear();
            }
        }

        if (row.Count > 0)
            yield return [.. row, field.ToString()];
    }
}
