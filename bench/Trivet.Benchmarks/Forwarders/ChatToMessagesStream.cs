using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>Translates Chat chunks to Messages events: text and tool calls, one block open at a time, the usage in <c>message_delta</c>.</summary>
internal sealed class ChatToMessagesStream(PipeWriter to) : IEventRewriter
{
    private readonly Utf8JsonWriter _json = new(to, ParsingForwarder.Json);
    private bool _started;
    private int _index = -1;
    private int _call = -1;             // Chat's index of the tool call whose block is open; -1 for text
    private bool _open;
    private string _stopReason = "end_turn";
    private long _inputTokens, _cachedTokens, _outputTokens;

    public void OnName(ReadOnlySpan<byte> name)
    {
        // Chat streams name no events.
    }

    public void OnData(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var chunk = document.RootElement;
        if (!_started)
            Start(chunk);
        if (chunk.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object)
            TakeUsage(usage);
        foreach (var choice in chunk.GetProperty("choices"u8).EnumerateArray())
        {
            var delta = choice.GetProperty("delta"u8);
            if (delta.TryGetProperty("content"u8, out var text) && text.ValueKind == JsonValueKind.String && !text.ValueEquals(""u8))
                WriteText(text);
            if (delta.TryGetProperty("tool_calls"u8, out var calls))
            {
                foreach (var call in calls.EnumerateArray())
                    WriteCall(call);
            }
            if (choice.TryGetProperty("finish_reason"u8, out var finish) && finish.ValueKind == JsonValueKind.String)
                _stopReason = System.Text.Encoding.UTF8.GetString(ChatToMessagesAnswer.StopReason(finish));
        }
    }

    public void OnDone()
    {
        CloseBlock();
        Begin("message_delta"u8);
        _json.WriteStartObject("delta"u8);
        _json.WriteString("stop_reason"u8, _stopReason);
        _json.WriteNull("stop_sequence"u8);
        _json.WriteEndObject();
        _json.WriteStartObject("usage"u8);
        _json.WriteNumber("input_tokens"u8, _inputTokens - _cachedTokens);
        _json.WriteNumber("cache_creation_input_tokens"u8, 0);
        _json.WriteNumber("cache_read_input_tokens"u8, _cachedTokens);
        _json.WriteNumber("output_tokens"u8, _outputTokens);
        _json.WriteEndObject();
        End();
        Begin("message_stop"u8);
        End();
    }

    private void Start(JsonElement chunk)
    {
        _started = true;
        Begin("message_start"u8);
        _json.WriteStartObject("message"u8);
        _json.WritePropertyName("id"u8);
        chunk.GetProperty("id"u8).WriteTo(_json);
        _json.WriteString("type"u8, "message"u8);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WritePropertyName("model"u8);
        chunk.GetProperty("model"u8).WriteTo(_json);
        _json.WriteStartArray("content"u8);
        _json.WriteEndArray();
        _json.WriteNull("stop_reason"u8);
        _json.WriteNull("stop_sequence"u8);
        _json.WriteStartObject("usage"u8);
        _json.WriteNumber("input_tokens"u8, 0);
        _json.WriteNumber("output_tokens"u8, 0);
        _json.WriteEndObject();
        _json.WriteEndObject();
        End();
    }

    private void TakeUsage(JsonElement usage)
    {
        _inputTokens = usage.GetProperty("prompt_tokens"u8).GetInt64();
        _outputTokens = usage.GetProperty("completion_tokens"u8).GetInt64();
        if (usage.TryGetProperty("prompt_tokens_details"u8, out var details) && details.TryGetProperty("cached_tokens"u8, out var cached))
            _cachedTokens = cached.GetInt64();
    }

    private void WriteText(JsonElement text)
    {
        if (!_open || _call >= 0)
        {
            OpenBlock(call: -1);
            _json.WriteString("type"u8, "text"u8);
            _json.WriteString("text"u8, ""u8);
            _json.WriteEndObject();
            End();
        }
        WriteDelta("text_delta"u8, "text"u8, text);
    }

    private void WriteCall(JsonElement call)
    {
        var index = call.GetProperty("index"u8).GetInt32();
        var function = call.GetProperty("function"u8);
        if (!_open || _call != index)
        {
            OpenBlock(index);
            _json.WriteString("type"u8, "tool_use"u8);
            _json.WritePropertyName("id"u8);
            call.GetProperty("id"u8).WriteTo(_json);
            _json.WritePropertyName("name"u8);
            function.GetProperty("name"u8).WriteTo(_json);
            _json.WriteStartObject("input"u8);
            _json.WriteEndObject();
            _json.WriteEndObject();
            End();
        }
        if (function.TryGetProperty("arguments"u8, out var arguments))
            WriteDelta("input_json_delta"u8, "partial_json"u8, arguments);
    }

    private void OpenBlock(int call)
    {
        CloseBlock();
        _open = true;
        _call = call;
        _index++;
        Begin("content_block_start"u8);
        _json.WriteNumber("index"u8, _index);
        _json.WriteStartObject("content_block"u8);
    }

    private void CloseBlock()
    {
        if (!_open)
            return;
        _open = false;
        Begin("content_block_stop"u8);
        _json.WriteNumber("index"u8, _index);
        End();
    }

    private void WriteDelta(ReadOnlySpan<byte> type, ReadOnlySpan<byte> field, JsonElement value)
    {
        Begin("content_block_delta"u8);
        _json.WriteNumber("index"u8, _index);
        _json.WriteStartObject("delta"u8);
        _json.WriteString("type"u8, type);
        _json.WritePropertyName(field);
        value.WriteTo(_json);
        _json.WriteEndObject();
        End();
    }

    private void Begin(ReadOnlySpan<byte> name)
    {
        to.Write("event: "u8);
        to.Write(name);
        to.Write("\ndata: "u8);
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("type"u8, name);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        to.Write("\n\n"u8);
    }
}
