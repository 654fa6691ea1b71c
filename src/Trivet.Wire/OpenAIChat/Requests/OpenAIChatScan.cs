using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>
/// One pass over a Chat request without an object model: what routing needs, and where to splice. Checks that the body is JSON, an object, and
/// valid UTF-8; leaves every other fault to the upstream, or to the request reader where a translation needs the field.
/// </summary>
public static class OpenAIChatScan
{
    internal const int DepthMax = 64;

    // Measured on the corpus and on agents' bodies: about 3.6 bytes of JSON text per token over English, code and Chinese.
    private const double BytesPerToken = 3.6;
    private const int TokensPerImage = 1500;

    /// <summary>Fills <paramref name="scan"/>, which must be new or reset. False with an error that names the place where the body is no JSON object.</summary>
    public static bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error)
    {
        error = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = Invalid("The body is not valid UTF-8.");
            return false;
        }

        try
        {
            var pass = new Pass(body.Span, scan);
            if (pass.Run())
                return true;
            error = Invalid("The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            error = Invalid($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        return false;
    }

    internal static WireError Invalid(string message, string? param = null) => new() { Class = ErrorClass.InvalidRequest, Status = 400, Message = message, Param = param };

    private ref struct Pass(ReadOnlySpan<byte> body, RequestScan scan)
    {
        private readonly RequestScan _scan = scan;
        private readonly ReadOnlySpan<byte> _body = body;
        private JsonCursor _reader = new(body);
        private PrefixHasher _prefix;
        private bool _prefixDone;
        private bool _prefixAny;
        private long _textBytes;
        private int _images;

        public bool Run()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var nameStart = (int)_reader.TokenStartIndex;
                var nameLength = _reader.ValueSpan.Length + 2;
                var name = _reader.ValueSpan;
                _reader.Read();
                var valueStart = (int)_reader.TokenStartIndex;
                ReadField(name);
                var field = new FieldSpan(nameStart, nameLength, valueStart, (int)_reader.BytesConsumed - valueStart);
                _scan.AddField(field);
                if (name.SequenceEqual("model"u8))
                    _scan.ModelField = field;
            }

            while (_reader.Read())
            {
                // anything behind the object makes the reader throw
            }

            _scan.PrefixHash = _prefixAny ? _prefix.Value : 0;
            _scan.InputTokensEstimate = (long)(_textBytes / BytesPerToken) + (long)_images * TokensPerImage;
            return true;
        }

        // Leaves the reader on the last token of the value.
        private void ReadField(ReadOnlySpan<byte> name)
        {
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartArray when name.SequenceEqual("messages"u8):
                    Messages();
                    return;
                case JsonTokenType.StartArray when name.SequenceEqual("tools"u8) || name.SequenceEqual("functions"u8):
                    Tools(isFunctions: name.SequenceEqual("functions"u8));
                    return;
                case JsonTokenType.String when name.SequenceEqual("model"u8):
                    _scan.Model = _reader.ValueIsEscaped ? JsonText.FromToken(Token()).ToString() : _reader.GetString();
                    return;
                case JsonTokenType.String when name.SequenceEqual("stop"u8):
                    Add(RequestFeatures.StopSequences);
                    return;
                case JsonTokenType.String when name.SequenceEqual("tool_choice"u8) && _reader.TextIs("required"u8):
                    Add(RequestFeatures.ForcedTool);
                    return;
                case JsonTokenType.String when name.SequenceEqual("reasoning_effort"u8):
                    if (!_reader.TextIs("none"u8))
                        Add(RequestFeatures.Reasoning);
                    return;
                case JsonTokenType.True when name.SequenceEqual("stream"u8):
                    _scan.Stream = true;
                    return;
                case JsonTokenType.False when name.SequenceEqual("stream"u8): // the last one counts, as parsers take it
                    _scan.Stream = false;
                    return;
                case JsonTokenType.True when name.SequenceEqual("logprobs"u8):
                    Add(RequestFeatures.LogProbs);
                    return;
                case JsonTokenType.True when name.SequenceEqual("enable_thinking"u8):
                    Add(RequestFeatures.Reasoning);
                    return;
                case JsonTokenType.False when name.SequenceEqual("parallel_tool_calls"u8):
                    Add(RequestFeatures.SingleToolCall);
                    return;
                case JsonTokenType.Number:
                    Number(name);
                    return;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Structured(name);
                    return;
            }
        }

        private void Number(ReadOnlySpan<byte> name)
        {
            if (!_reader.TryGetInt64(out var value))
                return;
            if (name.SequenceEqual("max_completion_tokens"u8) || name.SequenceEqual("max_tokens"u8))
                _scan.MaxOutputTokens = value;
            else if (name.SequenceEqual("n"u8) && value > 1)
                Add(RequestFeatures.SeveralChoices);
        }

        private void Structured(ReadOnlySpan<byte> name)
        {
            var start = (int)_reader.TokenStartIndex;
            _reader.Skip();
            var value = _body[start..(int)_reader.BytesConsumed];
            if (name.SequenceEqual("stream_options"u8))
                _scan.StreamUsage = Flag(value, "include_usage"u8);
            else if (name.SequenceEqual("stop"u8))
                Add(value.Contains((byte)'"') ? RequestFeatures.StopSequences : RequestFeatures.None);
            else if (name.SequenceEqual("tool_choice"u8) || name.SequenceEqual("function_call"u8))
                Add(TypeIs(value, "allowed_tools"u8) && value.IndexOf("\"required\""u8) < 0 ? RequestFeatures.None : RequestFeatures.ForcedTool);
            else if (name.SequenceEqual("response_format"u8))
                ResponseFormat(value);
            else if (name.SequenceEqual("reasoning"u8) || name.SequenceEqual("thinking"u8) && !TypeIs(value, "disabled"u8))
                Add(RequestFeatures.Reasoning);
            else if (name.SequenceEqual("web_search_options"u8))
                Add(RequestFeatures.ServerTools);
        }

        private void ResponseFormat(ReadOnlySpan<byte> value)
        {
            if (TypeIs(value, "json_schema"u8))
            {
                Add(RequestFeatures.JsonSchema);
                _textBytes += value.Length;
            }
            else if (TypeIs(value, "json_object"u8))
            {
                Add(RequestFeatures.JsonObject);
            }
        }

        private void Tools(bool isFunctions)
        {
            var start = (int)_reader.TokenStartIndex;
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                _scan.ToolCount++;
                var toolStart = (int)_reader.TokenStartIndex;
                _reader.Skip();
                var tool = _body[toolStart..(int)_reader.BytesConsumed];
                var isServerTool = !isFunctions && tool.IndexOf("\"type\""u8) >= 0 && !TypeIs(tool, "function"u8) && !TypeIs(tool, "custom"u8);
                Add(RequestFeatures.Tools | (isServerTool ? RequestFeatures.ServerTools : RequestFeatures.None));
            }

            _textBytes += (int)_reader.BytesConsumed - start;
        }

        private void Messages()
        {
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                _scan.TurnCount++;
                if (_reader.TokenType == JsonTokenType.StartObject)
                    Message();
                else
                    _reader.Skip();
            }
        }

        private void Message()
        {
            var isUser = false;
            var isModel = false;
            var hash = new PrefixHasher();
            var hashed = false;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                if (name.SequenceEqual("role"u8) && _reader.TokenType == JsonTokenType.String)
                {
                    isUser = _reader.TextIs("user"u8);
                    isModel = _reader.TextIs("assistant"u8) || _reader.TextIs("tool"u8) || _reader.TextIs("function"u8);
                }
                else if (name.SequenceEqual("content"u8))
                {
                    Content(ref hash);
                    hashed = true;
                }
                else
                {
                    var start = (int)_reader.TokenStartIndex;
                    _reader.Skip();
                    _textBytes += (int)_reader.BytesConsumed - start;
                }
            }

            if (_prefixDone || isModel || !hashed)
                return;
            Span<byte> bytes = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.Value);
            _prefix.Add(bytes);
            (_prefixAny, _prefixDone) = (true, isUser);
        }

        // A text counts the same whether it stands as a string or as the only part, and with or without a cache breakpoint:
        // agents move their breakpoint from turn to turn.
        private void Content(ref PrefixHasher hash)
        {
            if (_reader.TokenType == JsonTokenType.String)
            {
                _textBytes += _reader.ValueSpan.Length;
                if (!_prefixDone)
                    hash.Add(_reader.ValueSpan);
                return;
            }

            if (_reader.TokenType != JsonTokenType.StartArray)
            {
                _reader.Skip();
                return;
            }

            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (_reader.TokenType == JsonTokenType.StartObject)
                    Part(ref hash);
                else
                    _reader.Skip();
            }
        }

        private void Part(ref PrefixHasher hash)
        {
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = _reader.ValueSpan;
                _reader.Read();
                var start = (int)_reader.TokenStartIndex;
                if (_reader.TokenType == JsonTokenType.String)
                {
                    if (!name.SequenceEqual("text"u8))
                        continue; // the type: told by the other property
                    _textBytes += _reader.ValueSpan.Length;
                    if (!_prefixDone)
                        hash.Add(_reader.ValueSpan);
                    continue;
                }

                _reader.Skip();
                var value = _body[start..(int)_reader.BytesConsumed];
                if (name.SequenceEqual("cache_control"u8))
                    continue;
                Media(name, value);
                if (!_prefixDone)
                    hash.Add(value);
            }
        }

        private void Media(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (name.SequenceEqual("image_url"u8))
            {
                _images++;
                Add(RequestFeatures.Images | (value.IndexOf("\"data:"u8) < 0 ? RequestFeatures.MediaByUrl : RequestFeatures.None));
            }
            else if (name.SequenceEqual("file"u8))
            {
                _images++; // a page or two
                Add(RequestFeatures.Documents | (value.IndexOf("\"file_id\""u8) >= 0 ? RequestFeatures.VendorState : RequestFeatures.None));
            }
            else if (name.SequenceEqual("input_audio"u8))
            {
                Add(RequestFeatures.Audio);
            }
            else if (name.SequenceEqual("video_url"u8))
            {
                Add(RequestFeatures.Video);
            }
            else
            {
                _textBytes += value.Length;
            }
        }

        private readonly void Add(RequestFeatures features) => _scan.Features |= features;

        private readonly ReadOnlyMemory<byte> Token() => _body.Slice((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2).ToArray();

        // Whether the object's own "type" is the word. Looks at top-level properties only, so that a schema's "type" does not count.
        private static bool TypeIs(ReadOnlySpan<byte> value, ReadOnlySpan<byte> word)
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.TextIs("type"u8);
                reader.Read();
                if (isType)
                    return reader.TokenType == JsonTokenType.String && reader.TextIs(word);
                reader.Skip();
            }

            return false;
        }

        private static bool Flag(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name)
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            var flag = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isName = reader.TextIs(name);
                reader.Read();
                flag = isName ? reader.TokenType == JsonTokenType.True : flag;
                reader.Skip();
            }

            return flag;
        }
    }
}
