using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Reads tools and the choice among them. The tools of a <c>namespace</c> are read one by one, each with the whole namespace as its
/// <see cref="Tool.Raw"/>, which the writer of this protocol says once.
/// </summary>
internal sealed class OpenAIResponsesToolReader
{
    /// <summary><see cref="Tool.Type"/> of a tool that an item of the conversation offers (<c>tool_search_output</c>, <c>additional_tools</c>).</summary>
    public const string ByItem = "by item";

    private readonly JsonFields _fields = new();

    public WireError? Error { get; private set; }

    /// <summary>Reads <c>tools</c>.</summary>
    public bool TryReadAll(RawJson tools, List<Tool> target) => TryReadAll(tools, target, "tools", default, default);

    /// <summary>Reads <c>tool_choice</c>; null where it is none that is known. A tool of the vendor's is kept as it stood.</summary>
    public static ToolChoice? ReadChoice(JsonField field)
    {
        if (field.Type == JsonTokenType.String)
        {
            return field.Text.ValueEquals("auto"u8) ? new ToolChoice(ToolChoiceMode.Auto)
                : field.Text.ValueEquals("none"u8) ? new ToolChoice(ToolChoiceMode.None)
                : field.Text.ValueEquals("required"u8) ? new ToolChoice(ToolChoiceMode.Any)
                : null;
        }

        if (field.Type != JsonTokenType.StartObject)
            return null;
        var fields = new JsonFields();
        fields.Push(field.Value);
        var (type, name) = (fields.Find(0, "type"u8).Text, fields.Find(0, "name"u8).Text);
        if (type.ValueEquals("allowed_tools"u8))
            return Allowed(fields, field.Value);
        if (!name.IsNull && (type.IsNull || type.ValueEquals("function"u8) || type.ValueEquals("custom"u8)))
            return new ToolChoice(ToolChoiceMode.Named) { Name = name, Raw = field.Value };
        return type.IsNull ? null : new ToolChoice(ToolChoiceMode.Auto) { Raw = field.Value };
    }

    private static ToolChoice Allowed(JsonFields fields, RawJson raw)
    {
        var names = new List<JsonText>();
        var tools = fields.Find(0, "tools"u8);
        if (tools.Type == JsonTokenType.StartArray)
        {
            var reader = new Utf8JsonReader(tools.Value.Utf8.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var tool = new JsonFields();
                tool.Push(JsonTokens.ReadRaw(ref reader, tools.Value.Utf8));
                if (tool.Find(0, "name"u8).Text is { IsNull: false } name)
                    names.Add(name);
            }
        }

        return new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = names, Required = fields.Find(0, "mode"u8).Text.ValueEquals("required"u8), Raw = raw };
    }

    private bool TryReadAll(RawJson tools, List<Tool> target, string path, JsonText space, RawJson whole)
    {
        var reader = new Utf8JsonReader(tools.Utf8.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return Fail(path, "must be an array");
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var raw = JsonTokens.ReadRaw(ref reader, tools.Utf8);
            if (raw.Utf8.Span[0] != (byte)'{')
                return Fail($"{path}[{i}]", "must be an object");
            var start = _fields.Push(raw);
            var isRead = TryRead(raw, start, target, $"{path}[{i}]", space, whole);
            _fields.Pop(start);
            if (!isRead)
                return false;
        }

        return true;
    }

    private bool TryRead(RawJson raw, int start, List<Tool> target, string path, JsonText space, RawJson whole)
    {
        var type = _fields.Find(start, "type"u8).Text;
        var name = _fields.Find(start, "name"u8).Text;
        var isFunction = type.IsNull || type.ValueEquals("function"u8);
        var isCustom = type.ValueEquals("custom"u8);
        if (type.ValueEquals("namespace"u8) && space.IsEmpty)
            return TryReadAll(_fields.Find(start, "tools"u8).Value is { IsAbsent: false } nested ? nested : RawJson.Parse("[]"), target, path + ".tools", name, raw);
        if (!isFunction && !isCustom)
        {
            target.Add(new Tool { Kind = ToolKind.Server, Type = type.ToString(), Name = name, Raw = raw });
            return true;
        }

        if (isFunction && name.IsNull && _fields.Find(start, "function"u8) is { Type: JsonTokenType.StartObject } function) // lenient: the nested form of Chat
        {
            start = _fields.Push(function.Value);
            name = _fields.Find(start, "name"u8).Text;
        }

        if (name.IsEmpty)
            return Fail(path + ".name", "is required");
        var tool = new Tool { Kind = isCustom ? ToolKind.Custom : ToolKind.Function, Name = name, Namespace = space, Raw = space.IsEmpty ? isCustom ? raw : default : whole };
        Fill(tool, start);
        target.Add(tool);
        return true;
    }

    private void Fill(Tool tool, int start)
    {
        for (var i = start; i < _fields.Count; i++)
        {
            var field = _fields[i];
            if (field.Type == JsonTokenType.Null || field.Is("type"u8) || field.Is("name"u8) || field.Is("format"u8) && tool.Kind == ToolKind.Custom)
                continue;
            if (field.Is("description"u8))
                tool.Description = field.Text;
            else if (field.Is("parameters"u8) && field.Type == JsonTokenType.StartObject)
                tool.Parameters = field.Value;
            else if (field.Is("strict"u8) && field.Boolean is { } strict)
                tool.Strict = strict;
            else if (field.Type != JsonTokenType.False) // "defer_loading": false and the like say nothing
                (tool.Extra ??= []).Add(field.ToExtra());
        }
    }

    private bool Fail(string path, string what)
    {
        Error ??= OpenAIResponsesScan.Invalid($"{path}: {what}.", path);
        return false;
    }
}
