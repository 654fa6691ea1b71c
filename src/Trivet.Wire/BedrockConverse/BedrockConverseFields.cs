using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse;

/// <summary>Reads of the nested objects that Bedrock's unions are made of.</summary>
internal static class BedrockConverseFields
{
    /// <summary>The elements of an array; none where it is no array.</summary>
    public static List<RawJson> Elements(JsonField field)
    {
        var elements = new List<RawJson>();
        if (field.Type != JsonTokenType.StartArray)
            return elements;
        var reader = new Utf8JsonReader(field.Value.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            elements.Add(JsonTokens.ReadRaw(ref reader, field.Value.Utf8));
        return elements;
    }

    /// <summary>Whether a <c>toolUse</c> is one that Bedrock runs itself (ToolUseBlock.type, API reference, read 2026-11-22).</summary>
    public static bool IsServerCall(RawJson toolUse) => Member(toolUse, "type"u8).Text.ValueEquals("server_tool_use"u8);

    /// <summary>A member of an object; a default one where there is none.</summary>
    public static JsonField Member(RawJson value, ReadOnlySpan<byte> name)
    {
        var fields = new JsonFields();
        fields.Push(value);
        return fields.Find(0, name);
    }
}
