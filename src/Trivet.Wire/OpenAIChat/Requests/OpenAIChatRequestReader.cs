using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>
/// Reads a Chat request into the canonical conversation. Texts stay slices of the body; what has no canonical name is kept as it stood beside the
/// thing it stood on. Strict where a wrong type would change the meaning (the error names the path), lenient elsewhere.
/// <para>
/// Normalised: consecutive <c>tool</c> messages become one user turn; an empty assistant text beside tool calls is left out; <c>functions</c> and
/// <c>function_call</c> become tools; thoughts stand before the text in whatever field they came.
/// </para>
/// </summary>
public static class OpenAIChatRequestReader
{
    /// <summary>Reads the request. False with an error that names the place where it cannot be understood.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error)
    {
        request = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = OpenAIChatScan.Invalid("The body is not valid UTF-8.");
            return false;
        }

        try
        {
            var pass = new RequestPass(body);
            var read = pass.Run();
            request = read ? pass.Request : null;
            error = read ? null : pass.Error ?? OpenAIChatScan.Invalid("The body must be a JSON object.");
            return read;
        }
        catch (JsonException e)
        {
            error = OpenAIChatScan.Invalid($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
            return false;
        }
    }

    /// <summary>The state of one reading: the top level and the tools. Messages are read by <see cref="MessageReader"/>.</summary>
    private ref struct RequestPass(ReadOnlyMemory<byte> body)
    {
        private readonly ReadOnlyMemory<byte> _body = body;
        private Utf8JsonReader _reader = new(body.Span, new JsonReaderOptions { MaxDepth = OpenAIChatScan.DepthMax });
        private ReasoningRequest? _reasoning;

        public CanonicalRequest Request { get; } = new() { Origin = Protocol.OpenAIChat };

        public WireError? Error { get; private set; }

        public bool Run()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
                return false;
            var hasMessages = false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                if (_reader.TokenType == JsonTokenType.Null)
                    continue; // null means absent everywhere in this protocol
                if (name.SequenceEqual("messages"u8))
                {
                    hasMessages = true;
                    var messages = new MessageReader(_body);
                    if (!messages.TryRead(ref _reader, Request.Turns))
                    {
                        Error = messages.Error;
                        return false;
                    }
                }
                else if (!TryReadTools(name) && !TryReadSampling(name) && !TryReadReasoning(name) && !TryReadOther(name) && Error is null && !IsDefault(name))
                {
                    Request.Extra.Add(new ExtraField(JsonText.FromToken(Quoted(name)).ToString(), JsonTokens.ReadRaw(ref _reader, _body)));
                }

                if (Error is not null)
                    return false;
            }

            while (_reader.Read())
            {
                // anything behind the object makes the reader throw
            }

            if (!hasMessages)
                return Fail("messages", "is required");
            Request.Reasoning = _reasoning;
            return true;
        }

        // What says no more than the default is not kept: a translation would have to report it as lost.
        private bool IsDefault(ReadOnlySpan<byte> name) => name.SequenceEqual("store"u8) && _reader.TokenType == JsonTokenType.False;

        private bool TryReadOther(ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("model"u8))
                Request.Model = Text("model").ToString();
            else if (name.SequenceEqual("stream"u8))
                Request.Stream = Bool("stream");
            else if (name.SequenceEqual("stream_options"u8) && _reader.TokenType == JsonTokenType.StartObject)
                StreamOptions();
            else if (name.SequenceEqual("max_completion_tokens"u8) || name.SequenceEqual("max_tokens"u8) && Request.MaxOutputTokens is null)
                Request.MaxOutputTokens = Long("max_tokens");
            else if (name.SequenceEqual("max_tokens"u8))
                _reader.Skip();
            else if (name.SequenceEqual("stop"u8))
                Stop();
            else if (name.SequenceEqual("response_format"u8))
                Request.OutputFormat = OutputFormat();
            else if (name.SequenceEqual("user"u8))
                Request.User = Text("user");
            else if (name.SequenceEqual("safety_identifier"u8))
                Request.SafetyIdentifier = Text("safety_identifier");
            else if (name.SequenceEqual("metadata"u8) && _reader.TokenType == JsonTokenType.StartObject)
                Request.Metadata = JsonTokens.ReadRaw(ref _reader, _body);
            else if (name.SequenceEqual("service_tier"u8))
                Request.ServiceTier = Text("service_tier");
            else if (name.SequenceEqual("prompt_cache_key"u8))
                Request.PromptCacheKey = Text("prompt_cache_key");
            else if (name.SequenceEqual("verbosity"u8))
                Request.Verbosity = Text("verbosity");
            else if (name.SequenceEqual("cache_control"u8))
                Request.CacheControl = JsonTokens.ReadRaw(ref _reader, _body);
            else
                return false;
            return true;
        }

        private bool TryReadSampling(ReadOnlySpan<byte> name)
        {
            var sampling = Request.Sampling;
            if (name.SequenceEqual("temperature"u8))
                sampling.Temperature = Double("temperature");
            else if (name.SequenceEqual("top_p"u8))
                sampling.TopP = Double("top_p");
            else if (name.SequenceEqual("top_k"u8))
                sampling.TopK = (int)Math.Clamp(Long("top_k"), int.MinValue, int.MaxValue);
            else if (name.SequenceEqual("frequency_penalty"u8))
                sampling.FrequencyPenalty = Double("frequency_penalty");
            else if (name.SequenceEqual("presence_penalty"u8))
                sampling.PresencePenalty = Double("presence_penalty");
            else if (name.SequenceEqual("seed"u8))
                sampling.Seed = Long("seed");
            else if (name.SequenceEqual("n"u8))
                sampling.CandidateCount = (int)Math.Clamp(Long("n"), 0, int.MaxValue);
            else if (name.SequenceEqual("logprobs"u8))
                sampling.LogProbs = Bool("logprobs");
            else if (name.SequenceEqual("top_logprobs"u8))
                sampling.TopLogProbs = (int)Math.Clamp(Long("top_logprobs"), 0, int.MaxValue);
            else if (name.SequenceEqual("logit_bias"u8))
                sampling.LogitBias = JsonTokens.ReadRaw(ref _reader, _body) is { Utf8.Length: > 2 } bias ? bias : default;
            else
                return false;
            Request.Sampling = sampling;
            return true;
        }

        private bool TryReadReasoning(ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("reasoning_effort"u8))
            {
                var effort = Text("reasoning_effort").ToString();
                _reasoning = (_reasoning ?? new ReasoningRequest()) with { Effort = effort };
                if (effort == "none")
                    _reasoning = _reasoning with { Mode = ReasoningMode.Disabled };
                return true;
            }

            if (name.SequenceEqual("enable_thinking"u8))
            {
                _reasoning = (_reasoning ?? new ReasoningRequest()) with { Mode = Bool("enable_thinking") ? ReasoningMode.Enabled : ReasoningMode.Disabled };
                return true;
            }

            if (name.SequenceEqual("thinking_budget"u8))
            {
                _reasoning = (_reasoning ?? new ReasoningRequest()) with { BudgetTokens = Long("thinking_budget") };
                return true;
            }

            if (_reader.TokenType != JsonTokenType.StartObject || !name.SequenceEqual("reasoning"u8) && !name.SequenceEqual("thinking"u8))
                return false;
            var isThinking = name.SequenceEqual("thinking"u8);
            var copy = _reader;
            _reasoning = ReasoningObject(_reasoning ?? new ReasoningRequest(), out var isKnown);
            if (isKnown)
                return true;
            // More is said than the canonical form can hold (GLM's clear_thinking): kept whole as well, and said again by a writer of this protocol.
            _reader = copy;
            Request.Extra.Add(new ExtraField(isThinking ? "thinking" : "reasoning", JsonTokens.ReadRaw(ref _reader, _body)));
            return true;
        }

        private ReasoningRequest ReasoningObject(ReasoningRequest reasoning, out bool isKnown)
        {
            isKnown = true;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                if (name.SequenceEqual("effort"u8) && _reader.TokenType == JsonTokenType.String)
                    reasoning = reasoning with { Effort = Text("reasoning.effort").ToString() };
                else if ((name.SequenceEqual("max_tokens"u8) || name.SequenceEqual("budget_tokens"u8)) && _reader.TokenType == JsonTokenType.Number)
                    reasoning = reasoning with { BudgetTokens = Long("reasoning.max_tokens") };
                else if (name.SequenceEqual("enabled"u8) && _reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    reasoning = reasoning with { Mode = _reader.TokenType == JsonTokenType.True ? ReasoningMode.Enabled : ReasoningMode.Disabled };
                else if (name.SequenceEqual("exclude"u8) && _reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    reasoning = reasoning with { ShowThoughts = _reader.TokenType == JsonTokenType.False };
                else if (name.SequenceEqual("summary"u8) && _reader.TokenType == JsonTokenType.String)
                    reasoning = reasoning with { Summary = Text("reasoning.summary").ToString() };
                else if (name.SequenceEqual("type"u8) && _reader.TokenType == JsonTokenType.String)
                    reasoning = reasoning with { Mode = ModeOf(ref _reader) };
                else
                    isKnown &= _reader.TokenType == JsonTokenType.Null;
                _reader.Skip();
            }

            return reasoning;
        }

        private static ReasoningMode ModeOf(ref Utf8JsonReader reader) => reader.TextIs("disabled"u8) ? ReasoningMode.Disabled
            : reader.TextIs("enabled"u8) ? ReasoningMode.Enabled
            : reader.TextIs("auto"u8) || reader.TextIs("adaptive"u8) ? ReasoningMode.Adaptive : ReasoningMode.Unspecified;

        private void StreamOptions()
        {
            var raw = JsonTokens.ReadRaw(ref _reader, _body);
            var inner = new Utf8JsonReader(raw.Utf8.Span);
            inner.Read();
            while (inner.Read() && inner.TokenType == JsonTokenType.PropertyName)
            {
                var isUsage = inner.TextIs("include_usage"u8);
                inner.Read();
                if (isUsage)
                    Request.StreamUsage = inner.TokenType == JsonTokenType.True;
                else
                    Request.Extra.Add(new ExtraField("stream_options", raw)); // include_obfuscation, continuous_usage_stats
                inner.Skip();
            }
        }

        private void Stop()
        {
            if (_reader.TokenType == JsonTokenType.String)
            {
                Request.StopSequences.Add(JsonTokens.ReadText(ref _reader, _body));
                return;
            }

            if (_reader.TokenType != JsonTokenType.StartArray)
            {
                Fail("stop", "must be a string or an array of strings");
                return;
            }

            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (_reader.TokenType == JsonTokenType.String)
                    Request.StopSequences.Add(JsonTokens.ReadText(ref _reader, _body));
                else if (Error is null)
                    Fail($"stop[{Request.StopSequences.Count}]", "must be a string");
                _reader.Skip();
            }
        }

        private OutputFormat? OutputFormat()
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                Fail("response_format", "must be an object");
                return null;
            }

            var kind = default(JsonText);
            var format = new OutputFormat(OutputFormatKind.Text);
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                if (name.SequenceEqual("type"u8))
                    kind = JsonTokens.ReadText(ref _reader, _body);
                else if (name.SequenceEqual("json_schema"u8) && _reader.TokenType == JsonTokenType.StartObject)
                    format = JsonSchema(format);
                else if (name.SequenceEqual("schema"u8) && _reader.TokenType == JsonTokenType.StartObject) // Together, llama.cpp: beside json_object
                    format = format with { Schema = JsonTokens.ReadRaw(ref _reader, _body) };
                _reader.Skip();
            }

            if (kind.ValueEquals("json_schema"u8) || !format.Schema.IsAbsent)
                return format with { Kind = OutputFormatKind.JsonSchema };
            if (kind.ValueEquals("json_object"u8))
                return format with { Kind = OutputFormatKind.JsonObject };
            if (!kind.ValueEquals("text"u8))
                Fail("response_format.type", "must be text, json_object or json_schema");
            return format;
        }

        private OutputFormat JsonSchema(OutputFormat format)
        {
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                if (name.SequenceEqual("name"u8))
                    format = format with { Name = JsonTokens.ReadText(ref _reader, _body) };
                else if (name.SequenceEqual("description"u8))
                    format = format with { Description = JsonTokens.ReadText(ref _reader, _body) };
                else if (name.SequenceEqual("schema"u8) && _reader.TokenType == JsonTokenType.StartObject)
                    format = format with { Schema = JsonTokens.ReadRaw(ref _reader, _body) };
                else if (name.SequenceEqual("strict"u8) && _reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    format = format with { Strict = _reader.TokenType == JsonTokenType.True };
                _reader.Skip();
            }

            return format;
        }

        private bool TryReadTools(ReadOnlySpan<byte> name)
        {
            var isFunctions = name.SequenceEqual("functions"u8);
            if (isFunctions || name.SequenceEqual("tools"u8))
            {
                var tools = new ToolReader(_body);
                if (!tools.TryReadAll(ref _reader, Request.Tools, isFunctions))
                    Error = tools.Error;
                return true;
            }

            if (name.SequenceEqual("tool_choice"u8) || name.SequenceEqual("function_call"u8))
            {
                Request.ToolChoice = ToolReader.ReadChoice(ref _reader, _body);
                if (Request.ToolChoice is null)
                    Fail("tool_choice", "must be none, auto, required or an object that names a tool");
                return true;
            }

            if (!name.SequenceEqual("parallel_tool_calls"u8))
                return false;
            Request.ParallelToolCalls = Bool("parallel_tool_calls");
            return true;
        }

        private JsonText Text(string path)
        {
            if (_reader.TokenType == JsonTokenType.String)
                return JsonTokens.ReadText(ref _reader, _body);
            Fail(path, "must be a string");
            return default;
        }

        private bool Bool(string path)
        {
            if (_reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                Fail(path, "must be true or false");
            return _reader.TokenType == JsonTokenType.True;
        }

        private long Long(string path)
        {
            if (_reader.TokenType == JsonTokenType.Number)
            {
                if (_reader.TryGetInt64(out var value))
                    return value;
                if (_reader.TryGetDouble(out var number) && Math.Abs(number) < 1e15 && number == Math.Floor(number)) // 4096.0, as some languages write it
                    return (long)number;
            }

            Fail(path, "must be a whole number");
            return 0;
        }

        private double Double(string path)
        {
            if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetDouble(out var value) && double.IsFinite(value))
                return value;
            Fail(path, "must be a number");
            return 0;
        }

        private static byte[] Quoted(ReadOnlySpan<byte> contents) => [(byte)'"', .. contents, (byte)'"'];

        private bool Fail(string path, string what)
        {
            Error ??= OpenAIChatScan.Invalid($"{path}: {what}.", path);
            return false;
        }
    }
}
