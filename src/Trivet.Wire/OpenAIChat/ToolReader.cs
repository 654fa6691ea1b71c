using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Reads tools, the choice among them, and calls of them.</summary>
internal sealed class ToolReader(ReadOnlyMemory<byte> body)
{
    public WireError? Error { get; private set; }

    /// <summary>Reads <c>tools</c>, or the legacy <c>functions</c>, whose elements are bare functions.</summary>
    public bool TryReadAll(ref Utf8JsonReader reader, List<Tool> tools, bool isFunctions)
    {
        var field = isFunctions ? "functions" : "tools";
        if (reader.TokenType != JsonTokenType.StartArray)
            return Fail(field, "must be an array");
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var raw = JsonTokens.ReadRaw(ref reader, body);
            if (raw.Utf8.Span[0] != (byte)'{')
                return Fail($"{field}[{i}]", "must be an object");
            var tool = new Tool { Type = isFunctions ? "function" : "" };
            if (isFunctions)
                ReadFunction(raw, tool);
            else
                ReadTool(raw, tool);
            if (tool.Name.IsEmpty && tool.Kind != ToolKind.Server)
                return Fail($"{field}[{i}].{(isFunctions ? "" : "function.")}name", "is required");
            tools.Add(tool);
        }

        return true;
    }

    /// <summary>Reads <c>tool_choice</c> or <c>function_call</c>; null where it is none that is known.</summary>
    public static ToolChoice? ReadChoice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.TextIs("auto"u8) ? new ToolChoice(ToolChoiceMode.Auto)
                : reader.TextIs("none"u8) ? new ToolChoice(ToolChoiceMode.None)
                : reader.TextIs("required"u8) || reader.TextIs("any"u8) ? new ToolChoice(ToolChoiceMode.Any) // "any" is Mistral's
                : null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        var raw = JsonTokens.ReadRaw(ref reader, body);
        using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(raw.Utf8));
        var root = document.RootElement;
        var type = root.TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : "function";
        if (type == "allowed_tools")
            return Allowed(root.TryGetProperty("allowed_tools", out var inner) ? inner : root, raw);
        var holder = root.TryGetProperty("function", out var function) ? function : root.TryGetProperty("custom", out var custom) ? custom : root;
        if (holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
            return new ToolChoice(ToolChoiceMode.Named) { Name = name.GetString(), Raw = type == "custom" ? raw : default };
        return type switch { "auto" => new ToolChoice(ToolChoiceMode.Auto), "none" => new ToolChoice(ToolChoiceMode.None), "any" or "required" => new ToolChoice(ToolChoiceMode.Any), _ => null };
    }

    /// <summary>Reads <c>tool_calls</c> of a message.</summary>
    public static bool TryReadCalls(RawJson calls, List<Block> target, out string path, out string fault)
    {
        (path, fault) = ("", "");
        var reader = new Utf8JsonReader(calls.Utf8.Span);
        reader.Read();
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var raw = JsonTokens.ReadRaw(ref reader, calls.Utf8);
            var call = new ToolCallBlock();
            if (raw.Utf8.Span[0] == (byte)'{')
                ReadCall(raw, call);
            if (call.Name.IsEmpty)
            {
                (path, fault) = ($"[{i}].function.name", "is required");
                return false;
            }

            if (call.Id.IsNull)
                call.Id = "";
            target.Add(call);
        }

        return true;
    }

    /// <summary>Reads the legacy <c>function_call</c> of a message into a call without an id. One without a name is none: Snowflake sends it empty (openai-chat-136).</summary>
    public static void ReadFunctionCall(RawJson function, List<Block> target)
    {
        var call = new ToolCallBlock();
        ReadFunctionOfCall(function, call);
        if (!call.Name.IsEmpty)
            target.Add(call);
    }

    /// <summary>Gemini's signature in its OpenAI layer's <c>extra_content</c>: <c>{"google":{"thought_signature":"…"}}</c>.</summary>
    public static JsonText ThoughtSignature(RawJson extraContent)
    {
        var reader = new Utf8JsonReader(extraContent.Utf8.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.TextIs("thought_signature"u8) && reader.Read())
                return JsonTokens.ReadText(ref reader, extraContent.Utf8);
        }

        return default;
    }

    /// <summary>What a string token stands for, or the raw value where the arguments are none (lenient: some servers send an object).</summary>
    public static ReadOnlyMemory<byte> Arguments(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        if (reader.TokenType != JsonTokenType.String)
            return JsonTokens.ReadRaw(ref reader, buffer).Utf8;
        if (!reader.ValueIsEscaped)
            return buffer.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        var decoded = new ArrayBufferWriter<byte>(reader.ValueSpan.Length);
        JsonTokens.Unquote(JsonTokens.ReadText(ref reader, buffer).Token.Span, decoded);
        return decoded.WrittenMemory;
    }

    private static void ReadCall(RawJson raw, ToolCallBlock call)
    {
        var reader = new Utf8JsonReader(raw.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("id"u8))
                call.Id = reader.TokenType == JsonTokenType.Number ? reader.GetInt64OrZero().ToString() : JsonTokens.ReadText(ref reader, raw.Utf8);
            else if (name.SequenceEqual("function"u8) && reader.TokenType == JsonTokenType.StartObject)
                ReadFunctionOfCall(JsonTokens.ReadRaw(ref reader, raw.Utf8), call);
            else if (name.SequenceEqual("custom"u8) && reader.TokenType == JsonTokenType.StartObject)
                (call.Kind, _) = (ToolKind.Custom, ReadFunctionOfCall(JsonTokens.ReadRaw(ref reader, raw.Utf8), call));
            else if (name.SequenceEqual("extra_content"u8) && reader.TokenType == JsonTokenType.StartObject)
                call.ThoughtSignature = ThoughtSignature(JsonTokens.ReadRaw(ref reader, raw.Utf8));
            else if (!name.SequenceEqual("type"u8) && !name.SequenceEqual("index"u8) && reader.TokenType != JsonTokenType.Null)
                call.AddExtra(Encoding.UTF8.GetString(name), JsonTokens.ReadRaw(ref reader, raw.Utf8));
            reader.Skip();
        }
    }

    private static bool ReadFunctionOfCall(RawJson function, ToolCallBlock call)
    {
        var reader = new Utf8JsonReader(function.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("name"u8))
                call.Name = JsonTokens.ReadText(ref reader, function.Utf8);
            else if (name.SequenceEqual("arguments"u8) || name.SequenceEqual("input"u8))
                call.Arguments = Arguments(ref reader, function.Utf8);
            reader.Skip();
        }

        return true;
    }

    private static void ReadTool(RawJson raw, Tool tool)
    {
        var reader = new Utf8JsonReader(raw.Utf8.Span);
        reader.Read();
        var function = default(RawJson);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
                tool.Type = JsonTokens.ReadText(ref reader, raw.Utf8).ToString();
            else if ((name.SequenceEqual("function"u8) || name.SequenceEqual("custom"u8)) && reader.TokenType == JsonTokenType.StartObject)
                function = JsonTokens.ReadRaw(ref reader, raw.Utf8);
            else if (name.SequenceEqual("cache_control"u8))
                tool.CacheControl = JsonTokens.ReadRaw(ref reader, raw.Utf8);
            else if (reader.TokenType != JsonTokenType.Null)
                (tool.Extra ??= []).Add(new ExtraField(Encoding.UTF8.GetString(name), JsonTokens.ReadRaw(ref reader, raw.Utf8)));
            reader.Skip();
        }

        tool.Kind = tool.Type switch { "function" or "" => ToolKind.Function, "custom" => ToolKind.Custom, _ => ToolKind.Server };
        if (tool.Kind == ToolKind.Server)
            (tool.Raw, tool.Extra) = (raw, null);
        else if (!function.IsAbsent)
            ReadFunction(function, tool);
        else if (tool.Kind == ToolKind.Function)
            (tool.Extra, _) = (null, ReadFunction(raw, tool)); // lenient: the flat form of Responses
        if (tool.Kind == ToolKind.Custom)
            tool.Raw = raw;
    }

    private static bool ReadFunction(RawJson raw, Tool tool)
    {
        var reader = new Utf8JsonReader(raw.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("name"u8))
                tool.Name = JsonTokens.ReadText(ref reader, raw.Utf8);
            else if (name.SequenceEqual("description"u8))
                tool.Description = JsonTokens.ReadText(ref reader, raw.Utf8);
            else if (name.SequenceEqual("parameters"u8) && reader.TokenType == JsonTokenType.StartObject)
                tool.Parameters = JsonTokens.ReadRaw(ref reader, raw.Utf8);
            else if (name.SequenceEqual("strict"u8) && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                tool.Strict = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }

        return true;
    }

    private static ToolChoice Allowed(JsonElement choice, RawJson raw)
    {
        var names = new List<JsonText>();
        if (choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array)
        {
            foreach (var tool in tools.EnumerateArray())
            {
                var holder = tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out var function) ? function : tool;
                if (holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                    names.Add(name.GetString());
            }
        }

        var required = choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("mode", out var mode) && mode.ValueKind == JsonValueKind.String && mode.ValueEquals("required");
        return new ToolChoice(ToolChoiceMode.Allowed) { AllowedNames = names, Required = required, Raw = raw };
    }

    private bool Fail(string path, string what)
    {
        Error ??= OpenAIChatScan.Invalid($"{path}: {what}.", path);
        return false;
    }
}
