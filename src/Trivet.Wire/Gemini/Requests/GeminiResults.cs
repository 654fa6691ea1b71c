using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// A tool's result: an object here, text elsewhere. An object whose only field is <c>result</c>, <c>output</c> or <c>error</c> with a string is a wrapping
/// that Google's documents and SDKs use, so the text is what is in it; any other object is its own JSON text.
/// </summary>
internal static class GeminiResults
{
    /// <summary>Fills a result's contents from the object that it came as (<see cref="ToolResultBlock.Raw"/>).</summary>
    public static void Read(ToolResultBlock block, JsonFields fields)
    {
        if (block.Raw.IsNull)
            return;
        block.IsPlainString = true;
        var start = fields.Push(block.Raw);
        var error = fields.Find(start, "error"u8);
        if (error.Type is not (JsonTokenType.None or JsonTokenType.Null or JsonTokenType.False) && !(error.Type == JsonTokenType.String && error.Text.IsEmpty))
            block.IsError = true;
        var isWrapped = fields.Count == start + 1 && fields[start].Type == JsonTokenType.String && (fields[start].Is("result"u8) || fields[start].Is("output"u8) || fields[start].Is("error"u8));
        if (isWrapped)
            block.Content.Add(new TextBlock(fields[start].Text));
        else if (fields.Count > start || block.Raw.Utf8.Span[0] != (byte)'{')
            block.Content.Add(new TextBlock(Quote(block.Raw.Utf8.Span)));
        fields.Pop(start);
    }

    /// <summary>Writes the object for a result of text.</summary>
    public static void Write(Utf8JsonWriter writer, string text, bool isError)
    {
        if (TryAsObject(text, out var json) && (!isError || HasError(json)))
        {
            writer.WriteRawValue(json, skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString(isError ? "error"u8 : "result"u8, text);
        writer.WriteEndObject();
    }

    private static bool TryAsObject(string text, out byte[] json)
    {
        json = [];
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length < 2 || trimmed[0] != '{' || trimmed[^1] != '}')
            return false;
        json = System.Text.Encoding.UTF8.GetBytes(trimmed.ToString());
        return ToolArguments.IsJson(json);
    }

    private static bool HasError(byte[] json)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(json));
        return fields.Find(0, "error"u8).Type != JsonTokenType.None;
    }

    private static JsonText Quote(ReadOnlySpan<byte> json)
    {
        var token = new System.Buffers.ArrayBufferWriter<byte>(json.Length + 16);
        JsonTokens.Quote(json, token);
        return JsonText.FromToken(token.WrittenMemory);
    }
}
