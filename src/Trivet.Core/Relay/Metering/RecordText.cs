namespace Trivet.Core.Relay.Metering;

/// <summary>Texts that clients and upstreams choose, as records keep them: what nobody would read is not worth a place in the books, and a record has a size that it must not pass.</summary>
internal static class RecordText
{
    /// <summary>Longer than any model's name or user agent that means something.</summary>
    private const int CharsMax = 256;

    /// <summary>The text, or its beginning with an ellipsis behind it.</summary>
    public static string Cut(string text)
    {
        if (text.Length <= CharsMax)
            return text;
        var end = char.IsHighSurrogate(text[CharsMax - 1]) ? CharsMax - 1 : CharsMax;
        return string.Concat(text.AsSpan(0, end), "\u2026");
    }
}
