using System.Text;

namespace Trivet.Core.Scorecards.Checks;

/// <summary>In which script a text is written, where that is beyond doubt. Languages of one script are not told apart.</summary>
internal static class Scripts
{
    private const int LettersMin = 40;
    private const double MostlyShare = 0.9;
    private const double HardlyShare = 0.05;
    private const int Kinds = 8;

    /// <summary>Both texts are long enough and each in one script, and they are two; the question has next to nothing of the answer's. Code is not looked at.</summary>
    public static bool Differ(string question, string answer)
    {
        Span<int> asked = stackalloc int[Kinds];
        Span<int> answered = stackalloc int[Kinds];
        Count(question, asked);
        Count(answer, answered);
        var (a, b) = (Main(asked), Main(answered));
        return a >= 0 && b >= 0 && a != b && !IsEastAsian(a, b) && asked[b] < HardlyShare * Sum(asked);
    }

    // Japanese is written in both, and names of one stand in the other.
    private static bool IsEastAsian(int a, int b) => (Script)a is Script.Han or Script.Kana && (Script)b is Script.Han or Script.Kana;

    private static int Main(ReadOnlySpan<int> counts)
    {
        var sum = Sum(counts);
        if (sum < LettersMin)
            return -1;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] >= MostlyShare * sum)
                return i;
        }

        return -1;
    }

    private static int Sum(ReadOnlySpan<int> counts)
    {
        var sum = 0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }

    private static void Count(string text, Span<int> counts)
    {
        var isCode = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.TrimStart().StartsWith("```"))
                isCode = !isCode;
            else if (!isCode)
                CountLine(line, counts);
        }
    }

    private static void CountLine(ReadOnlySpan<char> line, Span<int> counts)
    {
        var isCode = false;
        foreach (var rune in line.EnumerateRunes())
        {
            if (rune.Value == '`')
                isCode = !isCode;
            else if (!isCode && Rune.IsLetter(rune))
                counts[(int)Of(rune.Value)]++;
        }
    }

    private static Script Of(int rune) => rune switch
    {
        < 0x250 => Script.Latin,
        >= 0x370 and < 0x400 => Script.Greek,
        >= 0x400 and < 0x530 => Script.Cyrillic,
        >= 0x600 and < 0x780 => Script.Arabic,
        >= 0x3040 and < 0x3100 => Script.Kana,
        >= 0x3400 and < 0xA000 or >= 0x20000 => Script.Han,
        >= 0xAC00 and < 0xD7B0 => Script.Hangul,
        _ => Script.Other,
    };

    private enum Script : byte
    {
        Latin,
        Greek,
        Cyrillic,
        Arabic,
        Kana,
        Han,
        Hangul,
        Other,
    }
}
