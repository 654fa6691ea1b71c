using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>Writes <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c> of a request.</summary>
internal sealed class OpenAIResponsesToolWriter(Utf8JsonWriter writer, CanonicalRequest request, OpenAIResponsesDialect dialect, OpenAIResponsesToolNames names, LossList losses)
{
    private bool IsOwn => request.Origin == Protocol.OpenAIResponses;

    public void Write()
    {
        if (Tools() == 0)
            return; // a choice among no tools is refused
        if (request.ToolChoice is { } choice)
            Choice(choice);
        if (request.ParallelToolCalls is not { } parallel)
            return;
        if (dialect.ParallelToolCalls)
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
        else if (!parallel)
            losses.Add(OpenAIResponsesLosses.ParallelToolCalls);
    }

    private int Tools()
    {
        var allowed = request.ToolChoice is { Mode: ToolChoiceMode.Allowed } choice && !dialect.AllowedTools ? choice : null;
        var offered = new HashSet<string>(StringComparer.Ordinal);
        var (count, whole) = (0, default(RawJson));
        foreach (var tool in request.Tools)
        {
            if (tool.Type == OpenAIResponsesToolReader.ByItem && IsOwn)
                continue; // its item offers it
            if (allowed is not null && tool.Kind != ToolKind.Server && !allowed.AllowedNames.Contains(tool.Name))
                continue;
            if (tool.Kind == ToolKind.Server && !IsOwn)
            {
                losses.Add(OpenAIResponsesLosses.ServerTool);
                continue;
            }

            var isInNamespace = !tool.Namespace.IsEmpty && names.KeepsNamespaces && !tool.Raw.IsAbsent;
            if (isInNamespace && tool.Raw.Utf8.Equals(whole.Utf8) || !isInNamespace && tool.Kind != ToolKind.Server && !offered.Add(names.Of(tool.Name, tool.Namespace).ToString()))
                continue; // said already: with its namespace, or by a tool of the same name, which would be refused
            if (count++ == 0)
                writer.WriteStartArray("tools"u8);
            if (isInNamespace)
                (whole = tool.Raw).WriteTo(writer);
            else
                Tool(tool);
        }

        if (count > 0)
            writer.WriteEndArray();
        return count;
    }

    private void Tool(Tool tool)
    {
        if (tool.Kind == ToolKind.Server)
        {
            tool.Raw.WriteTo(writer);
            return;
        }

        var isCustom = tool.Kind == ToolKind.Custom && names.KeepsCustom;
        writer.WriteStartObject();
        writer.WriteString("type"u8, isCustom ? "custom"u8 : "function"u8);
        names.Offer(tool).WriteTo(writer, "name"u8);
        if (!tool.Description.IsNull)
            tool.Description.WriteTo(writer, "description"u8);
        if (isCustom)
            Format(tool);
        else if (tool.Kind == ToolKind.Custom)
            AsFunction();
        else
            Parameters(tool);
        Extras(tool);
        writer.WriteEndObject();
    }

    private void Parameters(Tool tool)
    {
        if (tool.Parameters.IsAbsent || tool.TakesNothing && !IsOwn)
            RawProperty("parameters"u8, """{"type":"object","properties":{}}"""u8);
        else
            tool.Parameters.WriteTo(writer, "parameters"u8);
        if (tool.Strict == true && !dialect.StrictTools)
            losses.Add(OpenAIResponsesLosses.StrictTool);
        else if (dialect.StrictTools && (tool.Strict is not null || !IsOwn))
            writer.WriteBoolean("strict"u8, tool.Strict ?? false); // left out, this protocol tries to be strict, and the others do not
    }

    private void RawProperty(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value, skipInputValidation: true);
    }

    private void AsFunction()
    {
        losses.Add(OpenAIResponsesLosses.CustomTool);
        RawProperty("parameters"u8, """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"""u8);
        if (dialect.StrictTools)
            writer.WriteBoolean("strict"u8, false);
    }

    // {"type":"text"} or {"type":"grammar",syntax,definition}; Chat has the whole in "custom" and the grammar in an object of its own.
    private void Format(Tool tool)
    {
        if (!tool.Namespace.IsEmpty)
            return; // its raw form is the namespace's
        var fields = new JsonFields();
        fields.Push(tool.Raw);
        fields.Push(fields.Find(0, "custom"u8).Value);
        var format = fields.Find(0, "format"u8).Value;
        if (format.IsNull)
            return;
        var start = fields.Push(format);
        var grammar = fields.Find(start, "grammar"u8).Value;
        if (grammar.IsNull)
        {
            format.WriteTo(writer, "format"u8);
            return;
        }

        writer.WriteStartObject("format"u8);
        writer.WriteString("type"u8, "grammar"u8);
        start = fields.Push(grammar);
        foreach (var name in (ReadOnlySpan<string>)["syntax", "definition"])
            fields.Find(start, System.Text.Encoding.UTF8.GetBytes(name)).Value.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(name));
        writer.WriteEndObject();
    }

    private void Extras(Tool tool)
    {
        if (!tool.CacheControl.IsAbsent)
            losses.Add(OpenAIResponsesLosses.CacheControl);
        foreach (var (name, value) in tool.Extra ?? [])
        {
            if (!IsOwn)
            {
                losses.AddUnknown("tools." + name, Protocol.OpenAIResponses);
                continue;
            }

            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    private void Choice(ToolChoice choice)
    {
        switch (choice.Mode)
        {
            case ToolChoiceMode.None:
                writer.WriteString("tool_choice"u8, "none"u8);
                break;
            case ToolChoiceMode.Any when dialect.ToolChoiceRequired:
                writer.WriteString("tool_choice"u8, "required"u8);
                break;
            case ToolChoiceMode.Named when dialect.ToolChoiceNamed:
                writer.WriteStartObject("tool_choice"u8);
                NamedTool(choice.Name);
                writer.WriteEndObject();
                break;
            case ToolChoiceMode.Allowed when dialect.AllowedTools:
                Allowed(choice);
                break;
            case ToolChoiceMode.Allowed:
                losses.Add(OpenAIResponsesLosses.AllowedTools);
                writer.WriteString("tool_choice"u8, choice.Required && dialect.ToolChoiceRequired ? "required"u8 : "auto"u8);
                break;
            case ToolChoiceMode.Auto when IsOwn && !choice.Raw.IsAbsent:
                choice.Raw.WriteTo(writer, "tool_choice"u8);
                break;
            default:
                if (choice.Mode is ToolChoiceMode.Any or ToolChoiceMode.Named || !choice.Raw.IsAbsent)
                    losses.Add(OpenAIResponsesLosses.ToolChoice);
                writer.WriteString("tool_choice"u8, "auto"u8);
                break;
        }
    }

    private void NamedTool(JsonText name)
    {
        writer.WriteString("type"u8, names.IsCustom(name) ? "custom"u8 : "function"u8);
        names.OfChosen(name).WriteTo(writer, "name"u8);
    }

    private void Allowed(ToolChoice choice)
    {
        if (IsOwn && !choice.Raw.IsAbsent && names.KeepsCustom && names.KeepsNamespaces)
        {
            choice.Raw.WriteTo(writer, "tool_choice"u8);
            return;
        }

        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, "allowed_tools"u8);
        writer.WriteString("mode"u8, choice.Required ? "required"u8 : "auto"u8);
        writer.WriteStartArray("tools"u8);
        foreach (var name in choice.AllowedNames)
        {
            writer.WriteStartObject();
            NamedTool(name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
