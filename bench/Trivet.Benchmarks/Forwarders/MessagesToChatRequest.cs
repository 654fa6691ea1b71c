using System.Text.Json;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>The least translation of a Messages request to Chat that works for a coding agent: text, images, tools, calls and results.</summary>
internal static class MessagesToChatRequest
{
    public static void Write(JsonElement request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        var streams = false;
        foreach (var field in request.EnumerateObject())
        {
            if (field.NameEquals("model"u8) || field.NameEquals("temperature"u8) || field.NameEquals("top_p"u8))
                field.WriteTo(json);
            else if (field.NameEquals("max_tokens"u8))
                Rename("max_completion_tokens"u8, field.Value, json);
            else if (field.NameEquals("stop_sequences"u8))
                Rename("stop"u8, field.Value, json);
            else if (field.NameEquals("stream"u8))
                streams = field.Value.GetBoolean();
            else if (field.NameEquals("tools"u8))
                WriteTools(field.Value, json);
            else if (field.NameEquals("tool_choice"u8))
                WriteToolChoice(field.Value, json);
        }
        if (streams)
        {
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
        }
        json.WriteStartArray("messages"u8);
        if (request.TryGetProperty("system"u8, out var system))
            WriteMessage("system"u8, system, json);
        foreach (var message in request.GetProperty("messages"u8).EnumerateArray())
            WriteTurn(message, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTurn(JsonElement message, Utf8JsonWriter json)
    {
        var content = message.GetProperty("content"u8);
        if (message.GetProperty("role"u8).ValueEquals("assistant"u8))
        {
            WriteAssistant(content, json);
            return;
        }
        var hasMore = content.ValueKind == JsonValueKind.String;
        if (!hasMore)
        {
            foreach (var block in content.EnumerateArray())
            {
                if (TypeIs(block, "tool_result"u8))
                    WriteToolResult(block, json);
                else
                    hasMore = true;
            }
        }
        if (hasMore)
            WriteMessage("user"u8, content, json);
    }

    private static void WriteMessage(ReadOnlySpan<byte> role, JsonElement content, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        if (content.ValueKind == JsonValueKind.String)
        {
            Rename("content"u8, content, json);
        }
        else
        {
            json.WriteStartArray("content"u8);
            foreach (var block in content.EnumerateArray())
                WritePart(block, json);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WritePart(JsonElement block, Utf8JsonWriter json)
    {
        if (TypeIs(block, "text"u8))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            Rename("text"u8, block.GetProperty("text"u8), json);
            json.WriteEndObject();
        }
        else if (TypeIs(block, "image"u8))
        {
            var source = block.GetProperty("source"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "image_url"u8);
            json.WriteStartObject("image_url"u8);
            json.WriteString("url"u8, TypeIs(source, "url"u8)
                ? source.GetProperty("url"u8).GetString()
                : $"data:{source.GetProperty("media_type"u8).GetString()};base64,{source.GetProperty("data"u8).GetString()}");
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static void WriteToolResult(JsonElement block, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        Rename("tool_call_id"u8, block.GetProperty("tool_use_id"u8), json);
        if (block.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Array)
        {
            json.WriteStartArray("content"u8);
            foreach (var part in content.EnumerateArray())
                WritePart(part, json);
            json.WriteEndArray();
        }
        else
        {
            Rename("content"u8, content, json);
        }
        json.WriteEndObject();
    }

    private static void WriteAssistant(JsonElement content, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        if (content.ValueKind == JsonValueKind.String)
        {
            Rename("content"u8, content, json);
            json.WriteEndObject();
            return;
        }
        var calls = 0;
        json.WriteStartArray("content"u8);
        foreach (var block in content.EnumerateArray())
        {
            calls += TypeIs(block, "tool_use"u8) ? 1 : 0;
            WritePart(block, json);
        }
        json.WriteEndArray();
        if (calls > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var block in content.EnumerateArray().Where(b => TypeIs(b, "tool_use"u8)))
            {
                json.WriteStartObject();
                Rename("id"u8, block.GetProperty("id"u8), json);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                Rename("name"u8, block.GetProperty("name"u8), json);
                json.WriteString("arguments"u8, block.GetProperty("input"u8).GetRawText());
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteTools(JsonElement tools, Utf8JsonWriter json)
    {
        json.WriteStartArray("tools"u8);
        foreach (var tool in tools.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            Rename("name"u8, tool.GetProperty("name"u8), json);
            if (tool.TryGetProperty("description"u8, out var description))
                Rename("description"u8, description, json);
            Rename("parameters"u8, tool.GetProperty("input_schema"u8), json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteToolChoice(JsonElement choice, Utf8JsonWriter json)
    {
        if (TypeIs(choice, "tool"u8))
        {
            json.WriteStartObject("tool_choice"u8);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            Rename("name"u8, choice.GetProperty("name"u8), json);
            json.WriteEndObject();
            json.WriteEndObject();
            return;
        }
        json.WriteString("tool_choice"u8, TypeIs(choice, "any"u8) ? "required"u8 : TypeIs(choice, "none"u8) ? "none"u8 : "auto"u8);
    }

    private static bool TypeIs(JsonElement element, ReadOnlySpan<byte> type) => element.GetProperty("type"u8).ValueEquals(type);

    private static void Rename(ReadOnlySpan<byte> name, JsonElement value, Utf8JsonWriter json)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }
}
