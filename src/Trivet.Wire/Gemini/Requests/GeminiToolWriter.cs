using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c> of a request.</summary>
internal sealed class GeminiToolWriter(Utf8JsonWriter writer, CanonicalRequest request, GeminiDialect dialect, LossList losses)
{
    private const string ModeExtra = GeminiToolReader.Prefix + "functionCallingConfig.mode";

    private readonly Dictionary<string, Tool> _offered = new(StringComparer.Ordinal);

    private bool IsOwn => request.Origin == Protocol.Gemini;

    // VALIDATED takes a list of allowed names as well; AUTO does not.
    private bool IsValidated => IsOwn && request.Extra.Exists(static extra => extra.Name == ModeExtra);

    public void Write()
    {
        var functions = Functions();
        if (functions.Count > 0 || request.Tools.Exists(IsOwnServerTool))
        {
            writer.WriteStartArray("tools"u8);
            if (functions.Count > 0)
                WriteFunctions(functions);
            foreach (var tool in request.Tools)
            {
                if (IsOwnServerTool(tool))
                    tool.Raw.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        if (request.ParallelToolCalls == false && functions.Count > 0)
            losses.Add(GeminiLosses.ParallelTools);
        WriteConfig(functions.Count > 0);
    }

    private bool IsOwnServerTool(Tool tool) => IsOwn && tool.Kind == ToolKind.Server;

    private List<Tool> Functions()
    {
        var allowed = request.ToolChoice is { Mode: ToolChoiceMode.Allowed, Required: false } choice && !IsValidated ? choice.AllowedNames : null;
        var functions = new List<Tool>(request.Tools.Count);
        foreach (var tool in request.Tools)
        {
            if (tool.Kind == ToolKind.Server)
            {
                if (!IsOwn)
                    losses.Add(GeminiLosses.ServerTools);
                continue;
            }

            if (allowed is not null && !allowed.Contains(tool.Name))
            {
                losses.Add(GeminiLosses.AllowedTools);
                continue;
            }

            if (_offered.TryAdd(GeminiToolNames.Of(tool), tool))
                functions.Add(tool);
        }

        return functions;
    }

    private void WriteFunctions(List<Tool> functions)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations"u8);
        foreach (var tool in functions)
            WriteFunction(tool);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteFunction(Tool tool)
    {
        var name = GeminiToolNames.Of(tool);
        if (tool.Kind == ToolKind.Custom || !tool.Name.ValueEquals(Encoding.UTF8.GetBytes(name)))
        {
            request.Aliases.Add(name, tool);
            losses.Add(tool.Kind == ToolKind.Custom ? GeminiLosses.CustomTools : GeminiLosses.ToolNames);
        }

        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        (tool.Description.IsNull ? new JsonText("") : tool.Description).WriteTo(writer, "description"u8); // required, so the specification says
        WriteParameters(tool);
        if (tool.Strict == true)
            losses.Add(GeminiLosses.StrictTools);
        if (!tool.CacheControl.IsNull)
            losses.Add(GeminiLosses.CacheControl);
        foreach (var extra in tool.Extra ?? [])
        {
            if (IsOwn)
                extra.Value.WriteTo(writer, Encoding.UTF8.GetBytes(extra.Name));
            else
                losses.AddUnknown("tools[].", extra, Protocol.Gemini);
        }

        writer.WriteEndObject();
    }

    private void WriteParameters(Tool tool)
    {
        if (tool.Kind == ToolKind.Custom)
        {
            WriteSchema(RawJson.Parse("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""));
            return;
        }

        // As the client said it, where it said it in this protocol.
        if (IsOwn && OwnParameters(tool.Raw) is { IsAbsent: false } own)
        {
            own.WriteTo(writer, "parameters"u8);
            return;
        }

        if (tool.Parameters.IsNull)
            return;
        var fields = new JsonFields();
        fields.Push(tool.Parameters);
        var type = fields.Find(0, "type"u8);
        if (type.Text.ValueEquals("object"u8))
        {
            WriteSchema(tool.Parameters);
            return;
        }

        if (fields.Count == 0) // "true", or {}: no arguments
            return;
        losses.Add(GeminiLosses.ToolSchema);
        WriteSchema(AsObject(fields));
    }

    private static RawJson OwnParameters(RawJson declaration)
    {
        var fields = new JsonFields();
        fields.Push(declaration);
        return fields.Find(0, "parameters"u8) is { Type: JsonTokenType.StartObject } own && !GeminiSchemas.HasSnakeCase(own.Value) ? own.Value : default;
    }

    // The schema of a function's arguments must be an object's.
    private static RawJson AsObject(JsonFields fields)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields[i].Is("type"u8))
                fields[i].Value.WriteTo(writer, fields[i].Name.Span);
        }

        writer.WriteEndObject();
        writer.Flush();
        return new RawJson(output.WrittenMemory);
    }

    private void WriteSchema(RawJson schema)
    {
        if (dialect.AcceptsParametersJsonSchema)
        {
            schema.WriteTo(writer, "parametersJsonSchema"u8);
            return;
        }

        writer.WritePropertyName("parameters"u8);
        if (!GeminiOpenApi.Write(writer, schema))
            losses.Add(GeminiLosses.ToolSchema);
    }

    private void WriteConfig(bool hasFunctions)
    {
        var choice = hasFunctions ? request.ToolChoice : null;
        var extras = IsOwn ? request.Extra.FindAll(static field => field.Name.StartsWith(GeminiToolReader.Prefix, StringComparison.Ordinal) && field.Name != ModeExtra) : [];
        if (choice is { Raw.IsAbsent: false, Mode: ToolChoiceMode.Auto })
            losses.Add(GeminiLosses.ToolChoiceRaw);
        if (choice is null && extras.Count == 0)
            return;
        const string Calling = GeminiToolReader.Prefix + "functionCallingConfig.";
        writer.WriteStartObject("toolConfig"u8);
        if (choice is not null)
        {
            writer.WriteStartObject("functionCallingConfig"u8);
            WriteChoice(choice);
            foreach (var extra in extras.Where(static field => field.Name.StartsWith(Calling, StringComparison.Ordinal)))
                extra.Value.WriteTo(writer, Encoding.UTF8.GetBytes(extra.Name[Calling.Length..]));
            writer.WriteEndObject();
        }

        foreach (var extra in extras.Where(static field => !field.Name.StartsWith(Calling, StringComparison.Ordinal)))
            extra.Value.WriteTo(writer, Encoding.UTF8.GetBytes(extra.Name[GeminiToolReader.Prefix.Length..]));
        writer.WriteEndObject();
    }

    private void WriteChoice(ToolChoice choice)
    {
        var isForced = choice.Mode is ToolChoiceMode.Any or ToolChoiceMode.Named || choice is { Mode: ToolChoiceMode.Allowed, Required: true };
        writer.WriteString("mode"u8, choice.Mode == ToolChoiceMode.None ? "NONE"u8 : isForced ? "ANY"u8 : IsValidated ? "VALIDATED"u8 : "AUTO"u8);
        var names = choice.Mode switch
        {
            ToolChoiceMode.Named => [choice.Name],
            ToolChoiceMode.Allowed when isForced || IsValidated => choice.AllowedNames,
            _ => [],
        };
        var isOpen = false;
        foreach (var (offered, tool) in _offered)
        {
            if (!names.Contains(tool.Name))
                continue;
            if (!isOpen)
                writer.WriteStartArray("allowedFunctionNames"u8);
            isOpen = true;
            writer.WriteStringValue(offered);
        }

        if (isOpen)
            writer.WriteEndArray();
    }
}
