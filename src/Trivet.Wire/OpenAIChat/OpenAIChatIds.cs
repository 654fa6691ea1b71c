using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Ids of answers and tool calls that are legal in Chat. The same id always becomes the same legal one, so that calls and results still pair.</summary>
internal static class OpenAIChatIds
{
    private const int CallIdCharsMax = 40;
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private const int ToolNameCharsMax = 64;

    /// <summary>A tool's name as Chat takes it: <c>^[a-zA-Z0-9_-]{1,64}$</c>.</summary>
    public static JsonText ToolName(JsonText space, JsonText name) => ToolNames.Legal(space, name, ToolNameCharsMax);

    /// <summary>An id for a call that its vendor gave none: unique within the conversation, as answers' ids are.</summary>
    public static string MakeCallId(string answerId, long createdAt, int call)
    {
        var hasher = new PrefixHasher();
        hasher.Add(Encoding.UTF8.GetBytes(answerId));
        hasher.Add(BitConverter.GetBytes(createdAt));
        return $"call_{hasher.Value:x16}{call}";
    }

    /// <summary>The id as the upstream takes it.</summary>
    public static JsonText Legal(JsonText id, ToolCallIds rule)
    {
        var text = id.ToString();
        return rule switch
        {
            ToolCallIds.NineAlphanumeric => text.Length == 9 && text.All(char.IsAsciiLetterOrDigit) ? id : Short(text),
            _ => text.Length is > 0 and <= CallIdCharsMax ? id : $"call_{Hash(text):x16}",
        };
    }

    private static string Short(string text)
    {
        var hash = Hash(text);
        return string.Create(9, hash, static (target, rest) =>
        {
            for (var i = 0; i < target.Length; i++, rest /= 62)
                target[i] = Alphanumeric[(int)(rest % 62)];
        });
    }

    private static ulong Hash(string text)
    {
        var hasher = new PrefixHasher();
        hasher.Add(Encoding.UTF8.GetBytes(text));
        return hasher.Value;
    }
}
