using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>The state of reading one request: its top level. Items are read by <see cref="OpenAIResponsesInputReader"/>.</summary>
internal sealed class OpenAIResponsesRequestPass(ReadOnlyMemory<byte> body)
{
    private readonly JsonFields _fields = new();
    private WireError? _error;

    public CanonicalRequest Request { get; } = new() { Origin = Protocol.OpenAIResponses, StreamUsage = true };

    public WireError? Run()
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = OpenAIResponsesScan.DepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return OpenAIResponsesScan.Invalid("The body must be a JSON object.");
        var input = default(JsonField);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            var type = reader.TokenType;
            var field = new JsonField(name, JsonTokens.ReadRaw(ref reader, body), type);
            if (type == JsonTokenType.Null)
                continue; // null means absent everywhere in this protocol
            if (field.Is("input"u8))
                input = field;
            else if (!Tool(field) && !Switch(field) && !Label(field))
                Other(field);
            if (_error is not null)
                return _error;
        }

        while (reader.Read())
        {
            // anything behind the object makes the reader throw
        }

        return Input(input);
    }

    private WireError? Input(JsonField input)
    {
        if (input.Value.IsAbsent)
            return Request.Extra.Exists(static extra => extra.Name is "previous_response_id" or "conversation" or "prompt") ? null : OpenAIResponsesScan.Invalid("input: is required.", "input");
        if (input.Type == JsonTokenType.String)
        {
            var turn = new Turn(Role.User) { IsPlainString = true };
            turn.Blocks.Add(new TextBlock(input.Text));
            Request.Turns.Add(turn);
            return null;
        }

        if (input.Type != JsonTokenType.StartArray)
            return OpenAIResponsesScan.Invalid("input: must be a string or an array of items.", "input");
        return new OpenAIResponsesInputReader(Request).Read(input.Value);
    }

    private bool Tool(JsonField field)
    {
        if (field.Is("tools"u8))
        {
            var tools = new OpenAIResponsesToolReader();
            if (!tools.TryReadAll(field.Value, Request.Tools))
                _error = tools.Error;
        }
        else if (field.Is("tool_choice"u8))
        {
            Request.ToolChoice = OpenAIResponsesToolReader.ReadChoice(field);
            if (Request.ToolChoice is null)
                Fail("tool_choice", "must be none, auto, required or an object that names a tool");
        }
        else if (field.Is("parallel_tool_calls"u8))
        {
            Request.ParallelToolCalls = Bool(field);
        }
        else
        {
            return false;
        }

        return true;
    }

    private bool Switch(JsonField field)
    {
        var sampling = Request.Sampling;
        if (field.Is("model"u8))
            Request.Model = Text(field).ToString();
        else if (field.Is("instructions"u8))
            Instructions(field);
        else if (field.Is("stream"u8))
            Request.Stream = Bool(field);
        else if (field.Is("max_output_tokens"u8))
            Request.MaxOutputTokens = Whole(field);
        else if (field.Is("temperature"u8))
            sampling.Temperature = Number(field);
        else if (field.Is("top_p"u8))
            sampling.TopP = Number(field);
        else if (field.Is("top_logprobs"u8))
            sampling.TopLogProbs = (int)Math.Clamp(Whole(field), 0, int.MaxValue);
        else if (field.Is("reasoning"u8))
            Reasoning(field);
        else if (field.Is("text"u8))
            TextSettings(field);
        else
            return false;
        Request.Sampling = Request.Sampling with { Temperature = sampling.Temperature, TopP = sampling.TopP, TopLogProbs = sampling.TopLogProbs };
        return true;
    }

    private bool Label(JsonField field)
    {
        if (field.Is("user"u8))
            Request.User = Text(field);
        else if (field.Is("safety_identifier"u8))
            Request.SafetyIdentifier = Text(field);
        else if (field.Is("metadata"u8) && field.Type == JsonTokenType.StartObject)
            Request.Metadata = field.Value;
        else if (field.Is("service_tier"u8))
            Request.ServiceTier = Text(field);
        else if (field.Is("prompt_cache_key"u8))
            Request.PromptCacheKey = Text(field);
        else if (field.Is("include"u8) && field.Type == JsonTokenType.StartArray)
            Include(field);
        else
            return false;
        return true;
    }

    // What says no more than the default is not kept: a translation would have to report it as lost.
    private void Other(JsonField field)
    {
        var isDefault = (field.Is("store"u8) || field.Is("background"u8)) && field.Type == JsonTokenType.False
            || field.Is("truncation"u8) && field.Text.ValueEquals("disabled"u8);
        if (!isDefault)
            Request.Extra.Add(field.ToExtra());
    }

    private void Instructions(JsonField field)
    {
        if (field.Type == JsonTokenType.StartArray) // as answers repeat them: items
        {
            Request.Extra.Add(field.ToExtra());
            return;
        }

        var turn = new Turn(Role.System) { IsPlainString = true };
        turn.Blocks.Add(new TextBlock(Text(field)));
        Request.Turns.Insert(0, turn);
    }

    private void Include(JsonField field)
    {
        var reader = new Utf8JsonReader(field.Value.Utf8.Span);
        reader.Read();
        var hasMore = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && reader.TextIs("message.output_text.logprobs"u8))
                Request.Sampling = Request.Sampling with { LogProbs = true };
            else if (reader.TokenType != JsonTokenType.String || !reader.TextIs("reasoning.encrypted_content"u8))
                hasMore = true;
            reader.Skip();
        }

        if (hasMore)
            Request.Extra.Add(field.ToExtra());
    }

    private void Reasoning(JsonField field)
    {
        if (field.Type != JsonTokenType.StartObject)
        {
            Fail("reasoning", "must be an object");
            return;
        }

        var reasoning = new ReasoningRequest();
        var isKnown = true;
        var start = _fields.Push(field.Value);
        for (var i = start; i < _fields.Count; i++)
        {
            var inner = _fields[i];
            if (inner.Type == JsonTokenType.Null)
                continue;
            if (inner.Is("effort"u8))
                reasoning = reasoning with { Effort = inner.Text.ToString() };
            else if (inner.Is("summary"u8) || inner.Is("generate_summary"u8))
                reasoning = reasoning with { Summary = inner.Text.ToString() };
            else
                isKnown = false;
        }

        _fields.Pop(start);
        if (reasoning.Effort == "none")
            reasoning = reasoning with { Mode = ReasoningMode.Disabled };
        if (reasoning != new ReasoningRequest())
            Request.Reasoning = reasoning;
        if (!isKnown)
            Request.Extra.Add(field.ToExtra()); // mode, context: kept whole as well, and said again by a writer of this protocol
    }

    private void TextSettings(JsonField field)
    {
        if (field.Type != JsonTokenType.StartObject)
        {
            Fail("text", "must be an object");
            return;
        }

        var start = _fields.Push(field.Value);
        Request.Verbosity = _fields.Find(start, "verbosity"u8).Text;
        var format = _fields.Find(start, "format"u8).Value;
        _fields.Pop(start);
        if (format.IsNull)
            return;
        start = _fields.Push(format);
        var (type, schema) = (_fields.Find(start, "type"u8).Text, _fields.Find(start, "schema"u8));
        if (type.ValueEquals("json_schema"u8) && schema.Type == JsonTokenType.StartObject)
        {
            Request.OutputFormat = new OutputFormat(OutputFormatKind.JsonSchema)
            {
                Name = _fields.Find(start, "name"u8).Text,
                Description = _fields.Find(start, "description"u8).Text,
                Schema = schema.Value,
                Strict = _fields.Find(start, "strict"u8).Boolean,
            };
        }
        else if (type.ValueEquals("json_object"u8))
            Request.OutputFormat = new OutputFormat(OutputFormatKind.JsonObject);
        else if (type.ValueEquals("json_schema"u8))
            Fail("text.format.schema", "must be an object");
        else if (!type.ValueEquals("text"u8))
            Fail("text.format.type", "must be text, json_object or json_schema");
        _fields.Pop(start);
    }

    private JsonText Text(JsonField field)
    {
        if (field.Type != JsonTokenType.String)
            Fail(field.NameString, "must be a string");
        return field.Text;
    }

    private bool Bool(JsonField field)
    {
        if (field.Boolean is null)
            Fail(field.NameString, "must be true or false");
        return field.Boolean == true;
    }

    private long Whole(JsonField field)
    {
        if (field.Integer is null)
            Fail(field.NameString, "must be a whole number");
        return field.Integer ?? 0;
    }

    private double Number(JsonField field)
    {
        if (field.Number is null)
            Fail(field.NameString, "must be a number");
        return field.Number ?? 0;
    }

    private void Fail(string path, string what) => _error ??= OpenAIResponsesScan.Invalid($"{path}: {what}.", path);
}
