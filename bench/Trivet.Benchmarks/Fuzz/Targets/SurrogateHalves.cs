using System.Globalization;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>
/// Vendors cut texts in the middle of an emoji, and half of a pair goes on as it came. That is JSON, but the framework's reader cannot make a text of it, so before
/// a checker looks each half becomes a private character of its own: pairs that come together later are the same two characters then.
/// </summary>
internal static class SurrogateHalves
{
    private const int PrivateUse = 0xE000;

    public static byte[] MadeReadable(ReadOnlySpan<byte> json)
    {
        var copy = json.ToArray();
        for (var i = 0; i + 5 < copy.Length; i++)
        {
            if (copy[i] != (byte)'\\')
                continue;
            i++;
            if (copy[i] != (byte)'u' || !int.TryParse(copy.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) || unit is < 0xD800 or > 0xDFFF)
                continue;
            (unit - 0xD800 + PrivateUse).TryFormat(copy.AsSpan(i + 1, 4), out _, "x4", CultureInfo.InvariantCulture);
        }

        return copy;
    }
}
