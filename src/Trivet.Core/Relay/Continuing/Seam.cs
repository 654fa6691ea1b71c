namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// Where the text of a model that went on with an answer really begins. Told to repeat its last words, it must: without a repetition nobody knows whether what it
/// says goes on, begins anew or is about something else, and it is joined to nothing. Going on from its own text it repeats nothing; only where a vendor hands the
/// whole of that text back is it cut off, since a table or a list may well go on with the line that it ended with.
/// </summary>
internal static class Seam
{
    /// <summary>No seam: the text does not begin with what the client has.</summary>
    public const int None = -2;

    /// <summary>More of the text may tell.</summary>
    public const int Undecided = -1;

    // A shorter repetition than this may be chance: a few words, or as many signs of a script without spaces.
    private const int WordsMin = 2;
    private const int WordBytesMin = 6;
    private const int BytesMin = 12;

    // The whole of a text that is shorter than this may well be said again.
    private const int EchoBytesMin = 24;

    // A longer repetition than this is the whole answer said again.
    private const int RepeatedMax = 2000;

    // What a model may put before the words that it repeats.
    private const int OrnamentBytesMax = 12;

    /// <summary>
    /// How many bytes at the beginning of <paramref name="incoming"/>, said by a model that was told to repeat its last words, the client has: up to the longest end
    /// of <paramref name="has"/> that it begins with.
    /// </summary>
    public static int Find(ReadOnlySpan<byte> has, ReadOnlySpan<byte> incoming, bool isEnd)
    {
        var words = has.TrimEnd(" \t\r\n"u8); // a model that repeats words drops the blank behind them, and says it before the next one
        var lead = Ornament(incoming);
        if (lead == incoming.Length && lead <= OrnamentBytesMax && !isEnd)
            return Undecided;
        var seam = Longest(words, incoming, isEnd);
        if (seam != None)
        {
            lead = 0;
        }
        else
        {
            incoming = incoming[lead..];
            seam = Longest(words, incoming, isEnd);
        }

        if (seam < 0)
            return seam;
        if (words.Length == has.Length)
            return lead + seam;
        var blanks = incoming[seam..].IndexOfAnyExcept(" \t\r\n"u8);
        return blanks >= 0 ? lead + seam + blanks : isEnd ? lead + incoming.Length : Undecided;
    }

    /// <summary>The same where a model went on from its own text: all of <paramref name="has"/>, or nothing.</summary>
    public static int FindEcho(ReadOnlySpan<byte> has, ReadOnlySpan<byte> incoming, bool isEnd)
    {
        if (has.Length < EchoBytesMin)
            return 0;
        if (incoming.Length >= has.Length)
            return incoming.StartsWith(has) ? has.Length : 0;
        return !isEnd && has.StartsWith(incoming) ? Undecided : 0;
    }

    private static int Longest(ReadOnlySpan<byte> has, ReadOnlySpan<byte> incoming, bool isEnd)
    {
        for (var length = has.Length; length > 0; length = length == has.Length && has.Length > RepeatedMax ? RepeatedMax : length - 1)
        {
            if (length < has.Length && !IsWordStart(has, has.Length - length))
                continue;
            var end = has[^length..];
            if (length < has.Length && !IsEnough(end))
                continue;
            if (incoming.Length < length)
            {
                if (!isEnd && end.StartsWith(incoming))
                    return Undecided;
            }
            else if (incoming.StartsWith(end))
            {
                return length;
            }
        }

        return None;
    }

    private static bool IsEnough(ReadOnlySpan<byte> repetition)
    {
        if (repetition.Length >= BytesMin)
            return true;
        var (words, isInWord) = (0, false);
        foreach (var sign in repetition)
        {
            words += sign > (byte)' ' && !isInWord ? 1 : 0;
            isInWord = sign > (byte)' ';
        }

        return words >= WordsMin && repetition.Length >= WordBytesMin;
    }

    // Blanks, quotes, and dots that say "going on".
    private static int Ornament(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && at < OrnamentBytesMax)
        {
            var width = text[at] is <= (byte)' ' or (byte)'.' or (byte)'"' or (byte)'\'' or (byte)'`' ? 1
                : text[at..].StartsWith("…"u8) || text[at..].StartsWith("“"u8) || text[at..].StartsWith("‘"u8) ? 3
                : 0;
            if (width == 0)
                break;
            at += width;
        }

        return at;
    }

    private static bool IsWordStart(ReadOnlySpan<byte> text, int at) => text[at] <= (byte)' ' || text[at - 1] <= (byte)' ' || (text[at] >= 0xC0 && text[at - 1] >= 0x80); // scripts without spaces: any character
}
