using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>Writes the tools of a request.</summary>
internal static class ToolWriter
{
    /// <summary>Writes <c>tools</c> and returns how many there are. <paramref name="allowed"/> leaves out those that it does not name.</summary>
    public static int Write(Utf8JsonWriter writer, CanonicalRequest request, ToolChoice? allowed, OpenAIChatDialect dialect, LossList losses)
    {
        var isOwn = request.Origin == Protocol.OpenAIChat;
        var count = 0;
        foreach (var tool in request.Tools)
        {
            if (allowed is not null && tool.Kind != ToolKind.Server && !allowed.AllowedNames.Contains(tool.Name))
                continue;
            if (tool.Kind == ToolKind.Server && !isOwn)
            {
                losses.Add(OpenAIChatLosses.ServerTool);
                continue;
            }

            if (count++ == 0)
                writer.WriteStartArray("tools"u8);
            if (tool.Kind == ToolKind.Server || tool.Kind == ToolKind.Custom && isOwn && dialect.CustomTools)
                tool.Raw.WriteTo(writer);
            else if (tool.Kind == ToolKind.Custom)
                Custom(writer, tool, request, dialect, losses);
            else
                Function(writer, tool, request, dialect, losses);
        }

        if (count > 0)
            writer.WriteEndArray();
        return count;
    }

    private static void Function(Utf8JsonWriter writer, Tool tool, CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        Name(tool, request).WriteTo(writer, "name"u8);
        if (!tool.Description.IsNull)
            tool.Description.WriteTo(writer, "description"u8);
        if (!tool.Parameters.IsAbsent && (request.Origin == Protocol.OpenAIChat || !tool.TakesNothing)) // a schema without a type is refused, none is not
            tool.Parameters.WriteTo(writer, "parameters"u8);
        if (tool.Strict is { } strict)
        {
            if (dialect.StrictTools)
                writer.WriteBoolean("strict"u8, strict);
            else if (strict)
                losses.Add(OpenAIChatLosses.StrictTool);
        }

        writer.WriteEndObject();
        Extras(writer, tool, request.Origin == Protocol.OpenAIChat, dialect, losses);
        writer.WriteEndObject();
    }

    // Under a name of its own where the client's is not legal here.
    private static JsonText Name(Tool tool, CanonicalRequest request)
    {
        if (request.Origin == Protocol.OpenAIChat)
            return tool.Name;
        var name = OpenAIChatIds.ToolName(tool.Namespace, tool.Name);
        if (name != tool.Name)
            request.Aliases.Add(name.ToString(), tool);
        return name;
    }

    private static void Extras(Utf8JsonWriter writer, Tool tool, bool isOwn, OpenAIChatDialect dialect, LossList losses)
    {
        if (!tool.CacheControl.IsAbsent)
        {
            if (dialect.CacheControl)
                tool.CacheControl.WriteTo(writer, "cache_control"u8);
            else
                losses.Add(OpenAIChatLosses.CacheControl);
        }

        foreach (var (name, value) in tool.Extra ?? [])
        {
            if (!isOwn)
            {
                losses.AddUnknown("tools.", new ExtraField(name, value), Protocol.OpenAIChat);
                continue;
            }

            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    // Responses has syntax and definition in the format itself, Chat in an object of their own.
    private static void Format(Utf8JsonWriter writer, Tool tool)
    {
        if (!tool.Namespace.IsEmpty)
            return; // its raw form is the namespace's
        var fields = new JsonFields();
        fields.Push(tool.Raw);
        var format = fields.Find(0, "format"u8).Value;
        if (format.IsNull)
            return;
        var start = fields.Push(format);
        if (!fields.Find(start, "type"u8).Text.ValueEquals("grammar"u8) || !fields.Find(start, "grammar"u8).Value.IsNull)
        {
            format.WriteTo(writer, "format"u8);
            return;
        }

        writer.WriteStartObject("format"u8);
        writer.WriteString("type"u8, "grammar"u8);
        writer.WriteStartObject("grammar"u8);
        fields.Find(start, "syntax"u8).Value.WriteTo(writer, "syntax"u8);
        fields.Find(start, "definition"u8).Value.WriteTo(writer, "definition"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Custom(Utf8JsonWriter writer, Tool tool, CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        if (dialect.CustomTools)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "custom"u8);
            writer.WriteStartObject("custom"u8);
            Name(tool, request).WriteTo(writer, "name"u8);
            if (!tool.Description.IsNull)
                tool.Description.WriteTo(writer, "description"u8);
            Format(writer, tool);
            writer.WriteEndObject();
            writer.WriteEndObject();
            return;
        }

        losses.Add(OpenAIChatLosses.CustomTool);
        var name = OpenAIChatIds.ToolName(tool.Namespace, tool.Name);
        request.Aliases.Add(name.ToString(), tool);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        name.WriteTo(writer, "name"u8);
        if (!tool.Description.IsNull)
            tool.Description.WriteTo(writer, "description"u8);
        writer.WritePropertyName("parameters"u8);
        writer.WriteRawValue("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"""u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
