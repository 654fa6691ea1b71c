using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Reads <c>tools</c> and <c>toolConfig</c>. A tool object may hold function declarations and tools of Google's own side by side; each becomes a tool of its
/// own. A lone object counts as a list of one, as Google takes it.
/// </summary>
internal sealed class GeminiToolReader(CanonicalRequest request, JsonFields fields)
{
    public const string Prefix = "toolConfig.";

    /// <summary>What is wrong; null where nothing is.</summary>
    public WireError? Error { get; private set; }

    public void Tools(JsonField tools)
    {
        if (tools.Type == JsonTokenType.StartArray)
            ForEach(tools.Value, static (self, tool, index) => self.Tool(tool, $"tools[{index}]"));
        else if (tools.Type == JsonTokenType.StartObject)
            Tool(tools.Value, "tools");
        else if (tools.Type != JsonTokenType.Null)
            Fail("tools", "an array is expected.");
    }

    public void Config(JsonField config)
    {
        var start = fields.Push(config.Value);
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Named("functionCallingConfig"u8))
                Choice(field);
            else if (!field.Value.IsNull)
                request.Extra.Add(new ExtraField(Prefix + GeminiNames.Camel(field.NameString), field.Value));
        }

        fields.Pop(start);
    }

    private void Tool(RawJson tool, string path)
    {
        if (tool.Utf8.Span[0] != (byte)'{')
        {
            Fail(path, "an object is expected.");
            return;
        }

        var start = fields.Push(tool);
        var end = fields.Count;
        for (var i = start; i < end && Error is null; i++)
        {
            var field = fields[i];
            if (field.Value.IsNull)
                continue;
            if (!field.Named("functionDeclarations"u8))
                Server(field);
            else if (field.Type == JsonTokenType.StartArray)
                ForEach(field.Value, (self, declaration, index) => self.Function(declaration, $"{path}.functionDeclarations[{index}]"));
            else
                Function(field.Value, path + ".functionDeclarations");
        }

        fields.Pop(start);
    }

    private void Function(RawJson declaration, string path)
    {
        var start = fields.Push(declaration);
        var tool = new Tool { Raw = declaration };
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Is("name"u8))
                tool.Name = field.Text;
            else if (field.Is("description"u8))
                tool.Description = field.Text;
            else if (field.Is("parameters"u8) || field.Named("parametersJsonSchema"u8))
                tool.Parameters = field.Value.IsNull ? tool.Parameters : GeminiSchemas.ToJsonSchema(field.Value);
            else if (!field.Value.IsNull)
                (tool.Extra ??= []).Add(new ExtraField(GeminiNames.Camel(field.NameString), field.Value));
        }

        fields.Pop(start);
        if (tool.Name.IsEmpty)
            Fail(path + ".name", "a string is required.");
        else
            request.Tools.Add(tool);
    }

    // {"googleSearch": {}}: kept as a tool object of its own.
    private void Server(JsonField field)
    {
        var name = GeminiNames.Camel(field.NameString);
        var raw = new ArrayBufferWriter<byte>();
        raw.Write("{"u8);
        raw.Write(new JsonText(name).ToToken().Span);
        raw.Write(":"u8);
        raw.Write(field.Value.Utf8.Span);
        raw.Write("}"u8);
        request.Tools.Add(new Tool { Kind = ToolKind.Server, Type = name, Raw = new RawJson(raw.WrittenMemory) });
    }

    private void Choice(JsonField config)
    {
        var start = fields.Push(config.Value);
        var mode = fields.Find(start, "mode"u8).Text.ToString().ToUpperInvariant();
        List<JsonText> names = [];
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Named("allowedFunctionNames"u8) && field.Type == JsonTokenType.StartArray)
                ForEach(field.Value, (_, name, _) => names.Add(JsonText.FromToken(name.Utf8)));
            else if (!field.Value.IsNull && !field.Is("mode"u8) && !field.Named("allowedFunctionNames"u8))
                request.Extra.Add(new ExtraField($"{Prefix}functionCallingConfig.{GeminiNames.Camel(field.NameString)}", field.Value));
        }

        names.RemoveAll(static name => name.Token.Span[0] != (byte)'"');
        fields.Pop(start);
        request.ToolChoice = mode switch
        {
            "NONE" => new ToolChoice(ToolChoiceMode.None),
            "ANY" when names.Count == 1 => new ToolChoice(ToolChoiceMode.Named) { Name = names[0] },
            "ANY" when names.Count > 1 => new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = names, Required = true },
            "ANY" => new ToolChoice(ToolChoiceMode.Any),
            "AUTO" or "VALIDATED" when names.Count > 0 => new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = names },
            "AUTO" or "VALIDATED" => new ToolChoice(ToolChoiceMode.Auto),
            _ => null,
        };

        // "Like AUTO, with arguments bound to their schema": no other protocol has the second half as a mode.
        if (mode is "VALIDATED")
            request.Extra.Add(new ExtraField(Prefix + "functionCallingConfig.mode", new RawJson("\"VALIDATED\""u8.ToArray())));
    }

    private void ForEach(RawJson array, Action<GeminiToolReader, RawJson, int> action)
    {
        var reader = new Utf8JsonReader(array.Utf8.Span);
        reader.Read();
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray && Error is null; index++)
            action(this, JsonTokens.ReadRaw(ref reader, array.Utf8), index);
    }

    private void Fail(string path, string problem) => Error ??= GeminiScan.Invalid(path, problem);
}
