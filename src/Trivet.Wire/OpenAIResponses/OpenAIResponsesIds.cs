using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// Ids, names and users that Responses takes. The same one always becomes the same legal one, on every node, so that calls and results pair and prompt
/// caches hold.
/// </summary>
internal static class OpenAIResponsesIds
{
    private const int CallIdCharsMax = 64;
    private const int NameCharsMax = 128;
    private const int FormatNameCharsMax = 64;
    private const int UserCharsMax = 64; // "Invalid 'user': string too long. Expected a string with maximum length 64"; coding agents send 200

    /// <summary>A call's id of 1 to 64 characters.</summary>
    public static string CallId(string id) => id.Length is > 0 and <= CallIdCharsMax ? id : $"call_{Hash(id):x16}";

    /// <summary>A tool's name of <c>^[a-zA-Z0-9_-]{1,128}$</c>.</summary>
    public static JsonText ToolName(JsonText space, JsonText name) =>
        ToolNames.Legal(space, name, NameCharsMax) is var legal && string.Equals(legal, name.ToString(), StringComparison.Ordinal) ? name : legal;

    /// <summary>A schema's name of 1 to 64 legal characters; one must be given.</summary>
    public static string FormatName(JsonText name) => name.IsEmpty ? "response" : ToolNames.Legal(default, name, FormatNameCharsMax);

    /// <summary>The user, or a hash of one that is too long.</summary>
    public static string User(string user) => user.Length <= UserCharsMax ? user : $"user_{Hash(user):x16}";

    /// <summary>An id for a reasoning item, for vendors without a store, which want one and never look it up.</summary>
    public static string Reasoning(JsonText text, int index)
    {
        var hash = new PrefixHash();
        hash.Add(Encoding.UTF8.GetBytes(text.ToString()));
        hash.Add(BitConverter.GetBytes(index));
        return $"rs_{hash.Value:x16}";
    }

    private static ulong Hash(string text)
    {
        var hash = new PrefixHash();
        hash.Add(Encoding.UTF8.GetBytes(text));
        return hash.Value;
    }
}
