using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Names of functions that Google takes: a letter or <c>_</c> first, then letters, digits, <c>_ . : -</c>, 64 at most.</summary>
internal static class GeminiToolNames
{
    private const int CharsMax = 64;

    private static readonly SearchValues<char> s_legal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-");

    /// <summary>The name under which a tool is offered.</summary>
    public static string Of(Tool tool) => Of(tool.Namespace, tool.Name);

    /// <summary>The name under which a call's tool is offered.</summary>
    public static string Of(ToolCallBlock call) => Of(call.Namespace, call.Name);

    private static string Of(JsonText space, JsonText name)
    {
        var legal = ToolNames.Legal(space, name, CharsMax, s_legal);
        return char.IsAsciiLetter(legal[0]) || legal[0] == '_' ? legal : "_" + ToolNames.Legal(space, name, CharsMax - 1, s_legal);
    }
}
