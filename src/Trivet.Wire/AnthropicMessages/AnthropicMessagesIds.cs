using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>Ids and names that Anthropic takes: <c>^[a-zA-Z0-9_-]+$</c>.</summary>
public static class AnthropicMessagesIds
{
    private static readonly SearchValues<char> s_legal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>Whether it can stand as it is.</summary>
    public static bool IsLegal(ReadOnlySpan<char> id) => !id.IsEmpty && !id.ContainsAnyExcept(s_legal);

    /// <summary>
    /// A legal id for any other: the same one each time, on every node, so that a call and its result pair and the prompt cache holds. Two ids that
    /// differ only in illegal characters stay different through the hash behind.
    /// </summary>
    public static string MakeLegal(string id)
    {
        if (IsLegal(id))
            return id;
        if (id.Length == 0)
            return "toolu_empty";
        var hash = 2166136261u; // FNV-1a
        foreach (var unit in Encoding.UTF8.GetBytes(id))
            hash = (hash ^ unit) * 16777619u;
        return $"{MakeLegalName(id)}_{hash:x8}";
    }

    /// <summary>A tool's name as Anthropic takes it: at most 128 long.</summary>
    public static string ToolName(JsonText space, JsonText name) => ToolNames.Legal(space, name, charsMax: 128);

    /// <summary>A name with every illegal character replaced, at most 128 long.</summary>
    public static string MakeLegalName(string name)
    {
        var legal = new StringBuilder(Math.Min(name.Length, 128));
        foreach (var character in name.AsSpan(0, Math.Min(name.Length, 128)))
            legal.Append(s_legal.Contains(character) ? character : '_');
        return legal.Length == 0 ? "unnamed" : legal.ToString();
    }
}
