using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>Writes <c>toolConfig</c>. It must stand wherever calls do, and there is no word for "no tool": only its absence.</summary>
internal static class BedrockConverseToolWriter
{
    public static void Write(Utf8JsonWriter writer, CanonicalRequest request, BedrockConverseDialect dialect, BedrockConverseConversation conversation, LossList losses)
    {
        var offered = Offered(request, losses);
        var isForbidden = request.ToolChoice?.Mode == ToolChoiceMode.None;
        if (request.ParallelToolCalls == false && offered.Count > 0)
            losses.Add(BedrockConverseLosses.ParallelTools);
        if (conversation.CalledNames.Count == 0 && (offered.Count == 0 || isForbidden))
        {
            if (offered.Count > 0)
                losses.Add(BedrockConverseLosses.NoTools);
            return;
        }

        if (isForbidden)
            losses.Add(BedrockConverseLosses.ToolChoiceNone);
        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartArray("tools"u8);
        if (offered.Count == 0)
            WriteHistoryTools(writer, conversation, losses);
        foreach (var (name, tool) in offered)
            WriteTool(writer, name, tool, request, dialect, losses);
        writer.WriteEndArray();
        if (offered.Count > 0)
            WriteChoice(writer, request, dialect, losses);
        writer.WriteEndObject();
    }

    private static List<KeyValuePair<string, Tool>> Offered(CanonicalRequest request, LossList losses)
    {
        var offered = new List<KeyValuePair<string, Tool>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var allowed = request.ToolChoice is { Mode: ToolChoiceMode.Allowed } choice ? choice.AllowedNames : null;
        if (allowed is not null)
            losses.Add(BedrockConverseLosses.AllowedTools);
        foreach (var tool in request.Tools)
        {
            if (allowed is not null && !allowed.Contains(tool.Name))
                continue;
            var name = BedrockConverseIds.ToolName(tool.Namespace, tool.Name);
            if (tool.Kind == ToolKind.Server)
                losses.Add(BedrockConverseLosses.ServerTools);
            else if (names.Add(name))
                offered.Add(new(name, tool));
            else
                losses.Add(BedrockConverseLosses.ToolNames);
        }

        return offered;
    }

    private static void WriteTool(Utf8JsonWriter writer, string name, Tool tool, CanonicalRequest request, BedrockConverseDialect dialect, LossList losses)
    {
        if (tool.Kind == ToolKind.Custom || !tool.Name.Equals(name))
            request.Aliases.Add(name, tool);
        writer.WriteStartObject();
        writer.WriteStartObject("toolSpec"u8);
        writer.WriteString("name"u8, name);
        if (!tool.Description.IsEmpty) // at least one character
            tool.Description.WriteTo(writer, "description"u8);
        writer.WriteStartObject("inputSchema"u8);
        writer.WritePropertyName("json"u8);
        if (tool.Kind == ToolKind.Custom)
        {
            losses.Add(BedrockConverseLosses.CustomTools);
            writer.WriteRawValue("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""u8, skipInputValidation: true);
        }
        else
        {
            WriteSchema(writer, tool.Parameters, losses);
        }

        writer.WriteEndObject();
        if (tool.Strict == true && dialect.AcceptsStrictTools)
            writer.WriteBoolean("strict"u8, true);
        else if (tool.Strict == true)
            losses.Add(BedrockConverseLosses.StrictTools);
        writer.WriteEndObject();
        writer.WriteEndObject();
        foreach (var extra in tool.Extra ?? [])
            losses.AddUnknown("tools[].", extra, Protocol.BedrockConverse);
        BedrockConverseBlockWriter.WriteCachePoint(writer, tool.CacheControl, dialect, losses);
    }

    // "type":"object" is required at the top.
    private static void WriteSchema(Utf8JsonWriter writer, RawJson schema, LossList losses)
    {
        var fields = new JsonFields();
        fields.Push(schema);
        if (fields.Find(0, "type"u8).Text.ValueEquals("object"u8))
        {
            schema.WriteTo(writer);
            return;
        }

        if (fields.Count > 0)
            losses.Add(BedrockConverseLosses.ToolSchema);
        writer.WriteStartObject();
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

    private static void WriteChoice(Utf8JsonWriter writer, CanonicalRequest request, BedrockConverseDialect dialect, LossList losses)
    {
        if (request.ToolChoice is not { } choice || choice.Mode == ToolChoiceMode.None)
            return;
        if (choice is { Raw.IsAbsent: false, Mode: ToolChoiceMode.Auto })
            losses.Add(BedrockConverseLosses.ToolChoiceRaw);
        var (isAny, isNamed) = (choice.Mode == ToolChoiceMode.Any || choice is { Mode: ToolChoiceMode.Allowed, Required: true }, choice.Mode == ToolChoiceMode.Named);
        if (isAny && !dialect.AcceptsToolChoiceAny)
            losses.Add(BedrockConverseLosses.ToolChoiceAny);
        if (isNamed && !dialect.AcceptsToolChoiceNamed)
            losses.Add(BedrockConverseLosses.ToolChoiceNamed);
        writer.WriteStartObject("toolChoice"u8);
        if (isNamed && dialect.AcceptsToolChoiceNamed)
        {
            writer.WriteStartObject("tool"u8);
            writer.WriteString("name"u8, BedrockConverseIds.ToolName(request.NamespaceOf(choice.Name), choice.Name));
        }
        else
        {
            writer.WriteStartObject(isAny && dialect.AcceptsToolChoiceAny ? "any"u8 : "auto"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // "The toolConfig field must be defined when using toolUse and toolResult content blocks."
    private static void WriteHistoryTools(Utf8JsonWriter writer, BedrockConverseConversation conversation, LossList losses)
    {
        losses.Add(BedrockConverseLosses.HistoryTools);
        foreach (var name in conversation.CalledNames.Distinct(StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("toolSpec"u8);
            writer.WriteString("name"u8, name);
            writer.WritePropertyName("inputSchema"u8);
            writer.WriteRawValue("""{"json":{"type":"object"}}"""u8, skipInputValidation: true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }
}
