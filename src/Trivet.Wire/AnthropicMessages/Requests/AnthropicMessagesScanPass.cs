using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>The state of one scan: counters that become an estimate, the hash of the beginning, the ranges of foreign thoughts.</summary>
internal ref struct AnthropicMessagesScanPass(RequestScan scan)
{
    // Bytes of UTF-8 per token over the English, Chinese and JSON of the corpus, between 3.0 (JSON) and 4.3 (English).
    private const double BytesPerToken = 3.6;
    private const int TokensPerImage = 1500;
    private const int TokensPerDocument = 3000;

    private readonly RequestScan _scan = scan;
    private PrefixHash _systemHash;
    private PrefixHash _firstUserHash;
    private long _textBytes;
    private long _mediaTokens;
    private bool _hasHashedUser;
    private bool _isThinking;
    private bool _hasEffort;

    public WireError? Run(ref JsonCursor reader, ReadOnlySpan<byte> body)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return AnthropicMessagesScan.Invalid("body", "a JSON object is expected.");
        var hasMessages = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (nameStart, nameLength) = ((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
            var name = reader.ValueSpan;
            reader.Read();
            var valueStart = (int)reader.TokenStartIndex;
            if (name.SequenceEqual("messages"u8))
            {
                if (reader.TokenType != JsonTokenType.StartArray)
                    return AnthropicMessagesScan.Invalid("messages", "an array is expected.");
                hasMessages = true;
                Messages(ref reader, body);
            }
            else
            {
                Field(name, ref reader, body, new FieldSpan(nameStart, nameLength, valueStart, 0));
            }

            reader.Skip();
            _scan.AddField(new FieldSpan(nameStart, nameLength, valueStart, (int)reader.BytesConsumed - valueStart));
        }

        while (reader.Read())
        {
            // Anything behind the object is an error, which the reader throws.
        }

        if (!hasMessages)
            return AnthropicMessagesScan.Invalid("messages", "this field is required.");
        Finish();
        return null;
    }

    private readonly void Finish()
    {
        _scan.StreamUsage = true;
        if (_isThinking || _hasEffort)
            _scan.Features |= RequestFeatures.Reasoning;
        _scan.InputTokensEstimate = (long)(_textBytes / BytesPerToken) + _mediaTokens + (4 * _scan.TurnCount) + 8;
        var hash = _systemHash;
        Span<byte> user = stackalloc byte[8];
        BitConverter.TryWriteBytes(user, _firstUserHash.Value);
        if (_systemHash.Value != 0 || _firstUserHash.Value != 0)
            hash.Add(user);
        _scan.PrefixHash = hash.Value;
    }

    private void Field(ReadOnlySpan<byte> name, ref JsonCursor reader, ReadOnlySpan<byte> body, FieldSpan span)
    {
        if (name.SequenceEqual("model"u8) && reader.TokenType == JsonTokenType.String)
        {
            _scan.Model = JsonText.FromToken(body.Slice(span.ValueStart, reader.ValueSpan.Length + 2).ToArray()).ToString();
            _scan.ModelField = span with { ValueLength = reader.ValueSpan.Length + 2 };
        }
        else if (name.SequenceEqual("stream"u8))
        {
            _scan.Stream = reader.TokenType == JsonTokenType.True;
        }
        else if (name.SequenceEqual("max_tokens"u8))
        {
            _scan.MaxOutputTokens = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var limit) ? limit : null;
        }
        else if (name.SequenceEqual("system"u8))
        {
            Content(ref reader, body, ref _systemHash, isHashed: true, out _);
        }
        else if (name.SequenceEqual("tools"u8))
        {
            Tools(ref reader, body);
        }
        else if (name.SequenceEqual("tool_choice"u8))
        {
            ToolChoice(ref reader);
        }
        else if (name.SequenceEqual("thinking"u8))
        {
            _isThinking = TypeOf(ref reader) is TypeWord.On;
        }
        else if (name.SequenceEqual("output_config"u8))
        {
            OutputConfig(ref reader);
        }
        else if (name.SequenceEqual("output_format"u8))
        {
            _scan.Features |= reader.TokenType == JsonTokenType.StartObject ? RequestFeatures.JsonSchema : RequestFeatures.None;
        }
        else if (name.SequenceEqual("stop_sequences"u8))
        {
            StopSequences(ref reader);
        }
        else if (name.SequenceEqual("container"u8) || name.SequenceEqual("thread"u8))
        {
            _scan.Features |= reader.TokenType == JsonTokenType.Null ? RequestFeatures.None : RequestFeatures.VendorState;
        }
        else if (name.SequenceEqual("mcp_servers"u8))
        {
            _scan.Features |= reader.TokenType == JsonTokenType.Null ? RequestFeatures.None : RequestFeatures.ServerTools;
        }
    }

    private void Messages(ref JsonCursor reader, ReadOnlySpan<byte> body)
    {
        var ranges = new ForeignRanges(_scan.ForeignReasoning);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _scan.TurnCount++;
            var start = (int)reader.TokenStartIndex;
            ranges.OnElement(start);
            var before = _scan.ForeignReasoning.Count;
            var isAllForeign = Message(ref reader, body);
            var end = (int)reader.BytesConsumed;
            if (isAllForeign)
                _scan.ForeignReasoning.RemoveRange(before, _scan.ForeignReasoning.Count - before); // the whole message goes: no vendor takes an empty one
            ranges.OnElementEnd(start, end, isAllForeign);
        }

        ranges.OnArrayEnd();
    }

    // Returns whether the message held nothing but foreign thoughts.
    private bool Message(ref JsonCursor reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isAllForeign = false;
        var isUser = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("role"u8) && reader.TokenType == JsonTokenType.String)
            {
                isUser = reader.TextIs("user"u8);
                if (!isUser && reader.TextIs("system"u8))
                    _scan.Features |= RequestFeatures.SystemInConversation;
            }
            else if (name.SequenceEqual("content"u8))
                Content(ref reader, body, ref _firstUserHash, isHashed: !_hasHashedUser, out isAllForeign);
            reader.Skip();
        }

        if (!_hasHashedUser && isUser)
            _hasHashedUser = true;
        else if (!_hasHashedUser)
            _firstUserHash = default;
        return isAllForeign;
    }

    private void Content(ref JsonCursor reader, ReadOnlySpan<byte> body, scoped ref PrefixHash hash, bool isHashed, out bool isAllForeign)
    {
        isAllForeign = false;
        if (reader.TokenType == JsonTokenType.String)
        {
            _textBytes += reader.ValueSpan.Length;
            if (isHashed)
                hash.Add(reader.ValueSpan);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
            return;
        var ranges = new ForeignRanges(_scan.ForeignReasoning);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            ranges.OnElement(start);
            var isForeign = Block(ref reader, body, ref hash, isHashed, depth: 0);
            ranges.OnElementEnd(start, (int)reader.BytesConsumed, isForeign);
        }

        ranges.OnArrayEnd();
        isAllForeign = ranges.IsAllForeign;
    }

    // Returns whether the block is a foreign thought.
    private bool Block(ref JsonCursor reader, ReadOnlySpan<byte> body, scoped ref PrefixHash hash, bool isHashed, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isForeign = false;
        var (contentAt, isFailed) = (-1, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("content"u8))
                contentAt = (int)reader.TokenStartIndex;
            else if (reader.TokenType == JsonTokenType.True && name.SequenceEqual("is_error"u8))
                isFailed = true;
            if (reader.TokenType == JsonTokenType.String)
            {
                var value = reader.ValueSpan;
                if (name.SequenceEqual("signature"u8) || name.SequenceEqual("data"u8))
                    isForeign = ForeignSignature.IsForeign(value);
                else if (name.SequenceEqual("type"u8))
                    BlockType(value);
                else if (!name.SequenceEqual("data"u8) && !name.SequenceEqual("encrypted_content"u8) && !name.SequenceEqual("tool_use_id"u8))
                    _textBytes += value.Length;
                if (isHashed && !IsBillingHeader(value))
                    hash.Add(value);
            }
            else if (name.SequenceEqual("cache_control"u8))
            {
                reader.Skip();
            }
            else if (name.SequenceEqual("source"u8) && reader.TokenType == JsonTokenType.StartObject)
            {
                Source(ref reader, ref hash, isHashed);
            }
            else if (name.SequenceEqual("content"u8) && reader.TokenType == JsonTokenType.StartArray && depth < 8)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Block(ref reader, body, ref hash, isHashed, depth + 1);
            }
            else
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var raw = body[start..(int)reader.BytesConsumed];
                _textBytes += raw.Length;
                if (isHashed)
                    hash.Add(raw);
            }
        }

        if (isFailed && contentAt >= 0)
            _scan.FailedResults.Add(contentAt);
        return isForeign;
    }

    // Claude Code puts a block with its version and a digest first; the digest may change from turn to turn of one conversation (WIRE_FACTS §3.6).
    private static bool IsBillingHeader(ReadOnlySpan<byte> value) => value.StartsWith("x-anthropic-billing-header"u8);

    private readonly void BlockType(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("image"u8))
            _scan.Features |= RequestFeatures.Images;
        else if (type.SequenceEqual("document"u8))
            _scan.Features |= RequestFeatures.Documents;
        else if (type.SequenceEqual("container_upload"u8))
            _scan.Features |= RequestFeatures.VendorState;
    }

    private void Source(ref JsonCursor reader, scoped ref PrefixHash hash, bool isHashed)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                var value = reader.ValueSpan;
                if (name.SequenceEqual("url"u8))
                    (_scan.Features, _mediaTokens) = (_scan.Features | RequestFeatures.MediaByUrl, _mediaTokens + TokensPerImage);
                else if (name.SequenceEqual("file_id"u8))
                    (_scan.Features, _mediaTokens) = (_scan.Features | RequestFeatures.VendorState, _mediaTokens + TokensPerImage);
                else if (name.SequenceEqual("data"u8) && value[..Math.Min(512, value.Length)].Contains((byte)' '))
                    _textBytes += value.Length; // a document as plain text; base64 has no blanks
                else if (name.SequenceEqual("data"u8))
                    _mediaTokens += value.StartsWith("JVBER"u8) ? TokensPerDocument : TokensPerImage; // JVBER: "%PDF" in base64
                if (isHashed)
                    hash.Add(value);
            }
            else
            {
                var start = reader.BytesConsumed;
                reader.Skip();
                _textBytes += reader.BytesConsumed - start;
            }
        }
    }

    private void Tools(ref JsonCursor reader, ReadOnlySpan<byte> body)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = reader.TokenStartIndex;
            _scan.ToolCount++;
            _scan.Features |= RequestFeatures.Tools;
            if (reader.TokenType == JsonTokenType.StartObject && TypeOf(ref reader) is TypeWord.Other)
                _scan.Features |= RequestFeatures.ServerTools;
            else
                reader.Skip();
            _textBytes += reader.BytesConsumed - start;
        }
    }

    private readonly void ToolChoice(ref JsonCursor reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isSwitch) = (reader.TextIs("type"u8), reader.TextIs("disable_parallel_tool_use"u8));
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String && (reader.TextIs("any"u8) || reader.TextIs("tool"u8)))
                _scan.Features |= RequestFeatures.ForcedTool;
            else if (isSwitch && reader.TokenType == JsonTokenType.True)
                _scan.Features |= RequestFeatures.SingleToolCall;
            reader.Skip();
        }
    }

    private void OutputConfig(ref JsonCursor reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isFormat, isEffort) = (reader.TextIs("format"u8), reader.TextIs("effort"u8));
            reader.Read();
            _hasEffort |= isEffort && reader.TokenType == JsonTokenType.String;
            if (isFormat && reader.TokenType == JsonTokenType.StartObject)
                _scan.Features |= RequestFeatures.JsonSchema;
            reader.Skip();
        }
    }

    private enum TypeWord
    {
        None,
        On,
        Custom,
        Other,
    }

    // Reads an object's "type" and moves to the object's end.
    private static TypeWord TypeOf(ref JsonCursor reader)
    {
        var found = TypeWord.None;
        if (reader.TokenType != JsonTokenType.StartObject)
            return found;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.TextIs("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                found = reader.TextIs("enabled"u8) || reader.TextIs("adaptive"u8) ? TypeWord.On : reader.TextIs("custom"u8) ? TypeWord.Custom : TypeWord.Other;
            reader.Skip();
        }

        return found;
    }

    private readonly void StopSequences(ref JsonCursor reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _scan.Features |= RequestFeatures.StopSequences;
            reader.Skip();
        }
    }
}
