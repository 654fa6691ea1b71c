namespace Trivet.Server.Cli;

/// <summary>Aligned columns for people: text to the left, numbers (headings that begin with <c>&gt;</c>) to the right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [[.. headings.Select(heading => heading.TrimStart('>'))]];

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Headings and rows.</summary>
    public void Write(TextWriter output) => Write(output, _rows, "");

    /// <summary>Rows alone.</summary>
    public void WriteRows(TextWriter output, string indent) => Write(output, _rows.Skip(1), indent);

    private void Write(TextWriter output, IEnumerable<string[]> rows, string indent)
    {
        var widths = Enumerable.Range(0, headings.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => headings[column].StartsWith('>') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine((indent + string.Join(Gap, cells)).TrimEnd());
        }
    }
}
