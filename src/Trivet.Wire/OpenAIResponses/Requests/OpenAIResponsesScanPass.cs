using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>The state of one scan: counters that become an estimate, the hash of the beginning, the ranges of foreign thoughts.</summary>
internal ref struct OpenAIResponsesScanPass(ReadOnlySpan<byte> body, RequestScan scan)
{
    // As in the other protocols: about 3.6 bytes of JSON text per token over English, code and Chinese.
    private const double BytesPerToken = 3.6;
    private const int TokensPerImage = 1500;
    private const int TokensPerDocument = 3000;
    private const int NestingMax = 8;

    private readonly RequestScan _scan = scan;
    private readonly ReadOnlySpan<byte> _body = body;
    private JsonCursor _reader = new(body);
    private PrefixHash _instructions;
    private PrefixHash _beginning;
    private bool _hasHashedUser;
    private long _textBytes;
    private long _mediaTokens;

    public bool Run()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (nameStart, nameLength) = ((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2);
            var name = _reader.ValueSpan;
            _reader.Read();
            var valueStart = (int)_reader.TokenStartIndex;
            Field(name);
            _reader.Skip();
            var field = new FieldSpan(nameStart, nameLength, valueStart, (int)_reader.BytesConsumed - valueStart);
            _scan.AddField(field);
            if (name.SequenceEqual("model"u8))
                _scan.ModelField = field;
        }

        while (_reader.Read())
        {
            // anything behind the object makes the reader throw
        }

        Finish();
        return true;
    }

    private readonly void Finish()
    {
        _scan.StreamUsage = true;
        _scan.InputTokensEstimate = (long)(_textBytes / BytesPerToken) + _mediaTokens;
        if (_instructions.Value == 0 && _beginning.Value == 0)
            return;
        var hash = _instructions;
        Span<byte> beginning = stackalloc byte[8];
        BitConverter.TryWriteBytes(beginning, _beginning.Value);
        hash.Add(beginning);
        _scan.PrefixHash = hash.Value;
    }

    // Leaves the reader on the value's first or last token.
    private void Field(ReadOnlySpan<byte> name)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray when name.SequenceEqual("input"u8):
                Items();
                break;
            case JsonTokenType.String when name.SequenceEqual("input"u8):
                _scan.TurnCount = 1;
                Text(ref _beginning, !_hasHashedUser);
                break;
            case JsonTokenType.String when name.SequenceEqual("instructions"u8):
                Text(ref _instructions, isHashed: true);
                break;
            case JsonTokenType.StartArray when name.SequenceEqual("tools"u8):
                Tools(nesting: 0);
                break;
            case JsonTokenType.String when name.SequenceEqual("model"u8):
                _scan.Model = _reader.ValueIsEscaped ? JsonText.FromToken(_body.Slice((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2).ToArray()).ToString() : _reader.GetString() ?? "";
                break;
            case JsonTokenType.Number when name.SequenceEqual("max_output_tokens"u8):
                _scan.MaxOutputTokens = _reader.TryGetInt64(out var max) ? max : null;
                break;
            case JsonTokenType.Number when name.SequenceEqual("top_logprobs"u8):
                Add(_reader.TryGetInt64(out var alternatives) && alternatives > 0 ? RequestFeatures.LogProbs : RequestFeatures.None);
                break;
            default:
                Switch(name);
                break;
        }
    }

    private void Switch(ReadOnlySpan<byte> name)
    {
        var type = _reader.TokenType;
        if (name.SequenceEqual("stream"u8))
            _scan.Stream = type == JsonTokenType.True; // the last one counts, as parsers take it
        else if (name.SequenceEqual("parallel_tool_calls"u8))
            Add(type == JsonTokenType.False ? RequestFeatures.SingleToolCall : RequestFeatures.None);
        else if (name.SequenceEqual("background"u8))
            Add(type == JsonTokenType.True ? RequestFeatures.VendorState : RequestFeatures.None);
        else if (name.SequenceEqual("previous_response_id"u8) || name.SequenceEqual("conversation"u8) || name.SequenceEqual("prompt"u8))
            Add(type == JsonTokenType.Null ? RequestFeatures.None : RequestFeatures.VendorState);
        else if (name.SequenceEqual("tool_choice"u8))
            ToolChoice();
        else if (name.SequenceEqual("reasoning"u8) && type == JsonTokenType.StartObject)
            Add(FindText("effort"u8, out var effort) && effort.SequenceEqual("none"u8) ? RequestFeatures.None : RequestFeatures.Reasoning);
        else if (name.SequenceEqual("text"u8) && type == JsonTokenType.StartObject)
            Format();
    }

    private void ToolChoice()
    {
        if (_reader.TokenType == JsonTokenType.String)
        {
            Add(_reader.TextIs("required"u8) ? RequestFeatures.ForcedTool : RequestFeatures.None);
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartObject)
            return;
        var isAllowed = FindText("type"u8, out var type) && type.SequenceEqual("allowed_tools"u8);
        Add(isAllowed && !(FindText("mode"u8, out var mode) && mode.SequenceEqual("required"u8)) ? RequestFeatures.None : RequestFeatures.ForcedTool);
    }

    private void Format()
    {
        var copy = _reader;
        while (copy.Read() && copy.TokenType == JsonTokenType.PropertyName)
        {
            var isFormat = copy.TextIs("format"u8);
            copy.Read();
            var start = (int)copy.TokenStartIndex;
            if (isFormat && copy.TokenType == JsonTokenType.StartObject)
            {
                var kind = FindText(copy, "type"u8, out var type) && type.SequenceEqual("json_schema"u8) ? RequestFeatures.JsonSchema
                    : type.SequenceEqual("json_object"u8) ? RequestFeatures.JsonObject : RequestFeatures.None;
                Add(kind);
                copy.Skip();
                _textBytes += kind == RequestFeatures.JsonSchema ? (int)copy.BytesConsumed - start : 0;
            }

            copy.Skip();
        }
    }

    private void Tools(int nesting)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)_reader.TokenStartIndex;
            var type = default(ReadOnlySpan<byte>);
            if (_reader.TokenType == JsonTokenType.StartObject)
                FindText("type"u8, out type);
            if (type.SequenceEqual("namespace"u8) && nesting == 0)
            {
                Namespace();
                continue;
            }

            _scan.ToolCount++;
            var isClients = type.IsEmpty || type.SequenceEqual("function"u8) || type.SequenceEqual("custom"u8);
            Add(RequestFeatures.Tools | (isClients ? RequestFeatures.None : RequestFeatures.ServerTools));
            _reader.Skip();
            _textBytes += (int)_reader.BytesConsumed - start;
        }
    }

    private void Namespace()
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTools = _reader.TextIs("tools"u8);
            _reader.Read();
            if (isTools && _reader.TokenType == JsonTokenType.StartArray)
                Tools(nesting: 1);
            else if (_reader.TokenType == JsonTokenType.String)
                _textBytes += _reader.ValueSpan.Length;
            _reader.Skip();
        }
    }

    private void Items()
    {
        var ranges = new ForeignRanges(_scan.ForeignReasoning);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _scan.TurnCount++;
            var start = (int)_reader.TokenStartIndex;
            ranges.OnElement(start);
            var isForeign = Item();
            ranges.OnElementEnd(start, (int)_reader.BytesConsumed, isForeign);
        }

        ranges.OnArrayEnd();
    }

    // Returns whether the item is a foreign thought.
    private bool Item()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            _reader.Skip();
            return false;
        }

        var role = !_hasHashedUser && FindText("role"u8, out var word) ? word : default; // looked for in the beginning only: long items would be read twice
        var isUser = role.SequenceEqual("user"u8);
        var isHashed = !_hasHashedUser && (isUser || role.SequenceEqual("system"u8) || role.SequenceEqual("developer"u8));
        var isForeign = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.ValueSpan;
            _reader.Read();
            if (name.SequenceEqual("content"u8) || name.SequenceEqual("output"u8) || name.SequenceEqual("summary"u8))
                Content(isHashed, nesting: 0);
            else if (_reader.TokenType == JsonTokenType.String)
                isForeign |= ItemText(name, _reader.ValueSpan);
            _reader.Skip();
        }

        _hasHashedUser |= isUser;
        return isForeign;
    }

    private bool ItemText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("encrypted_content"u8))
            return ForeignSignature.IsForeign(value);
        if (name.SequenceEqual("type"u8))
        {
            var isKept = value.SequenceEqual("item_reference"u8) || value.SequenceEqual("compaction"u8);
            Add(isKept ? RequestFeatures.VendorState : RequestFeatures.None);
        }
        else if (!name.SequenceEqual("result"u8)) // an image that the vendor made, in base64
        {
            _textBytes += value.Length;
        }

        return false;
    }

    // A text counts the same whether it stands as a string or as the only part.
    private void Content(bool isHashed, int nesting)
    {
        if (_reader.TokenType == JsonTokenType.String)
        {
            Text(ref _beginning, isHashed);
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
            return;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.StartObject && nesting < NestingMax)
                Part(isHashed, nesting);
            else
                _reader.Skip();
        }
    }

    private void Part(bool isHashed, int nesting)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.ValueSpan;
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.String)
                PartText(name, isHashed);
            else if (name.SequenceEqual("content"u8))
                Content(isHashed, nesting + 1);
            _reader.Skip();
        }
    }

    private void PartText(ReadOnlySpan<byte> name, bool isHashed)
    {
        var value = _reader.ValueSpan;
        if (name.SequenceEqual("type"u8))
            PartType(value);
        else if (name.SequenceEqual("image_url"u8) || name.SequenceEqual("file_url"u8) || name.SequenceEqual("file_data"u8))
        {
            Add(name.SequenceEqual("file_data"u8) || value.StartsWith("data:"u8) ? RequestFeatures.None : RequestFeatures.MediaByUrl);
            if (isHashed)
                _beginning.Add(value);
        }
        else if (name.SequenceEqual("file_id"u8))
            Add(RequestFeatures.VendorState);
        else if (name.SequenceEqual("text"u8) || name.SequenceEqual("refusal"u8))
            Text(ref _beginning, isHashed);
    }

    private void PartType(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("input_image"u8))
            (_scan.Features, _mediaTokens) = (_scan.Features | RequestFeatures.Images, _mediaTokens + TokensPerImage);
        else if (type.SequenceEqual("input_file"u8))
            (_scan.Features, _mediaTokens) = (_scan.Features | RequestFeatures.Documents, _mediaTokens + TokensPerDocument);
        else if (type.SequenceEqual("input_audio"u8))
            Add(RequestFeatures.Audio);
        else if (type.SequenceEqual("input_video"u8))
            Add(RequestFeatures.Video);
    }

    private void Text(scoped ref PrefixHash hash, bool isHashed)
    {
        _textBytes += _reader.ValueSpan.Length;
        if (isHashed)
            hash.Add(_reader.ValueSpan);
    }

    private readonly void Add(RequestFeatures features) => _scan.Features |= features;

    private readonly bool FindText(ReadOnlySpan<byte> property, out ReadOnlySpan<byte> text) => FindText(_reader, property, out text);

    // Looks ahead in the object at the reader's position, in a copy: its own properties only, so that a schema's "type" does not count.
    private static bool FindText(JsonCursor reader, ReadOnlySpan<byte> property, out ReadOnlySpan<byte> text)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.TextIs(property);
            reader.Read();
            if (isIt)
            {
                text = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
                return reader.TokenType == JsonTokenType.String;
            }

            reader.Skip();
        }

        text = default;
        return false;
    }
}
