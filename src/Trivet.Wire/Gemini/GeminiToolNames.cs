using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini;

/// <summary>
/// Names of functions that Google takes: a letter or <c>_</c> first, then letters, digits, <c>_ . : -</c>, 64 at most. Any other name has one legal form, the
/// same each time, so that calls and results of the history name the tool that is offered.
/// </summary>
internal static class GeminiToolNames
{
    private const int LengthMax = 64;

    private static readonly SearchValues<char> s_legal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-");

    /// <summary>The name under which a tool is offered.</summary>
    public static string Of(string name, string space) => MakeLegal(space.Length == 0 ? name : $"{space}__{name}");

    /// <summary>The name under which a tool is offered.</summary>
    public static string Of(Tool tool) => Of(tool.Name.ToString(), tool.Namespace.ToString());

    /// <summary>The name under which a call's tool is offered.</summary>
    public static string Of(ToolCallBlock call) => Of(call.Name.ToString(), call.Namespace.ToString());

    private static string MakeLegal(string name)
    {
        var isLegal = name.Length is > 0 and <= LengthMax && !name.AsSpan().ContainsAnyExcept(s_legal) && (char.IsAsciiLetter(name[0]) || name[0] == '_');
        if (isLegal)
            return name;
        var legal = new StringBuilder(LengthMax);
        if (name.Length == 0 || !(char.IsAsciiLetter(name[0]) || name[0] == '_'))
            legal.Append('_');
        foreach (var character in name)
            legal.Append(s_legal.Contains(character) ? character : '_');
        var hash = 2166136261u; // FNV-1a: two names that differ in illegal characters only stay two
        foreach (var unit in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ unit) * 16777619u;
        legal.Length = Math.Min(legal.Length, LengthMax - 9);
        return $"{legal}_{hash:x8}";
    }
}
