using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// What the items of tools that the vendor ran say in words, so that a conversation may go on elsewhere: what was asked and what came back.
/// </summary>
internal static class OpenAIResponsesReadable
{
    private const int TextBytesMax = 64 * 1024;

    /// <summary>The words of an item; null where only the vendor knows what it means.</summary>
    public static List<Block>? Of(string type, JsonFields fields, int start)
    {
        var text = type switch
        {
            "mcp_call" => Join($"[{fields.Find(start, "name"u8).Text} {fields.Find(start, "arguments"u8).Text}]", fields.Find(start, "output"u8).Text, fields.Find(start, "error"u8)),
            "code_interpreter_call" => Join("[code run]", fields.Find(start, "code"u8).Text, fields.Find(start, "outputs"u8)),
            "file_search_call" => Join("[files searched]", default, fields.Find(start, "results"u8)),
            "local_shell_call" or "shell_call" => Join("[shell]", default, fields.Find(start, "action"u8)),
            "apply_patch_call" => Join("[patch]", default, fields.Find(start, "operation"u8)),
            "local_shell_call_output" or "shell_call_output" or "apply_patch_call_output" => Join("[output]", default, fields.Find(start, "output"u8)),
            _ => null,
        };
        return text is null ? null : [new TextBlock(text)];
    }

    private static string? Join(string title, JsonText text, JsonField value)
    {
        var rest = value.Type is JsonTokenType.None or JsonTokenType.Null ? "" : value.Type == JsonTokenType.String ? value.Text.ToString() : value.Value.ToString();
        var says = text.IsEmpty ? rest : rest.Length == 0 ? text.ToString() : text + "\n" + rest;
        return says.Length is 0 or > TextBytesMax ? null : title + "\n" + says;
    }
}
