using System.Globalization;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary>
/// Ids for calls that have none: Gemini leaves them out of most calls, and every other protocol needs them (WIRE_FACTS §3.3: 252 of 282). They count the
/// calls of the conversation, so the same history has the same ids each time; on the way back to Gemini they are left out again.
/// </summary>
internal static class GeminiIds
{
    private const string Prefix = "call_g";

    /// <summary>The id of the n-th call of a conversation.</summary>
    public static JsonText Make(int ordinal) => Prefix + ordinal.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether an id was made here.</summary>
    public static bool IsMade(JsonText id)
    {
        var text = id.ToString();
        return text.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
