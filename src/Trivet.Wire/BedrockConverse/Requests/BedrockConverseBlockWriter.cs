using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>Writes the blocks of a request that <see cref="BedrockConverseConversation"/> has shaped: each an object with one member that names its kind.</summary>
internal sealed class BedrockConverseBlockWriter(Utf8JsonWriter writer, BedrockConverseDialect dialect, BedrockConverseConversation conversation, LossList losses)
{
    private readonly HashSet<string> _documentNames = new(StringComparer.Ordinal);

    /// <summary>Writes a cache breakpoint behind what it was set on.</summary>
    public static void WriteCachePoint(Utf8JsonWriter writer, RawJson cacheControl, BedrockConverseDialect dialect, LossList losses)
    {
        if (cacheControl.IsNull)
            return;
        if (!dialect.AcceptsCachePoints)
        {
            losses.Add(BedrockConverseLosses.CacheControl);
            return;
        }

        if (BedrockConverseFields.Member(cacheControl, "ttl"u8).Text is { IsNull: false } ttl && !ttl.ValueEquals("5m"u8))
            losses.Add(BedrockConverseLosses.CacheTtl);
        writer.WriteStartObject();
        writer.WriteStartObject("cachePoint"u8);
        writer.WriteString("type"u8, "default"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes a message's content.</summary>
    public void Write(BedrockMessage message)
    {
        foreach (var result in message.Results)
            WriteResult(result);

        // "A text block is required when a document is sent."
        if (message.Blocks.Exists(static block => block is MediaBlock { Kind: MediaKind.Document }) && !message.Blocks.Exists(static block => block is TextBlock))
            Write(new TextBlock("See the document."));
        foreach (var block in message.Blocks)
            Write(block);
    }

    /// <summary>Writes a block and the breakpoint behind it.</summary>
    public void Write(Block block)
    {
        WriteUnion(block);
        if (block is not ReasoningBlock)
            WriteCachePoint(writer, block.CacheControl, dialect, losses);
    }

    private void WriteUnion(Block block)
    {
        writer.WriteStartObject();
        switch (block)
        {
            case TextBlock text:
                text.Text.WriteTo(writer, "text"u8);
                break;
            case ReasoningBlock reasoning:
                WriteReasoning(reasoning);
                break;
            case ToolCallBlock call:
                WriteCall(call);
                break;
            case MediaBlock media:
                BedrockConverseMedia.Write(writer, media, _documentNames);
                break;
        }

        writer.WriteEndObject();
    }

    private void WriteReasoning(ReasoningBlock reasoning)
    {
        writer.WriteStartObject("reasoningContent"u8);
        if (reasoning.IsRedacted)
        {
            reasoning.Encrypted.WriteTo(writer, "redactedContent"u8);
        }
        else
        {
            writer.WriteStartObject("reasoningText"u8);
            (reasoning.Text.IsNull ? new JsonText("") : reasoning.Text).WriteTo(writer, "text"u8);
            reasoning.Signature.WriteTo(writer, "signature"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteCall(ToolCallBlock call)
    {
        writer.WriteStartObject("toolUse"u8);
        writer.WriteString("toolUseId"u8, conversation.CallIds[call]);
        writer.WriteString("name"u8, BedrockConverseIds.ToolName(call.Namespace, call.Name));
        writer.WritePropertyName("input"u8);
        if (call.Kind != ToolKind.Custom && ToolArguments.TryAsObject(call.Arguments, out var arguments))
        {
            writer.WriteRawValue(arguments.Span, skipInputValidation: true);
        }
        else
        {
            if (call.Kind != ToolKind.Custom)
                losses.Add(BedrockConverseLosses.Arguments);
            writer.WriteStartObject();
            writer.WriteString(call.Kind == ToolKind.Custom ? ToolAliases.CustomArgument : "raw_arguments", call.Arguments.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteResult(BedrockResult result)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolResult"u8);
        writer.WriteString("toolUseId"u8, result.CallId);
        writer.WriteStartArray("content"u8);
        if (result.Block is not { } block)
        {
            WriteUnion(new TextBlock("No result of this call was recorded."));
        }
        else
        {
            var admitted = new List<Block>(block.Content.Count);
            foreach (var inner in block.Content)
                new BedrockConverseAdmission(dialect, losses).Admit(inner, isModel: false, admitted);
            foreach (var inner in admitted)
                WriteUnion(inner);
        }

        writer.WriteEndArray();
        if ((result.Block is null ? true : result.Block.IsError) is { } isError)
            writer.WriteString("status"u8, isError ? "error"u8 : "success"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        WriteCachePoint(writer, result.Block?.CacheControl ?? default, dialect, losses);
    }
}
