namespace Trivet.Sandbox;

/// <summary>
/// The sandbox's own tokenizer, so that its usage numbers can be recomputed by anyone who reads the text.
/// A token is: white space if any, then either a run of up to 12 letters, digits and underscores (CJK excepted) or one other character.
/// Trailing white space belongs to the last token, so counts add up across parts joined by white space.
/// </summary>
public static class SandboxTokenizer
{
    private const int WordCharsMax = 12;

    /// <summary>The number of tokens in <paramref name="text"/>; text of nothing but white space is one token, empty text none.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; count++)
        {
            at = End(text, at);
        }

        return count;
    }

    /// <summary>The index just past the <paramref name="tokens"/>-th token counted from <paramref name="start"/>, or the end of the text.</summary>
    public static int End(ReadOnlySpan<char> text, int start, int tokens)
    {
        var at = start;
        for (; tokens > 0 && at < text.Length; tokens--)
        {
            at = End(text, at);
        }

        return at;
    }

    private static int End(ReadOnlySpan<char> text, int start)
    {
        var at = SkipSpace(text, start);
        if (at == text.Length)
        {
            return at;
        }

        if (IsWord(text[at]))
        {
            var limit = Math.Min(text.Length, at + WordCharsMax);
            while (at < limit && IsWord(text[at]))
            {
                at++;
            }
        }
        else
        {
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        }

        return SkipSpace(text, at) == text.Length ? text.Length : at;
    }

    private static int SkipSpace(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsWord(char c) => c < '\u2E80' && (char.IsLetterOrDigit(c) || c == '_');
}
