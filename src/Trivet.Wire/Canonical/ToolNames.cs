using System.Buffers;
using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// The name under which a tool is offered where its own is not legal or it stands in a namespace. The same one each time, on every node, so that tools,
/// calls and choices agree and the prompt cache holds.
/// </summary>
public static class ToolNames
{
    private static readonly SearchValues<char> s_legal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>
    /// <c>namespace__name</c>, or the name alone. A name that had to be changed ends in a hash of the whole, so that two which differ only in what was
    /// changed stay two.
    /// </summary>
    /// <param name="space">The namespace; empty for none.</param>
    /// <param name="name">The client's name.</param>
    /// <param name="charsMax">The longest name that the target takes.</param>
    /// <param name="legal">Characters that the target takes; letters, digits, <c>_</c> and <c>-</c> unless told.</param>
    public static string Legal(JsonText space, JsonText name, int charsMax, SearchValues<char>? legal = null)
    {
        legal ??= s_legal;
        var whole = space.IsEmpty ? name.ToString() : $"{space}__{name}";
        if (whole.Length > 0 && whole.Length <= charsMax && !whole.AsSpan().ContainsAnyExcept(legal))
            return whole;
        const int HashChars = 9;
        var made = new StringBuilder(charsMax);
        foreach (var character in whole.AsSpan(0, Math.Min(whole.Length, charsMax - HashChars)))
            made.Append(legal.Contains(character) ? character : '_');
        var hasher = new PrefixHasher();
        hasher.Add(Encoding.UTF8.GetBytes(whole));
        return made.Append($"_{(uint)hasher.Value:x8}").ToString();
    }
}
