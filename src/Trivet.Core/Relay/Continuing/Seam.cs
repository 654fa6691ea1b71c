namespace Trivet.Core.Relay.Continuing;

/// <summary>Where the text of a model that was told to go on really begins: it may say again what the client has, a few words of it or all.</summary>
internal static class Seam
{
    // Asked to repeat its last words, a model repeats whole words. Going on from its own text it repeats nothing, so that only much of the same is a repetition.
    private const int AskedMin = 3;
    private const int UnaskedMin = 24;

    // A longer repetition than this is the whole answer said again.
    private const int RepeatedMax = 2000;

    /// <summary>How many bytes at the beginning of <paramref name="incoming"/> the client has: the longest end of <paramref name="has"/> that it begins with. −1 while more of it may tell.</summary>
    public static int Find(ReadOnlySpan<byte> has, ReadOnlySpan<byte> incoming, bool isEnd, bool isUnasked)
    {
        var min = isUnasked ? UnaskedMin : AskedMin;
        var found = 0;
        for (var length = has.Length; length >= min; length = length == has.Length && has.Length > RepeatedMax ? RepeatedMax : length - 1)
        {
            if (length < has.Length && !IsWordStart(has, has.Length - length))
                continue;
            var end = has[^length..];
            if (incoming.Length >= length)
            {
                if (incoming.StartsWith(end))
                {
                    found = length;
                    break;
                }
            }
            else if (!isEnd && end.StartsWith(incoming))
            {
                return -1;
            }
        }

        return found;
    }

    private static bool IsWordStart(ReadOnlySpan<byte> text, int at) => text[at] <= (byte)' ' || text[at - 1] <= (byte)' ' || (text[at] >= 0xC0 && text[at - 1] >= 0x80); // scripts without spaces: any character
}
