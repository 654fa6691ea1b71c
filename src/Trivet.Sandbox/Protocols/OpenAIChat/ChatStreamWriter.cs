using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>Streams a Chat answer: role, deltas, finish reason, usage if asked for, <c>[DONE]</c>.</summary>
internal sealed class ChatStreamWriter(EventSink sink, Reply reply)
{
    private readonly List<Block> _calls = [.. reply.Answer.ToolCalls()];
    private readonly Style _style = reply.Style;
    private int _choice;
    private bool _hasRole;

    public async Task WriteAsync()
    {
        if (_style.FirstChunk == FirstChunk.Azure)
        {
            await AzurePreambleAsync();
        }

        for (_choice = 0; _choice < reply.Ask.Choices; _choice++)
        {
            _hasRole = false;
            await ChoiceAsync();
        }

        if (_style.Usage == UsagePlacement.OwnChunk && reply.Ask.IncludeUsage && !reply.NoUsage)
        {
            var json = sink.Begin();
            json.WriteStartObject();
            ChatAnswerWriter.WriteHead(json, reply, "chat.completion.chunk"u8);
            json.WriteStartArray("choices"u8);
            json.WriteEndArray();
            ChatAnswerWriter.WriteUsage(json, reply);
            json.WriteEndObject();
            await sink.SendAsync();
        }

        if (!reply.NoDone)
        {
            await sink.SendLiteralAsync("[DONE]"u8);
        }
    }

    private async Task ChoiceAsync()
    {
        if (_style.FirstChunk != FirstChunk.Content || reply.Answer.Blocks.Count == 0)
        {
            var json = BeginDelta();
            if (_calls.Count > 0 && _calls.Count == reply.Answer.Blocks.Count)
            {
                json.WriteNull("content"u8);
            }
            else
            {
                json.WriteString("content"u8, ""u8);
            }

            await EndDeltaAsync(0, isPreamble: true);
        }

        foreach (var block in reply.Answer.Blocks)
        {
            if (block.Kind is BlockKind.Text or BlockKind.Refusal or BlockKind.Reasoning)
            {
                await TextAsync(block);
            }
            else if (block.Kind == BlockKind.Picture)
            {
                ChatAnswerWriter.WriteImages(BeginDelta(), [block]);
                await EndDeltaAsync(block.Tokens);
            }
        }

        await CallsAsync();
        await FinishAsync();
    }

    private async Task TextAsync(Block block)
    {
        var isInline = block.Kind == BlockKind.Reasoning && _style.Reasoning == ReasoningCarrier.InlineThink;
        if (isInline)
        {
            BeginDelta().WriteString("content"u8, "<think>"u8);
            await EndDeltaAsync(0);
        }

        var chunks = new Chunks(block.Text, _style.TokensPerEvent);
        while (chunks.Next())
        {
            WriteText(BeginDelta(), block.Kind, isInline, chunks.Current.Span);
            await EndDeltaAsync(chunks.Tokens);
        }

        if (block.Citations.Count > 0)
        {
            ChatAnswerWriter.WriteAnnotations(BeginDelta(), [block]);
            await EndDeltaAsync(0);
        }

        if (isInline)
        {
            BeginDelta().WriteString("content"u8, "</think>"u8);
            await EndDeltaAsync(0);
        }
    }

    private void WriteText(Utf8JsonWriter json, BlockKind kind, bool isInline, ReadOnlySpan<char> text)
    {
        if (kind == BlockKind.Refusal)
        {
            json.WriteString("refusal"u8, text);
        }
        else if (kind == BlockKind.Text || isInline)
        {
            json.WriteString("content"u8, text);
        }
        else if (_style.Reasoning == ReasoningCarrier.MistralArray)
        {
            json.WriteStartArray("content"u8);
            ChatReasoning.WriteThinkingPart(json, text);
            json.WriteEndArray();
        }
        else
        {
            ChatReasoning.WriteField(json, _style.Reasoning, text);
        }
    }

    private async Task CallsAsync()
    {
        if (_style.WholeCalls)
        {
            for (var i = 0; i < _calls.Count; i++)
            {
                WriteCall(i, _calls[i], _calls[i].Text, isFirst: true);
                await EndDeltaAsync(_calls[i].Tokens);
            }

            return;
        }

        var fragments = _calls.ConvertAll(c => new Chunks(c.Text, _style.ArgumentTokensPerEvent)).ToArray();
        for (var i = 0; i < _calls.Count; i++)
        {
            WriteCall(i, _calls[i], "", isFirst: true);
            await EndDeltaAsync(_calls[i].Tokens - SandboxTokenizer.Count(_calls[i].Text));
            while (!_style.InterleaveCalls && fragments[i].Next())
            {
                WriteCall(i, _calls[i], fragments[i].Current.Span, isFirst: false);
                await EndDeltaAsync(fragments[i].Tokens);
            }
        }

        for (var isMore = _style.InterleaveCalls; isMore;)
        {
            isMore = false;
            for (var i = 0; i < fragments.Length; i++)
            {
                if (fragments[i].Next())
                {
                    isMore = true;
                    WriteCall(i, _calls[i], fragments[i].Current.Span, isFirst: false);
                    await EndDeltaAsync(fragments[i].Tokens);
                }
            }
        }
    }

    private void WriteCall(int index, Block call, ReadOnlySpan<char> arguments, bool isFirst)
    {
        var json = BeginDelta();
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        if (isFirst)
        {
            json.WriteString("id"u8, call.Id);
            json.WriteString("type"u8, "function"u8);
        }

        json.WriteStartObject("function"u8);
        if (isFirst)
        {
            json.WriteString("name"u8, call.Name);
        }

        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private ValueTask FinishAsync()
    {
        var json = BeginDelta();
        json.WriteEndObject();
        EndChoice(json, ChatAnswerWriter.FinishReason(reply.Answer), isLast: true);
        return sink.SendAsync();
    }

    private Utf8JsonWriter BeginDelta()
    {
        var json = sink.Begin();
        json.WriteStartObject();
        ChatAnswerWriter.WriteHead(json, reply, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, _choice);
        json.WriteStartObject("delta"u8);
        if (!_hasRole)
        {
            _hasRole = true;
            json.WriteString("role"u8, "assistant"u8);
        }

        return _json = json;
    }

    private Utf8JsonWriter _json = null!;

    private ValueTask EndDeltaAsync(int tokens, bool isPreamble = false)
    {
        _json.WriteEndObject();
        EndChoice(_json, null, isLast: false);
        return sink.SendAsync(tokens, isPreamble);
    }

    private void EndChoice(Utf8JsonWriter json, string? finishReason, bool isLast)
    {
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        var hasUsage = !reply.NoUsage && (_style.Usage == UsagePlacement.Every || (_style.Usage == UsagePlacement.LastChoice && isLast));
        if (hasUsage)
        {
            ChatAnswerWriter.WriteUsage(json, reply);
        }
        else if (reply.Ask.IncludeUsage && _style.Usage == UsagePlacement.OwnChunk)
        {
            json.WriteNull("usage"u8);
        }

        json.WriteEndObject();
    }

    private ValueTask AzurePreambleAsync()
    {
        var json = sink.Begin();
        json.WriteStartObject();
        json.WriteString("id"u8, ""u8);
        json.WriteString("object"u8, ""u8);
        json.WriteNumber("created"u8, 0);
        json.WriteString("model"u8, ""u8);
        json.WriteStartArray("choices"u8);
        json.WriteEndArray();
        json.WriteStartArray("prompt_filter_results"u8);
        json.WriteStartObject();
        json.WriteNumber("prompt_index"u8, 0);
        json.WriteStartObject("content_filter_results"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        return sink.SendAsync(0, isPreamble: true);
    }
}
