using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>The state of reading one request.</summary>
internal sealed class AnthropicMessagesRequestPass(ReadOnlyMemory<byte> body)
{
    private readonly AnthropicMessagesBlockReader _blocks = new();
    private readonly List<Block> _content = [];
    private WireError? _error;
    private ReasoningRequest? _thinking;
    private string? _effort;

    public CanonicalRequest Request { get; } = new() { Origin = Protocol.AnthropicMessages, StreamUsage = true };

    public WireError? Run()
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return AnthropicMessagesScan.Invalid("body", "a JSON object is expected.");
        var hasMessages = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (name.Span.SequenceEqual("messages"u8))
            {
                hasMessages = true;
                Messages(ref reader);
            }
            else if (name.Span.SequenceEqual("system"u8))
            {
                SystemPrompt(ref reader);
            }
            else if (name.Span.SequenceEqual("tools"u8))
            {
                Tools(ref reader);
            }
            else
            {
                var type = reader.TokenType;
                Field(new JsonField(name, JsonTokens.ReadRaw(ref reader, body), type));
            }

            if (_error is not null)
                return _error;
        }

        while (reader.Read())
        {
            // Anything behind the object is an error, which the reader throws.
        }

        if (!hasMessages)
            return AnthropicMessagesScan.Invalid("messages", "this field is required.");
        if (_thinking is not null || _effort is not null)
            Request.Reasoning = (_thinking ?? new ReasoningRequest()) with { Effort = _effort };
        return null;
    }

    private void Messages(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fail("messages", "an array is expected.");
            return;
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                Fail($"messages[{index}]", "an object is expected.");
            else
                Message(ref reader, index);
            if (_error is not null)
                return;
        }
    }

    private void Message(ref Utf8JsonReader reader, int index)
    {
        Role? role = null;
        var (hasContent, isString) = (false, false);
        List<ExtraField>? extra = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            if (name.Span.SequenceEqual("role"u8))
            {
                role = RoleOf(ref reader);
                reader.Skip();
            }
            else if (name.Span.SequenceEqual("content"u8))
            {
                hasContent = Content(ref reader, $"messages[{index}].content", out isString);
            }
            else
            {
                (extra ??= []).Add(new ExtraField(System.Text.Encoding.UTF8.GetString(name.Span), JsonTokens.ReadRaw(ref reader, body)));
            }

            if (_error is not null)
                return;
        }

        if (role is null)
        {
            Fail($"messages[{index}].role", "\"user\", \"assistant\" or \"system\" is expected.");
            return;
        }

        if (!hasContent)
        {
            Fail($"messages[{index}].content", "this field is required.");
            return;
        }

        var turn = new Turn(role.Value) { IsPlainString = isString };
        turn.Blocks.AddRange(_content);
        if (extra is not null)
            turn.Extra.AddRange(extra);
        Request.Turns.Add(turn);
    }

    private static Role? RoleOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return null;
        if (reader.TextIs("user"u8))
            return Role.User;
        if (reader.TextIs("assistant"u8))
            return Role.Assistant;
        return reader.TextIs("system"u8) ? Role.System : null;
    }

    private void SystemPrompt(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (!Content(ref reader, "system", out var isString))
            return;
        var turn = new Turn(Role.System) { IsPlainString = isString };
        turn.Blocks.AddRange(_content);
        if (turn.Blocks.Count > 0)
            Request.Turns.Insert(0, turn);
    }

    // Fills _content. False with or without an error where there is no content.
    private bool Content(ref Utf8JsonReader reader, string path, out bool isString)
    {
        _content.Clear();
        isString = reader.TokenType == JsonTokenType.String;
        if (isString)
        {
            _content.Add(new TextBlock(JsonTokens.ReadText(ref reader, body)));
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fail(path, "a string or an array of blocks is expected.");
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_blocks.Read(ref reader, body) is { } block)
            {
                _content.Add(block);
                continue;
            }

            Fail($"{path}[{_content.Count}]{_blocks.ProblemPath}", _blocks.Problem ?? "this block cannot be read.");
            return false;
        }

        return true;
    }

    private void Tools(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fail("tools", "an array is expected.");
            return;
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Fail($"tools[{index}]", "an object is expected.");
                return;
            }

            Tool(JsonTokens.ReadRaw(ref reader, body), index);
        }
    }

    private void Tool(RawJson raw, int index)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(raw);
        var type = fields.Find(start, "type"u8).Text;
        var isFunction = type.IsNull || type.ValueEquals("custom"u8);
        var tool = new Tool { Kind = isFunction ? ToolKind.Function : ToolKind.Server, Type = isFunction ? "" : type.ToString(), Raw = isFunction ? default : raw };
        for (var i = start; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Is("name"u8))
                tool.Name = field.Text;
            else if (field.Is("description"u8))
                tool.Description = field.Text;
            else if (field.Is("input_schema"u8))
                tool.Parameters = field.Value;
            else if (field.Is("strict"u8))
                tool.Strict = field.Boolean;
            else if (field.Is("cache_control"u8))
                tool.CacheControl = field.Value.IsNull ? default : field.Value;
            else if (isFunction && !field.Is("type"u8))
                (tool.Extra ??= []).Add(field.ToExtra());
        }

        fields.Pop(start);
        if (isFunction && tool.Name.IsEmpty)
            Fail($"tools[{index}].name", "a string is required.");
        Request.Tools.Add(tool);
    }

    private void Field(JsonField field)
    {
        if (field.Is("model"u8))
            Request.Model = field.Text.ToString();
        else if (field.Is("stream"u8))
            Request.Stream = field.Boolean == true;
        else if (field.Is("max_tokens"u8))
            Request.MaxOutputTokens = Integer(field);
        else if (field.Is("temperature"u8))
            Request.Sampling = Request.Sampling with { Temperature = Number(field) };
        else if (field.Is("top_p"u8))
            Request.Sampling = Request.Sampling with { TopP = Number(field) };
        else if (field.Is("top_k"u8))
            Request.Sampling = Request.Sampling with { TopK = Integer(field) is { } k and >= 0 and <= int.MaxValue ? (int)k : null };
        else if (field.Is("stop_sequences"u8))
            StopSequences(field.Value);
        else if (field.Is("tool_choice"u8))
            ToolChoice(field);
        else if (field.Is("thinking"u8))
            Thinking(field);
        else if (field.Is("output_config"u8))
            OutputConfig(field);
        else if (field.Is("output_format"u8))
            OutputFormat(field.Value);
        else if (field.Is("metadata"u8))
            Metadata(field);
        else if (field.Is("service_tier"u8))
            Request.ServiceTier = field.Text;
        else if (field.Is("cache_control"u8))
            Request.CacheControl = field.Value.IsNull ? default : field.Value;
        else if (!field.Value.IsNull) // which says no more than its absence, and would have to be reported as lost
            Request.Extra.Add(field.ToExtra());
    }

    private double? Number(JsonField field)
    {
        if (field.Type is not (JsonTokenType.Number or JsonTokenType.Null))
            Fail(field.NameString, "a number is required.");
        return field.Number;
    }

    private long? Integer(JsonField field)
    {
        if (field.Type != JsonTokenType.Null && field.Integer is null)
            Fail(field.NameString, "a whole number is required.");
        return field.Integer;
    }

    private void StopSequences(RawJson array)
    {
        if (array.IsNull || array.Utf8.Span[0] != (byte)'[')
            return;
        var reader = new Utf8JsonReader(array.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                Request.StopSequences.Add(JsonTokens.ReadText(ref reader, array.Utf8));
            reader.Skip();
        }
    }

    private void ToolChoice(JsonField field)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(field.Value);
        var type = fields.Find(start, "type"u8).Text;
        if (type.ValueEquals("auto"u8))
            Request.ToolChoice = new ToolChoice(ToolChoiceMode.Auto);
        else if (type.ValueEquals("any"u8))
            Request.ToolChoice = new ToolChoice(ToolChoiceMode.Any);
        else if (type.ValueEquals("none"u8))
            Request.ToolChoice = new ToolChoice(ToolChoiceMode.None);
        else if (type.ValueEquals("tool"u8))
            Request.ToolChoice = new ToolChoice(ToolChoiceMode.Named) { Name = fields.Find(start, "name"u8).Text };
        else if (field.Type != JsonTokenType.Null)
            Fail("tool_choice.type", "\"auto\", \"any\", \"tool\" or \"none\" is expected.");
        if (fields.Find(start, "disable_parallel_tool_use"u8).Boolean is { } isDisabled)
            Request.ParallelToolCalls = !isDisabled;
        fields.Pop(start);
    }

    private void Thinking(JsonField field)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(field.Value);
        var type = fields.Find(start, "type"u8).Text;
        var display = fields.Find(start, "display"u8).Text;
        var mode = type switch
        {
            _ when type.ValueEquals("enabled"u8) => ReasoningMode.Enabled,
            _ when type.ValueEquals("adaptive"u8) => ReasoningMode.Adaptive,
            _ when type.ValueEquals("disabled"u8) => ReasoningMode.Disabled,
            _ => ReasoningMode.Unspecified,
        };
        if (field.Type == JsonTokenType.StartObject)
        {
            _thinking = new ReasoningRequest
            {
                Mode = mode,
                BudgetTokens = fields.Find(start, "budget_tokens"u8).Integer,
                Summary = display.IsNull ? null : display.ToString(),
                ShowThoughts = display.IsNull ? null : !display.ValueEquals("omitted"u8),
            };
        }

        KeepIfUnknown(field, start, "type"u8, "budget_tokens"u8, "display"u8);
        fields.Pop(start);
    }

    private void OutputConfig(JsonField field)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(field.Value);
        var effort = fields.Find(start, "effort"u8).Text;
        _effort = effort.IsEmpty ? null : effort.ToString();
        OutputFormat(fields.Find(start, "format"u8).Value);
        KeepIfUnknown(field, start, "effort"u8, "format"u8, default);
        fields.Pop(start);
    }

    private void OutputFormat(RawJson format)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(format);
        var schema = fields.Find(start, "schema"u8);
        if (schema.Type == JsonTokenType.StartObject)
            Request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = schema.Value, Name = fields.Find(start, "name"u8).Text };
        fields.Pop(start);
    }

    private void Metadata(JsonField field)
    {
        var fields = _blocks.Fields;
        var start = fields.Push(field.Value);
        Request.User = fields.Find(start, "user_id"u8).Text;
        KeepIfUnknown(field, start, "user_id"u8, default, default);
        fields.Pop(start);
    }

    private void KeepIfUnknown(JsonField whole, int start, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        for (var i = start; i < _blocks.Fields.Count; i++)
        {
            var field = _blocks.Fields[i];
            if (field.Is(first) || field.Is(second) || field.Is(third))
                continue;
            Request.Extra.Add(whole.ToExtra());
            return;
        }
    }

    private void Fail(string path, string problem) => _error ??= AnthropicMessagesScan.Invalid(path, problem);
}
