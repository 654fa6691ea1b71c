namespace Trivet.Core.Scorecards.Manner;

/// <summary>
/// How an offering's last answers are written, as numbers from which no text can be had again: how often small words, endings and punctuation stand in each. Kept only where the operator allows it, in this process alone, of the answers
/// that are looked at whole anyway. Safe for concurrent use.
/// </summary>
internal sealed class AnswerManner
{
    /// <summary>Numbers of one answer.</summary>
    public const int Dimensions = 256;

    /// <summary>Answers that are kept.</summary>
    public const int AnswersMax = 128;

    private const int CharsMin = 80;
    private const int CharsMax = 1000;
    private const int SmallWord = 4;
    private const int EndingChars = 2;

    private readonly Lock _gate = new();
    private readonly float[][] _answers = new float[AnswersMax][];
    private long _count;

    /// <summary>Answers so far, those that are no longer kept with them.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Takes an answer; short ones say too little.</summary>
    public void Note(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length < CharsMin)
            return;
        var vector = VectorOf(text);
        lock (_gate)
            _answers[_count++ % AnswersMax] = vector;
    }

    /// <summary>The answers that are kept, the newest first.</summary>
    public IReadOnlyList<float[]> Newest()
    {
        lock (_gate)
        {
            var kept = new float[Math.Min(_count, AnswersMax)][];
            for (var i = 0; i < kept.Length; i++)
                kept[i] = _answers[(_count - 1 - i) % AnswersMax];
            return kept;
        }
    }

    /// <summary>
    /// One answer as numbers: how often its small words, endings of long words, punctuation and pairs of them stand in it. What it is about is left out as far as that goes, for subjects differ more than manners do: of recorded answers to
    /// the same prompts, 64 show another model for certain by these and hardly ever by trigrams of characters. Square roots of shares, so that no one of them outweighs all others.
    /// </summary>
    internal static float[] VectorOf(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, CharsMax)];
        var vector = new float[Dimensions];
        var (sum, before) = (0f, 0u);
        for (var i = 0; i < text.Length;)
        {
            var start = i++;
            if (char.IsWhiteSpace(text[start]) && text[start] != '\n')
                continue;
            while (char.IsAsciiLetter(text[start]) && i < text.Length && char.IsAsciiLetter(text[i]))
                i++;
            var mark = Hash(text[start..i]);
            vector[Place(mark)]++;
            sum++;
            if (before != 0)
            {
                vector[Place(before * 31 + mark)]++;
                sum++;
            }

            before = mark;
        }

        for (var i = 0; i < Dimensions && sum > 0; i++)
            vector[i] = MathF.Sqrt(vector[i] / sum);
        return vector;
    }

    // A small word as it is, of a long one the ending.
    private static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = 2166136261u;
        if (word.Length > SmallWord)
        {
            hash ^= '#';
            word = word[^EndingChars..];
        }

        foreach (var c in word)
            hash = (hash ^ char.ToLowerInvariant(c)) * 16777619u;
        return hash;
    }

    private static int Place(uint hash) => (int)(hash * 2654435761u >> 24);
}
