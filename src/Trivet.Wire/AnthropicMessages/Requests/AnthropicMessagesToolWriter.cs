using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>Writes <c>tools</c> and <c>tool_choice</c> of a request.</summary>
internal static class AnthropicMessagesToolWriter
{
    public static void Write(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation, AnthropicMessagesPlan plan, LossList losses)
    {
        if (plan.UsesAnswerTool)
        {
            WriteAnswerTool(writer, request);
            return;
        }

        if (request.ToolChoice is { Mode: ToolChoiceMode.None } && !dialect.HonoursToolChoiceNone)
        {
            if (request.Tools.Count > 0)
                losses.Add(AnthropicMessagesLosses.NoTools);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var allowed = request.ToolChoice is { Mode: ToolChoiceMode.Allowed } choice ? choice.AllowedNames : null;
        var isOpen = false;
        foreach (var tool in request.Tools)
        {
            if (!IsOffered(tool, request, allowed, losses) || !HasName(tool, names, losses))
                continue;
            if (!isOpen)
                writer.WriteStartArray("tools"u8);
            isOpen = true;
            WriteTool(writer, tool, request, dialect, losses);
        }

        if (isOpen)
        {
            writer.WriteEndArray();
            WriteChoice(writer, request, dialect, plan, losses);
        }
        else if (conversation.CalledNames.Count > 0)
        {
            WriteHistoryTools(writer, conversation, losses);
        }
    }

    // The API takes no two tools of one name.
    private static bool HasName(Tool tool, HashSet<string> names, LossList losses)
    {
        if (names.Add(AnthropicMessagesIds.ToolName(tool.Namespace, tool.Name)))
            return true;
        losses.Add(AnthropicMessagesLosses.ToolNames);
        return false;
    }

    private static bool IsOffered(Tool tool, CanonicalRequest request, IReadOnlyList<JsonText>? allowed, LossList losses)
    {
        if (tool.Kind == ToolKind.Server && request.Origin != Protocol.AnthropicMessages)
        {
            losses.Add(AnthropicMessagesLosses.ServerTools);
            return false;
        }

        if (allowed is null)
            return true;
        losses.Add(AnthropicMessagesLosses.AllowedTools);
        foreach (var name in allowed)
        {
            if (name == tool.Name)
                return true;
        }

        return false;
    }

    private static void WriteTool(Utf8JsonWriter writer, Tool tool, CanonicalRequest request, AnthropicMessagesDialect dialect, LossList losses)
    {
        if (tool.Kind == ToolKind.Server)
        {
            tool.Raw.WriteTo(writer);
            return;
        }

        var legal = AnthropicMessagesIds.ToolName(tool.Namespace, tool.Name);
        if (tool.Kind == ToolKind.Custom || !tool.Name.Equals(legal))
            request.Aliases.Add(legal, tool);
        writer.WriteStartObject();
        writer.WriteString("name"u8, legal);
        if (!tool.Description.IsNull)
            tool.Description.WriteTo(writer, "description"u8);
        if (tool.Kind == ToolKind.Custom)
        {
            losses.Add(AnthropicMessagesLosses.CustomTools);
            writer.WritePropertyName("input_schema"u8);
            writer.WriteRawValue("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""u8, skipInputValidation: true);
        }
        else
        {
            WriteSchema(writer, tool.Parameters, losses);
        }

        if (tool.Strict == true && !dialect.AcceptsStrictTools)
            losses.Add(AnthropicMessagesLosses.StrictTools);
        else if (tool.Strict is { } isStrict && (isStrict || request.Origin == Protocol.AnthropicMessages))
            writer.WriteBoolean("strict"u8, isStrict);
        if (!tool.CacheControl.IsNull && dialect.AcceptsCacheControl)
            tool.CacheControl.WriteTo(writer, "cache_control"u8);
        foreach (var extra in tool.Extra ?? [])
        {
            if (request.Origin == Protocol.AnthropicMessages)
                extra.Value.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(extra.Name));
            else
                losses.AddUnknown("tools[].", extra, Protocol.AnthropicMessages);
        }

        writer.WriteEndObject();
    }

    // "type":"object" is required at the top.
    private static void WriteSchema(Utf8JsonWriter writer, RawJson schema, LossList losses)
    {
        var fields = new JsonFields();
        fields.Push(schema);
        var type = fields.Find(0, "type"u8);
        if (type.Text.ValueEquals("object"u8))
        {
            schema.WriteTo(writer, "input_schema"u8);
            return;
        }

        if (fields.Count > 0)
            losses.Add(AnthropicMessagesLosses.ToolSchema);
        writer.WriteStartObject("input_schema"u8);
        writer.WriteString("type"u8, "object"u8);
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields[i].Is("type"u8))
                fields[i].Value.WriteTo(writer, fields[i].Name.Span);
        }

        if (fields.Find(0, "properties"u8).Value.IsAbsent)
        {
            writer.WriteStartObject("properties"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesPlan plan, LossList losses)
    {
        var mode = request.ToolChoice?.Mode switch
        {
            null => (ToolChoiceMode?)null,
            ToolChoiceMode.Allowed => request.ToolChoice.Required ? ToolChoiceMode.Any : ToolChoiceMode.Auto,
            var given => given,
        };
        if (request.ToolChoice is { Raw.IsAbsent: false, Mode: ToolChoiceMode.Auto } && request.Origin != Protocol.AnthropicMessages)
            losses.Add(AnthropicMessagesLosses.ToolChoiceRaw);
        var isForced = mode is ToolChoiceMode.Any or ToolChoiceMode.Named;
        if (isForced && plan.IsThinking && !dialect.AcceptsForcedToolWithThinking)
        {
            losses.Add(AnthropicMessagesLosses.ToolChoiceThinking);
            mode = ToolChoiceMode.Auto;
        }
        else if (mode == ToolChoiceMode.Any && !dialect.HonoursToolChoiceAny)
        {
            losses.Add(AnthropicMessagesLosses.ToolChoiceAny);
        }
        else if (mode == ToolChoiceMode.Named && !dialect.HonoursToolChoiceNamed)
        {
            losses.Add(AnthropicMessagesLosses.ToolChoiceNamed);
        }

        if (request.ParallelToolCalls == false && !dialect.HonoursParallelSwitch)
            losses.Add(AnthropicMessagesLosses.ParallelTools);
        var writesSwitch = mode != ToolChoiceMode.None && (request.ParallelToolCalls == false || (request.ParallelToolCalls == true && request.Origin == Protocol.AnthropicMessages));
        if (mode is null && !writesSwitch)
            return;
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, mode switch { ToolChoiceMode.Any => "any"u8, ToolChoiceMode.None => "none"u8, ToolChoiceMode.Named => "tool"u8, _ => "auto"u8 });
        if (mode == ToolChoiceMode.Named)
            writer.WriteString("name"u8, AnthropicMessagesIds.ToolName(request.NamespaceOf(request.ToolChoice!.Name), request.ToolChoice.Name));
        if (writesSwitch)
            writer.WriteBoolean("disable_parallel_tool_use"u8, request.ParallelToolCalls == false);
        writer.WriteEndObject();
    }

    private static void WriteAnswerTool(Utf8JsonWriter writer, CanonicalRequest request)
    {
        writer.WriteStartArray("tools"u8);
        writer.WriteStartObject();
        writer.WriteString("name"u8, AnthropicMessagesRequestWriter.AnswerTool);
        writer.WriteString("description"u8, "Give the answer in this form."u8);
        request.OutputFormat!.Schema.WriteTo(writer, "input_schema"u8);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, "tool"u8);
        writer.WriteString("name"u8, AnthropicMessagesRequestWriter.AnswerTool);
        writer.WriteEndObject();
    }

    // Calls in the history without any tool offered: Bedrock and older models answer 400 unless the tools are named.
    private static void WriteHistoryTools(Utf8JsonWriter writer, AnthropicMessagesConversation conversation, LossList losses)
    {
        losses.Add(AnthropicMessagesLosses.HistoryTools);
        var names = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartArray("tools"u8);
        foreach (var name in conversation.CalledNames)
        {
            if (!names.Add(name))
                continue;
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WritePropertyName("input_schema"u8);
            writer.WriteRawValue("""{"type":"object"}"""u8, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("tool_choice"u8);
        writer.WriteRawValue("""{"type":"none"}"""u8, skipInputValidation: true);
    }
}
