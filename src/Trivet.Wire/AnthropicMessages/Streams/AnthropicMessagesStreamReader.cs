using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.Sse;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>
/// Reads Anthropic's events. Lenient: indices may repeat or be missing, starts may be left out or hold content, <c>event:</c> lines are not needed.
/// A broken event that may have held content ends the stream with an error, for a word lost in silence is worse; broken pings and events of unknown
/// names are skipped and counted. The answer is complete with message_stop, or at a clean end of bytes once a stop reason was seen.
/// </summary>
public sealed class AnthropicMessagesStreamReader : IStreamReader
{
    private readonly IStreamSink _sink;
    private readonly AnthropicMessagesStreamBlocks _blocks;
    private readonly UnsaidFields _unsaid = new();
    private bool _hasStarted;
    private bool _hasEnded;
    private byte[] _serviceTier = [];
    private Usage? _usage;
    private StopReason _stopReason;
    private string? _nativeReason;
    private JsonText _stopSequence;

    /// <summary>A reader that tells <paramref name="sink"/>.</summary>
    public AnthropicMessagesStreamReader(IStreamSink sink, AnthropicMessagesDialect dialect)
    {
        _sink = sink;
        _blocks = new AnthropicMessagesStreamBlocks(sink, dialect);
    }

    /// <summary>The stream has said that it is complete, or why it ended.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Real content has come.</summary>
    public bool HasContent => _blocks.HasContent;

    /// <summary>Events that were no JSON.</summary>
    public int MalformedEvents { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Unsaid => _unsaid.Names;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ServiceTier => _serviceTier;

    /// <inheritdoc/>
    public bool SkipsMalformed { get; set; }

    /// <inheritdoc/>
    public void OnEvent(in SseEvent e)
    {
        if (!e.HasData || _hasEnded)
            return;
        if (!Utf8.IsValid(e.Data))
        {
            OnMalformed(e);
            return;
        }

        try
        {
            Read(e.Name, e.Data);
        }
        catch (JsonException)
        {
            OnMalformed(e);
        }
    }

    /// <summary>The bytes have ended.</summary>
    public void Complete()
    {
        if (_hasEnded)
            return;
        if (IsComplete)
            End();
        else
            Fail(new WireError { Class = ErrorClass.Server, Message = "The upstream's stream ended before the answer did.", Code = "upstream_stream_truncated" });
    }

    private void OnMalformed(in SseEvent e)
    {
        if (e.Data.StartsWith("[DONE]"u8))
            return;
        MalformedEvents++;
        var mayHoldContent = e.Name.IsEmpty || e.Name.StartsWith("content_block"u8) || e.Name.StartsWith("message"u8) || e.Name.SequenceEqual("error"u8);
        if (mayHoldContent && !SkipsMalformed)
            Fail(new WireError { Class = ErrorClass.Server, Message = "The upstream sent an event that is not valid JSON.", Code = "upstream_invalid_event" });
    }

    private void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data)
    {
        var parts = new EventParts { HasError = eventName.SequenceEqual("error"u8) };
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
                parts.Type = reader.ValueSpan;
            else if (name.SequenceEqual("index"u8) && reader.TokenType == JsonTokenType.Number)
                parts.Index = reader.TryGetInt32(out var index) ? index : -1;
            else if (name.SequenceEqual("delta"u8) && reader.TokenType == JsonTokenType.StartObject)
                ReadDelta(ref reader, data, ref parts);
            else if (name.SequenceEqual("usage"u8) && reader.TokenType == JsonTokenType.StartObject)
                Usage(ref reader, data);
            else if (name.SequenceEqual("content_block"u8) || name.SequenceEqual("message"u8))
                parts.Body = Raw(ref reader, data);
            else if (name.SequenceEqual("error"u8))
                parts.HasError |= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
            else if (name.SequenceEqual("base_resp"u8) && reader.TokenType == JsonTokenType.StartObject)
                parts.HasError |= OpenAIChatTap.IsBaseRespError(ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject) // context_management, Bedrock's own metrics
                _unsaid.Add("", name);
            reader.Skip();
        }

        while (reader.Read())
        {
            // Anything behind the object is an error, which the reader throws.
        }

        Dispatch(parts, data);
    }

    private void Usage(ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (!AnthropicMessagesUsage.ServerToolsOf(reader, data).IsEmpty)
            _unsaid.Add(AnthropicMessagesUsage.Prefix, "server_tool_use"u8);
        _usage = AnthropicMessagesUsage.Read(ref reader, _usage);
    }

    private void Dispatch(in EventParts parts, ReadOnlySpan<byte> data)
    {
        if (parts.HasError || parts.Type.SequenceEqual("error"u8))
        {
            Fail(ErrorReader.Read(0, data));
        }
        else if (parts.Type.SequenceEqual("content_block_delta"u8))
        {
            Start(default);
            _blocks.Delta(parts.Index, parts.DeltaType, parts.DeltaValue);
        }
        else if (parts.Type.SequenceEqual("content_block_start"u8))
        {
            Start(default);
            _blocks.Start(parts.Index, parts.Body.ToArray());
        }
        else if (parts.Type.SequenceEqual("content_block_stop"u8))
        {
            _blocks.Stop(parts.Index);
        }
        else if (parts.Type.SequenceEqual("message_start"u8))
        {
            Start(parts.Body);
        }
        else if (parts.Type.SequenceEqual("message_delta"u8))
        {
            Start(default);
            Stopping(parts);
        }
        else if (parts.Type.SequenceEqual("message_stop"u8))
        {
            Start(default);
            End();
        }
        else if (parts.Type.IsEmpty && ErrorReader.InPlaceOfAnswer(data) is { } told)
        {
            Fail(told); // a vendor's own words for a failure
        }
    }

    private void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref EventParts parts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String)
                parts.DeltaType = reader.ValueSpan;
            else if (name.SequenceEqual("stop_reason"u8))
                parts.StopReason = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
            else if (name.SequenceEqual("stop_sequence"u8))
                parts.StopSequence = reader.TokenType == JsonTokenType.String ? Raw(ref reader, data) : default;
            else if (IsDeltaValue(name))
                parts.DeltaValue = reader.TokenType == JsonTokenType.Null ? default : Raw(ref reader, data);
            else if (reader.TokenType == JsonTokenType.StartObject) // container, stop_details
                _unsaid.Add("", name);
            reader.Skip();
        }
    }

    private static bool IsDeltaValue(ReadOnlySpan<byte> name) => name.SequenceEqual("text"u8) || name.SequenceEqual("partial_json"u8) || name.SequenceEqual("thinking"u8)
        || name.SequenceEqual("signature"u8) || name.SequenceEqual("citation"u8) || name.SequenceEqual("content"u8);

    private static ReadOnlySpan<byte> Raw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return data[start..(int)reader.BytesConsumed];
    }

    private void Start(ReadOnlySpan<byte> message)
    {
        if (_hasStarted)
            return;
        _hasStarted = true;
        var (id, model) = ("", "");
        if (!message.IsEmpty && message[0] == (byte)'{')
        {
            var reader = new Utf8JsonReader(message);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
                    id = Encoding.UTF8.GetString(reader.ValueSpan);
                else if (name.SequenceEqual("model"u8) && reader.TokenType == JsonTokenType.String)
                    model = Encoding.UTF8.GetString(reader.ValueSpan);
                else if (name.SequenceEqual("usage"u8) && reader.TokenType == JsonTokenType.StartObject)
                {
                    _serviceTier = AnthropicMessagesUsage.ServiceTierOf(reader).ToArray();
                    _usage = AnthropicMessagesUsage.Read(ref reader, _usage);
                }

                reader.Skip();
            }
        }

        _sink.OnStart(new StreamStart(id, model, 0));
        if (_usage is { } usage)
            _sink.OnUsage(usage);
    }

    // The stop reason waits for the end, so that it is told once, with the last usage before it.
    private void Stopping(in EventParts parts)
    {
        if (_usage is { } usage)
            _sink.OnUsage(usage);
        if (parts.StopReason.IsEmpty)
            return;
        IsComplete = true;
        _stopReason = AnthropicMessagesStopReasons.Read(parts.StopReason);
        _nativeReason = Encoding.UTF8.GetString(parts.StopReason);
        _stopSequence = parts.StopSequence.IsEmpty ? default : JsonText.FromToken(parts.StopSequence.ToArray());
    }

    private void End()
    {
        _blocks.StopAll();
        if (_stopReason == StopReason.ToolCalls && _blocks is { HasAnswerTool: true, HasToolCall: false })
            (_stopReason, _nativeReason) = (StopReason.EndTurn, "end_turn");
        (_hasEnded, IsComplete) = (true, true);
        _sink.OnStop(_stopReason, _nativeReason, _stopSequence);
        _sink.OnEnd();
    }

    private void Fail(WireError error)
    {
        _hasEnded = true;
        _sink.OnError(error);
    }

    /// <summary>What one event holds, as spans of its data.</summary>
    private ref struct EventParts
    {
        public ReadOnlySpan<byte> Type;
        public int Index;
        public ReadOnlySpan<byte> Body;
        public ReadOnlySpan<byte> DeltaType;
        public ReadOnlySpan<byte> DeltaValue;
        public ReadOnlySpan<byte> StopReason;
        public ReadOnlySpan<byte> StopSequence;
        public bool HasError;
    }
}
