namespace Trivet.Core.Scorecards.Checks;

/// <summary>Whether a text has fallen into saying the same again and again: a model that has lost its thread does not stop by itself, so it is at the end that it shows.</summary>
internal static class Repetition
{
    private const int PeriodMax = 160;

    /// <summary>So often in a row no text that means something says the same.</summary>
    private const int TimesMin = 8;

    /// <summary>And for so long.</summary>
    private const int CharsMin = 320;

    private const int LettersMin = 2;

    /// <summary>Its end is one piece, repeated. Rules, tables and runs of digits are not meant: the piece has letters.</summary>
    public static bool IsDegenerate(string text)
    {
        var end = text.AsSpan().TrimEnd();
        for (var period = 1; period <= PeriodMax; period++)
        {
            var wanted = Math.Max(period * TimesMin, CharsMin);
            if (end.Length < wanted)
                return false;
            if (IsPeriodic(end[^wanted..], period) && Letters(end[^period..]) >= Math.Min(LettersMin, period))
                return true;
        }

        return false;
    }

    private static bool IsPeriodic(ReadOnlySpan<char> tail, int period) => tail[period..].SequenceEqual(tail[..^period]);

    private static int Letters(ReadOnlySpan<char> piece)
    {
        var letters = 0;
        foreach (var unit in piece)
            letters += char.IsLetter(unit) ? 1 : 0;
        return letters;
    }
}
