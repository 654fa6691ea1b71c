using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.Gemini;

/// <summary>
/// Streams a Gemini answer: text in deltas, calls whole, usage so far on every chunk. The last chunk holds the finish reason and, where
/// there was reasoning but no call, the signature on an empty text part.
/// </summary>
internal sealed class GeminiStreamWriter(EventSink sink, Reply reply)
{
    private readonly Style _style = reply.Style;
    private int _choice;
    private int _output;
    private int _reasoning;

    public async Task WriteAsync()
    {
        for (_choice = 0; _choice < reply.Ask.Choices; _choice++)
        {
            await ChoiceAsync();
        }

        await sink.EndArrayAsync();
    }

    private async Task ChoiceAsync()
    {
        var blocks = reply.Answer.Blocks;
        var seal = blocks.Find(b => b.Kind == BlockKind.Reasoning)?.Seal;
        var sealedAt = GeminiAnswerWriter.SealedAt(reply);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            if (block.IsHidden || block.Kind == BlockKind.Redacted)
            {
                _reasoning += block.Tokens;
            }
            else if (block.Kind is BlockKind.ToolCall or BlockKind.Picture)
            {
                _output += block.Tokens;
                await ChunkAsync(block, block.Text.AsMemory(), i == sealedAt ? seal : null, block.Tokens);
            }
            else
            {
                await TextAsync(block);
            }
        }

        var sealsText = sealedAt < 0 || blocks[sealedAt].Kind != BlockKind.ToolCall;
        await ChunkAsync(new Block(BlockKind.Text, ""), default, sealsText ? seal : null, 0, isLast: true);
    }

    private async Task TextAsync(Block block)
    {
        var chunks = new Chunks(block.Text, _style.TokensPerEvent);
        while (chunks.Next())
        {
            _output += block.Kind == BlockKind.Reasoning ? 0 : chunks.Tokens;
            _reasoning += block.Kind == BlockKind.Reasoning ? chunks.Tokens : 0;
            await ChunkAsync(block, chunks.Current, null, chunks.Tokens);
        }
    }

    private ValueTask ChunkAsync(Block block, ReadOnlyMemory<char> text, string? seal, int tokens, bool isLast = false)
    {
        var json = sink.Begin();
        json.WriteStartObject();
        json.WriteStartArray("candidates"u8);
        json.WriteStartObject();
        json.WriteStartObject("content"u8);
        json.WriteStartArray("parts"u8);
        GeminiAnswerWriter.WritePart(json, reply, block, text.Span, seal);
        json.WriteEndArray();
        json.WriteString("role"u8, "model"u8);
        json.WriteEndObject();
        if (isLast)
        {
            GeminiAnswerWriter.WriteFinish(json, reply, _choice);
        }
        else
        {
            json.WriteNumber("index"u8, _choice);
        }

        json.WriteEndObject();
        json.WriteEndArray();

        // A script's usage is the truth from the start; otherwise the count grows with what has been sent.
        var isWhole = isLast || reply.Answer.ScriptedUsage is not null;
        GeminiAnswerWriter.WriteTail(json, reply, isWhole ? reply.Usage.OutputTokens : _output, isWhole ? reply.Usage.ReasoningTokens : _reasoning);
        json.WriteEndObject();
        return sink.SendAsync(tokens);
    }
}
