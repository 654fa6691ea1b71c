namespace Trivet.Core.Routing.Difficulty;

/// <summary>
/// What a question looks like from outside, cheaply and in any language that has digits and full stops: length, numbers, sentences, words of comparison and proportion. No topic words: those learn the subject
/// of the training data and fall below prompt length on any other (EVIDENCE_FACTS §3.2).
/// </summary>
internal static class QuestionFeatures
{
    /// <summary>Features per question.</summary>
    public const int Count = 10;

    /// <summary>Fills <paramref name="features"/>, which has <see cref="Count"/> places.</summary>
    public static void Read(ReadOnlySpan<char> text, Span<double> features)
    {
        int numbers = 0, largeNumbers = 0, decimals = 0, sentences = 0, commas = 0, words = 0, capitals = 0, percent = 0, longWords = 0;
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                var start = i;
                while (i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] is '.' or ',' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))))
                    i++;
                numbers++;
                largeNumbers += i - start > 2 ? 1 : 0;
                decimals += text[start..i].Contains('.') ? 1 : 0;
                continue;
            }

            if (char.IsLetter(c))
            {
                var start = i;
                while (i < text.Length && char.IsLetter(text[i]))
                    i++;
                words++;
                capitals += char.IsUpper(c) ? 1 : 0;
                longWords += i - start > 7 ? 1 : 0;
                continue;
            }

            sentences += c is '.' or '?' or '!' or '。' or '？' ? 1 : 0;
            commas += c is ',' or ';' or '，' or '、' ? 1 : 0;
            percent += c is '%' or '/' or '$' or '½' ? 1 : 0;
            i++;
        }

        ReadOnlySpan<double> all = [text.Length, numbers, largeNumbers, decimals, sentences, commas, words, capitals, percent, longWords];
        for (var i = 0; i < Count; i++)
            features[i] = Math.Log(1 + all[i]);
    }
}
