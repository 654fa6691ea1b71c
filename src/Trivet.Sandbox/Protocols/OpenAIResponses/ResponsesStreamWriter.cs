using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>Streams a response: created, in_progress, items one after another with their parts, then the whole response. Sequence numbers are dense from 0.</summary>
internal sealed class ResponsesStreamWriter(EventSink sink, Reply reply)
{
    private const string Padding = "sandboxsandboxsandbox";

    private readonly Style _style = reply.Style;
    private Utf8JsonWriter _json = null!;
    private int _index;

    public async Task WriteAsync()
    {
        await ResponseAsync("response.created"u8.ToArray(), ResponsesStatus.InProgress);
        await ResponseAsync("response.in_progress"u8.ToArray(), ResponsesStatus.InProgress);
        for (_index = 0; _index < reply.Answer.Blocks.Count; _index++)
        {
            var block = reply.Answer.Blocks[_index];
            await ItemAsync("response.output_item.added"u8.ToArray(), isDone: false);
            switch (block.Kind)
            {
                case BlockKind.Reasoning when ResponsesAnswerWriter.ShowsSummary(reply, block):
                    await SummaryAsync(block);
                    break;
                case BlockKind.Reasoning when _style.ReasoningText:
                    await ReasoningTextAsync(block);
                    break;
                case BlockKind.ToolCall:
                    await CallAsync(block);
                    break;
                case BlockKind.Text or BlockKind.Refusal:
                    await TextAsync(block);
                    break;
            }

            await ItemAsync("response.output_item.done"u8.ToArray(), isDone: true, block is { Kind: BlockKind.Reasoning, IsHidden: true } ? block.Tokens : 0);
        }

        if (!reply.NoDone)
        {
            var status = ResponsesStatus.Of(reply.Answer);
            await ResponseAsync(status == "incomplete" ? "response.incomplete"u8.ToArray() : "response.completed"u8.ToArray(), status);
        }
    }

    private ValueTask ResponseAsync(byte[] type, string status)
    {
        Begin(type);
        _json.WritePropertyName("response"u8);
        ResponsesAnswerWriter.Write(_json, reply, status);
        return EndAsync(isPreamble: status == ResponsesStatus.InProgress);
    }

    private ValueTask ItemAsync(byte[] type, bool isDone, int tokens = 0)
    {
        Begin(type);
        _json.WriteNumber("output_index"u8, _index);
        _json.WritePropertyName("item"u8);
        ResponsesAnswerWriter.WriteItem(_json, reply, _index, isDone);
        return EndAsync(tokens);
    }

    private async Task TextAsync(Block block)
    {
        var isRefusal = block.Kind == BlockKind.Refusal;
        await PartAsync("response.content_part.added"u8.ToArray(), block, "");
        await DeltasAsync(isRefusal ? "response.refusal.delta"u8.ToArray() : "response.output_text.delta"u8.ToArray(), block.Text, _style.TokensPerEvent, hasLogprobs: !isRefusal);
        for (var i = 0; i < block.Citations.Count; i++)
        {
            BeginContent("response.output_text.annotation.added"u8);
            _json.WriteNumber("annotation_index"u8, i);
            _json.WritePropertyName("annotation"u8);
            Citations.WriteFlat(_json, block.Citations[i], block.Text);
            await EndAsync();
        }

        BeginContent(isRefusal ? "response.refusal.done"u8 : "response.output_text.done"u8);
        _json.WriteString(isRefusal ? "refusal"u8 : "text"u8, block.Text);
        if (!isRefusal)
        {
            WriteLogprobs();
        }

        await EndAsync();
        await PartAsync("response.content_part.done"u8.ToArray(), block, block.Text);
    }

    private ValueTask PartAsync(byte[] type, Block block, string text)
    {
        BeginContent(type);
        _json.WritePropertyName("part"u8);
        ResponsesAnswerWriter.WritePart(_json, block, text);
        return EndAsync();
    }

    private async Task SummaryAsync(Block block)
    {
        await SummaryPartAsync("response.reasoning_summary_part.added"u8.ToArray(), "");
        var chunks = new Chunks(block.Text, _style.TokensPerEvent);
        while (chunks.Next())
        {
            BeginItem("response.reasoning_summary_text.delta"u8);
            _json.WriteNumber("summary_index"u8, 0);
            WriteDelta(chunks.Current.Span);
            await EndAsync(chunks.Tokens);
        }

        BeginItem("response.reasoning_summary_text.done"u8);
        _json.WriteNumber("summary_index"u8, 0);
        _json.WriteString("text"u8, block.Text);
        await EndAsync();
        await SummaryPartAsync("response.reasoning_summary_part.done"u8.ToArray(), block.Text);
    }

    private ValueTask SummaryPartAsync(byte[] type, string text)
    {
        BeginItem(type);
        _json.WriteNumber("summary_index"u8, 0);
        _json.WritePropertyName("part"u8);
        ResponsesAnswerWriter.WriteTyped(_json, "summary_text"u8, text);
        return EndAsync();
    }

    private async Task ReasoningTextAsync(Block block)
    {
        BeginContent("response.content_part.added"u8);
        _json.WritePropertyName("part"u8);
        ResponsesAnswerWriter.WriteTyped(_json, "reasoning_text"u8, "");
        await EndAsync();
        await DeltasAsync("response.reasoning_text.delta"u8.ToArray(), block.Text, _style.TokensPerEvent, hasLogprobs: false);
        BeginContent("response.reasoning_text.done"u8);
        _json.WriteString("text"u8, block.Text);
        await EndAsync();
        BeginContent("response.content_part.done"u8);
        _json.WritePropertyName("part"u8);
        ResponsesAnswerWriter.WriteTyped(_json, "reasoning_text"u8, block.Text);
        await EndAsync();
    }

    private async Task CallAsync(Block block)
    {
        var isCustom = ResponsesAnswerWriter.IsCustom(reply, block);
        var text = isCustom ? ResponsesAnswerWriter.CustomInput(block) : block.Text;
        var chunks = new Chunks(text, _style.WholeCalls ? int.MaxValue : _style.ArgumentTokensPerEvent);
        while (chunks.Next())
        {
            BeginItem(isCustom ? "response.custom_tool_call_input.delta"u8 : "response.function_call_arguments.delta"u8);
            WriteDelta(chunks.Current.Span);
            await EndAsync(chunks.Tokens);
        }

        BeginItem(isCustom ? "response.custom_tool_call_input.done"u8 : "response.function_call_arguments.done"u8);
        _json.WriteString(isCustom ? "input"u8 : "arguments"u8, text);
        await EndAsync(SandboxTokenizer.Count(block.Name));
    }

    private async Task DeltasAsync(byte[] type, string text, int tokensPerEvent, bool hasLogprobs)
    {
        var chunks = new Chunks(text, tokensPerEvent);
        while (chunks.Next())
        {
            BeginContent(type);
            WriteDelta(chunks.Current.Span);
            if (hasLogprobs)
            {
                WriteLogprobs();
            }

            await EndAsync(chunks.Tokens);
        }
    }

    private void WriteDelta(ReadOnlySpan<char> text)
    {
        _json.WriteString("delta"u8, text);

        // Padding that hides the length of a delta on the wire; clients must ignore it.
        _json.WriteString("obfuscation"u8, Padding.AsSpan(0, 16 - Math.Min(15, text.Length)));
    }

    private void WriteLogprobs()
    {
        _json.WriteStartArray("logprobs"u8);
        _json.WriteEndArray();
    }

    private void Begin(ReadOnlySpan<byte> type)
    {
        _json = sink.Begin(type);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteNumber("sequence_number"u8, sink.Sent);
    }

    private void BeginItem(ReadOnlySpan<byte> type)
    {
        Begin(type);
        _json.WriteString("item_id"u8, ResponsesAnswerWriter.ItemId(reply, _index));
        _json.WriteNumber("output_index"u8, _index);
    }

    private void BeginContent(ReadOnlySpan<byte> type)
    {
        BeginItem(type);
        _json.WriteNumber("content_index"u8, 0);
    }

    private ValueTask EndAsync(int tokens = 0, bool isPreamble = false)
    {
        _json.WriteEndObject();
        return sink.SendAsync(tokens, isPreamble);
    }
}
