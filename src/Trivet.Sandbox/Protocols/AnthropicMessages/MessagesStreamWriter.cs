using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Streams a Messages answer: message_start, a ping after the first block's start, blocks one after another, message_delta, message_stop.</summary>
internal sealed class MessagesStreamWriter(EventSink sink, Reply reply)
{
    private readonly Style _style = reply.Style;
    private int _index;

    public async Task WriteAsync()
    {
        await StartAsync();
        foreach (var block in reply.Answer.Blocks.Where(MessagesAnswerWriter.Has))
        {
            await BlockStartAsync(block);
            if (_index == 0)
            {
                var ping = sink.Begin("ping"u8);
                ping.WriteStartObject();
                ping.WriteString("type"u8, "ping"u8);
                ping.WriteEndObject();
                await sink.SendAsync(0, isPreamble: true);
            }

            await DeltasAsync(block);
            var stop = Begin("content_block_stop"u8);
            stop.WriteNumber("index"u8, _index++);
            await EndAsync();
        }

        await FinishAsync();
    }

    private async Task StartAsync()
    {
        var json = Begin("message_start"u8);
        json.WriteStartObject("message"u8);
        MessagesAnswerWriter.WriteHead(json, reply);
        json.WriteStartArray("content"u8);
        json.WriteEndArray();
        json.WriteNull("stop_reason"u8);
        json.WriteNull("stop_sequence"u8);
        if (!reply.NoUsage)
        {
            // The vendor's own placeholder; the true count comes with message_delta.
            MessagesAnswerWriter.WriteUsage(json, reply.Usage, Math.Min(1, reply.Usage.OutputTotal), isFinal: false);
        }

        json.WriteEndObject();
        await EndAsync(isPreamble: true);
    }

    private async Task BlockStartAsync(Block block)
    {
        var json = Begin("content_block_start"u8);
        json.WriteNumber("index"u8, _index);
        json.WriteStartObject("content_block"u8);
        switch (block.Kind)
        {
            case BlockKind.Reasoning:
                json.WriteString("type"u8, "thinking"u8);
                json.WriteString("thinking"u8, ""u8);
                json.WriteString("signature"u8, ""u8);
                break;
            case BlockKind.Redacted:
                json.WriteString("type"u8, "redacted_thinking"u8);
                json.WriteString("data"u8, block.Text);
                break;
            case BlockKind.ToolCall:
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, block.Id);
                json.WriteString("name"u8, block.Name);
                json.WriteStartObject("input"u8);
                json.WriteEndObject();
                break;
            default:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, ""u8);
                if (block.Citations.Count > 0)
                {
                    json.WriteStartArray("citations"u8);
                    json.WriteEndArray();
                }

                break;
        }

        json.WriteEndObject();
        await EndAsync(block.Kind == BlockKind.ToolCall ? SandboxTokenizer.Count(block.Name) : 0, isPreamble: block.Kind != BlockKind.ToolCall && _index == 0);
    }

    private async Task DeltasAsync(Block block)
    {
        switch (block.Kind)
        {
            case BlockKind.Redacted:
                return;
            case BlockKind.ToolCall:
                BeginDelta("input_json_delta"u8).WriteString("partial_json"u8, ""u8);
                await EndDeltaAsync(0);
                break;
            case BlockKind.Reasoning when block.IsHidden:
                await SignatureAsync(block, block.Tokens);
                return;
        }

        foreach (var citation in block.Citations)
        {
            BeginDelta("citations_delta"u8).WritePropertyName("citation"u8);
            Citations.WriteResult(_json, citation, block.Text);
            await EndDeltaAsync(0);
        }

        var chunks = new Chunks(block.Text, block.Kind == BlockKind.ToolCall ? _style.ArgumentTokensPerEvent : _style.TokensPerEvent);
        while (chunks.Next())
        {
            WriteChunk(block.Kind, chunks.Current.Span);
            await EndDeltaAsync(chunks.Tokens);
        }

        if (block.Kind == BlockKind.Reasoning)
        {
            await SignatureAsync(block, 0);
        }
    }

    private void WriteChunk(BlockKind kind, ReadOnlySpan<char> text)
    {
        switch (kind)
        {
            case BlockKind.Reasoning:
                BeginDelta("thinking_delta"u8).WriteString("thinking"u8, text);
                break;
            case BlockKind.ToolCall:
                BeginDelta("input_json_delta"u8).WriteString("partial_json"u8, text);
                break;
            default:
                BeginDelta("text_delta"u8).WriteString("text"u8, text);
                break;
        }
    }

    private ValueTask SignatureAsync(Block block, int tokens)
    {
        BeginDelta("signature_delta"u8).WriteString("signature"u8, block.Signature);
        return EndDeltaAsync(tokens);
    }

    private async Task FinishAsync()
    {
        var json = Begin("message_delta"u8);
        json.WriteStartObject("delta"u8);
        MessagesAnswerWriter.WriteStop(json, reply.Answer);
        json.WriteEndObject();
        if (!reply.NoUsage)
        {
            MessagesAnswerWriter.WriteUsage(json, reply.Usage, reply.Usage.OutputTotal, isFinal: true);
        }

        await EndAsync();
        if (!reply.NoDone)
        {
            Begin("message_stop"u8);
            await EndAsync();
        }
    }

    private Utf8JsonWriter _json = null!;

    private Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
    {
        _json = sink.Begin(type);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        return _json;
    }

    private ValueTask EndAsync(int tokens = 0, bool isPreamble = false)
    {
        _json.WriteEndObject();
        return sink.SendAsync(tokens, isPreamble);
    }

    private Utf8JsonWriter BeginDelta(ReadOnlySpan<byte> type)
    {
        var json = Begin("content_block_delta"u8);
        json.WriteNumber("index"u8, _index);
        json.WriteStartObject("delta"u8);
        json.WriteString("type"u8, type);
        return json;
    }

    private ValueTask EndDeltaAsync(int tokens)
    {
        _json.WriteEndObject();
        return EndAsync(tokens);
    }
}
