using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>The state of one scan: counters that become an estimate, the hash of the beginning, the ranges of foreign signatures.</summary>
internal ref struct GeminiScanPass(ReadOnlySpan<byte> body, RequestScan scan)
{
    // Bytes of UTF-8 per token over the English, Chinese and JSON of the corpus; a picture costs 258 to 1,500 tokens by its size.
    private const double BytesPerToken = 3.6;
    private const int TokensPerImage = 1500;
    private const int TokensPerDocument = 3000;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly RequestScan _scan = scan;
    private JsonCursor _reader = new(body);
    private PrefixHasher _prefix;
    private PrefixHasher _system;
    private bool _hasPrefix;
    private bool _hasSystem;
    private long _textBytes;
    private long _mediaTokens;

    public bool Run()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
            return false;
        Body(isTop: true);
        while (_reader.Read())
        {
            // anything behind the object is an error, which the reader throws
        }

        _scan.StreamUsage = true;
        _scan.InputTokensEstimate = (long)(_textBytes / BytesPerToken) + _mediaTokens + (4 * _scan.TurnCount) + 8;
        if (_hasPrefix || _hasSystem)
        {
            Span<byte> system = stackalloc byte[8];
            BitConverter.TryWriteBytes(system, _system.Value);
            _prefix.Add(_hasSystem ? system : default);
            _scan.PrefixHash = _prefix.Value;
        }

        return true;
    }

    private void Body(bool isTop)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (nameStart, nameLength) = ((int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2);
            var name = _reader.ValueSpan;
            _reader.Read();
            var valueStart = (int)_reader.TokenStartIndex;
            Field(name);
            _reader.Skip();
            if (isTop)
                _scan.AddField(new FieldSpan(nameStart, nameLength, valueStart, (int)_reader.BytesConsumed - valueStart));
        }
    }

    private void Field(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("contents"u8))
            Contents();
        else if (GeminiNames.Same(name, "systemInstruction"u8))
            Content(isSystem: true);
        else if (name.SequenceEqual("tools"u8))
            Tools();
        else if (GeminiNames.Same(name, "toolConfig"u8))
            ToolConfig();
        else if (GeminiNames.Same(name, "generationConfig"u8))
            Config();
        else if (GeminiNames.Same(name, "cachedContent"u8) && _reader.TokenType == JsonTokenType.String)
            Add(RequestFeatures.VendorState);
        else if (GeminiNames.Same(name, "generateContentRequest"u8) && _reader.TokenType == JsonTokenType.StartObject)
            Body(isTop: false);
    }

    private void Contents()
    {
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            Content(isSystem: false);
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
            return;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.StartObject)
                Content(isSystem: false);
            else
                _reader.Skip();
        }
    }

    private void Content(bool isSystem)
    {
        if (_reader.TokenType == JsonTokenType.String && isSystem)
        {
            Text(_reader.ValueSpan, ref _system, isHashed: true);
            _hasSystem = true;
        }

        if (_reader.TokenType != JsonTokenType.StartObject)
            return;
        var hash = new PrefixHasher();
        var isHashed = isSystem || !_hasPrefix;
        var isModel = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isRole, isParts) = (_reader.TextIs("role"u8), _reader.TextIs("parts"u8));
            _reader.Read();
            if (isRole && _reader.TokenType == JsonTokenType.String)
                isModel = _reader.TextIs("model"u8);
            else if (isParts)
                Parts(ref hash, isHashed);
            _reader.Skip();
        }

        if (isSystem)
        {
            (_system, _hasSystem) = (hash, true);
            return;
        }

        _scan.TurnCount++;
        if (isHashed && !isModel)
            (_prefix, _hasPrefix) = (hash, true); // the first words of the user
    }

    private void Parts(scoped ref PrefixHasher hash, bool isHashed)
    {
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            Part(ref hash, isHashed);
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
            return;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType == JsonTokenType.StartObject)
                Part(ref hash, isHashed);
            else
                _reader.Skip();
        }
    }

    private void Part(scoped ref PrefixHasher hash, bool isHashed)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)_reader.TokenStartIndex;
            var name = _reader.ValueSpan;
            _reader.Read();
            var start = (int)_reader.TokenStartIndex;
            if (_reader.TokenType == JsonTokenType.String)
            {
                if (!GeminiNames.Same(name, "thoughtSignature"u8))
                    Text(_reader.ValueSpan, ref hash, isHashed);
                else if (ForeignSignature.IsForeign(_reader.ValueSpan))
                    LeaveOut(nameStart, (int)_reader.BytesConsumed);
                continue;
            }

            if (_reader.TokenType == JsonTokenType.StartObject && (GeminiNames.Same(name, "inlineData"u8) || GeminiNames.Same(name, "fileData"u8)))
            {
                Media(ref hash, isHashed);
                continue;
            }

            _reader.Skip();
            var value = _body[start..(int)_reader.BytesConsumed];
            if (!name.SequenceEqual("thought"u8))
                Text(value, ref hash, isHashed);
        }
    }

    private void Text(ReadOnlySpan<byte> text, scoped ref PrefixHasher hash, bool isHashed)
    {
        _textBytes += text.Length;
        if (isHashed)
            hash.Add(text);
    }

    private void Media(scoped ref PrefixHasher hash, bool isHashed)
    {
        var (feature, isStored, isUrl) = (RequestFeatures.Documents, false, false);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.ValueSpan;
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.String)
            {
                _reader.Skip();
                continue;
            }

            var value = _reader.ValueSpan;
            if (isHashed)
                hash.Add(value);
            if (GeminiNames.Same(name, "mimeType"u8))
            {
                feature = value.StartsWith("image/"u8) ? RequestFeatures.Images : value.StartsWith("audio/"u8) ? RequestFeatures.Audio : value.StartsWith("video/"u8) ? RequestFeatures.Video : RequestFeatures.Documents;
            }
            else if (GeminiNames.Same(name, "fileUri"u8))
            {
                isStored = value.StartsWith("gs://"u8) || value.StartsWith("files/"u8) || value.StartsWith("https://generativelanguage.googleapis.com/"u8);
                isUrl = !isStored;
            }
        }

        _mediaTokens += feature == RequestFeatures.Images ? TokensPerImage : TokensPerDocument;
        Add(feature | (isStored ? RequestFeatures.VendorState : RequestFeatures.None) | (isUrl && feature is RequestFeatures.Images or RequestFeatures.Documents ? RequestFeatures.MediaByUrl : RequestFeatures.None));
    }

    // The property with one of the commas around it, so that the part stays legal.
    private readonly void LeaveOut(int start, int end)
    {
        var after = end;
        while (after < _body.Length && _body[after] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            after++;
        if (after < _body.Length && _body[after] == (byte)',')
        {
            _scan.ForeignReasoning.Add((start, after + 1 - start));
            return;
        }

        var before = start;
        while (before > 0 && _body[before - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            before--;
        if (before > 0 && _body[before - 1] == (byte)',')
            start = before - 1;
        _scan.ForeignReasoning.Add((start, end - start));
    }

    private void Tools()
    {
        var start = _reader.TokenStartIndex;
        if (_reader.TokenType == JsonTokenType.StartObject)
        {
            Tool();
        }
        else if (_reader.TokenType == JsonTokenType.StartArray)
        {
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (_reader.TokenType == JsonTokenType.StartObject)
                    Tool();
                else
                    _reader.Skip();
            }
        }

        _textBytes += _reader.BytesConsumed - start;
    }

    private void Tool()
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFunctions = GeminiNames.Same(_reader.ValueSpan, "functionDeclarations"u8);
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.Null)
                continue;
            if (!isFunctions)
            {
                _scan.ToolCount++;
                Add(RequestFeatures.Tools | RequestFeatures.ServerTools);
            }
            else if (_reader.TokenType == JsonTokenType.StartArray)
            {
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    _scan.ToolCount++;
                    Add(RequestFeatures.Tools);
                    _reader.Skip();
                }
            }

            _reader.Skip();
        }
    }

    private void ToolConfig()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            return;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCalling = GeminiNames.Same(_reader.ValueSpan, "functionCallingConfig"u8);
            _reader.Read();
            if (!isCalling || _reader.TokenType != JsonTokenType.StartObject)
            {
                _reader.Skip();
                continue;
            }

            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMode = _reader.TextIs("mode"u8);
                _reader.Read();
                if (isMode && _reader.TokenType == JsonTokenType.String && (_reader.TextIs("ANY"u8) || _reader.TextIs("any"u8)))
                    Add(RequestFeatures.ForcedTool);
                _reader.Skip();
            }
        }
    }

    private void Config()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            return;
        var (isJson, hasSchema) = (false, false);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.ValueSpan;
            _reader.Read();
            if (GeminiNames.Same(name, "maxOutputTokens"u8))
                _scan.MaxOutputTokens = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var bound) ? bound : _scan.MaxOutputTokens;
            else if (GeminiNames.Same(name, "stopSequences"u8))
                Add(_reader.TokenType == JsonTokenType.StartArray && _body[(int)_reader.BytesConsumed..].TrimStart(" \t\r\n"u8) is not [(byte)']', ..] ? RequestFeatures.StopSequences : RequestFeatures.None);
            else if (GeminiNames.Same(name, "candidateCount"u8))
                Add(_reader.GetInt64OrZero() > 1 ? RequestFeatures.SeveralChoices : RequestFeatures.None);
            else if (GeminiNames.Same(name, "responseLogprobs"u8))
                Add(_reader.TokenType == JsonTokenType.True ? RequestFeatures.LogProbs : RequestFeatures.None);
            else if (GeminiNames.Same(name, "responseMimeType"u8))
                isJson = _reader.TokenType == JsonTokenType.String && _reader.TextIs("application/json"u8);
            else if (GeminiNames.Same(name, "responseSchema"u8) || GeminiNames.Same(name, "responseJsonSchema"u8))
                hasSchema = _reader.TokenType == JsonTokenType.StartObject;
            else if (GeminiNames.Same(name, "thinkingConfig"u8))
                Thinking();
            _reader.Skip();
        }

        if (isJson)
            Add(hasSchema ? RequestFeatures.JsonSchema : RequestFeatures.JsonObject);
    }

    private void Thinking()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
            return;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isBudget, isLevel) = (GeminiNames.Same(_reader.ValueSpan, "thinkingBudget"u8), GeminiNames.Same(_reader.ValueSpan, "thinkingLevel"u8));
            _reader.Read();
            if ((isBudget && _reader.GetInt64OrZero() != 0) || (isLevel && _reader.TokenType == JsonTokenType.String))
                Add(RequestFeatures.Reasoning);
            _reader.Skip();
        }
    }

    private readonly void Add(RequestFeatures features) => _scan.Features |= features;
}
