using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>Writes the blocks of a request that <see cref="AnthropicMessagesConversation"/> has shaped.</summary>
internal readonly ref struct AnthropicMessagesBlockWriter(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation, LossList losses)
{
    public void Write(Block block)
    {
        switch (block)
        {
            case OpaqueBlock opaque:
                opaque.Raw.WriteTo(writer);
                return;
            case TextBlock text:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "text"u8);
                text.Text.WriteTo(writer, "text"u8);
                if (IsNative && !text.Citations.IsNull)
                    text.Citations.WriteTo(writer, "citations"u8);
                break;
            case ReasoningBlock { IsRedacted: true } redacted:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "redacted_thinking"u8);
                redacted.Encrypted.WriteTo(writer, "data"u8);
                break;
            case ReasoningBlock reasoning:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "thinking"u8);
                (reasoning.Text.IsNull ? new JsonText("") : reasoning.Text).WriteTo(writer, "thinking"u8);
                reasoning.Signature.WriteTo(writer, "signature"u8);
                break;
            case ToolCallBlock call:
                WriteCall(call);
                break;
            case MediaBlock media:
                WriteMedia(media);
                break;
            default:
                return;
        }

        WriteEnd(block);
    }

    public void WriteResult(ShapedResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, result.CallId);
        if (result.Block is not { } block)
        {
            writer.WriteString("content"u8, "No result of this call was recorded."u8);
            writer.WriteBoolean("is_error"u8, true);
            writer.WriteEndObject();
            return;
        }

        var saysError = block.IsError == true && !dialect.HonoursIsError;
        if (block.IsPlainString && !saysError && block.Content is [TextBlock only])
            only.Text.WriteTo(writer, "content"u8);
        else
            WriteResultContent(block, saysError);
        if (block.IsError is { } isError)
            writer.WriteBoolean("is_error"u8, isError);
        WriteEnd(block);
    }

    private bool IsNative => request.Origin == Protocol.AnthropicMessages;

    private void WriteResultContent(ToolResultBlock block, bool saysError)
    {
        var admission = new AnthropicMessagesAdmission(request.Origin, dialect, losses);
        var isOpen = saysError;
        if (saysError)
        {
            losses.Add(AnthropicMessagesLosses.IsError);
            writer.WriteStartArray("content"u8);
            Write(new TextBlock(AnthropicMessagesFailedResult.Words));
        }

        foreach (var inner in block.Content)
        {
            if (admission.Admit(inner, Role.User) is not { } admitted)
                continue;
            if (!isOpen)
                writer.WriteStartArray("content"u8);
            isOpen = true;
            Write(admitted);
        }

        if (isOpen)
            writer.WriteEndArray();
    }

    private void WriteCall(ToolCallBlock call)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, conversation.CallIds[call]);
        writer.WriteString("name"u8, AnthropicMessagesIds.ToolName(call.Namespace, call.Name));
        writer.WritePropertyName("input"u8);
        if (call.Kind == ToolKind.Custom)
        {
            writer.WriteStartObject();
            writer.WriteString("input"u8, call.Arguments.Span);
            writer.WriteEndObject();
        }
        else if (ToolArguments.TryAsObject(call.Arguments, out var arguments))
        {
            writer.WriteRawValue(arguments.Span, skipInputValidation: true);
        }
        else
        {
            losses.Add(AnthropicMessagesLosses.Arguments);
            writer.WriteStartObject();
            writer.WriteString("raw_arguments"u8, call.Arguments.Span);
            writer.WriteEndObject();
        }
    }

    private void WriteMedia(MediaBlock media)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, media.Kind == MediaKind.Image ? "image"u8 : "document"u8);
        writer.WriteStartObject("source"u8);
        if (!media.FileId.IsEmpty)
        {
            writer.WriteString("type"u8, "file"u8);
            media.FileId.WriteTo(writer, "file_id"u8);
        }
        else if (!media.Url.IsEmpty)
        {
            writer.WriteString("type"u8, "url"u8);
            media.Url.WriteTo(writer, "url"u8);
        }
        else if (media.Content is { } content)
        {
            writer.WriteString("type"u8, "content"u8);
            writer.WriteStartArray("content"u8);
            foreach (var inner in content)
                Write(inner);
            writer.WriteEndArray();
        }
        else
        {
            var isText = !media.PlainText.IsNull;
            writer.WriteString("type"u8, isText ? "text"u8 : "base64"u8);
            writer.WriteString("media_type"u8, isText ? "text/plain" : media.MediaType is "image/jpg" ? "image/jpeg" : media.MediaType);
            (isText ? media.PlainText : media.Data).WriteTo(writer, "data"u8);
        }

        writer.WriteEndObject();
        if (media.Kind != MediaKind.Document)
            return;
        if (!media.Name.IsEmpty)
            media.Name.WriteTo(writer, "title"u8);
        if (!media.Context.IsEmpty)
            media.Context.WriteTo(writer, "context"u8);
        if (!media.Citations.IsNull)
            media.Citations.WriteTo(writer, "citations"u8);
    }

    /// <summary>Trivet's own mark of where what is cached ends; null for none.</summary>
    public Block? Breakpoint { get; init; }

    // Thinking blocks take no cache_control.
    private void WriteEnd(Block block)
    {
        if (!block.CacheControl.IsNull && block is not ReasoningBlock)
        {
            if (dialect.AcceptsCacheControl)
                block.CacheControl.WriteTo(writer, "cache_control"u8);
            else
                losses.Add(AnthropicMessagesLosses.CacheControl);
        }
        else if (block == Breakpoint)
        {
            writer.WriteStartObject("cache_control"u8);
            writer.WriteString("type"u8, "ephemeral"u8);
            writer.WriteEndObject();
        }

        if (block.Extra is { } extra)
        {
            foreach (var field in extra)
            {
                if (!IsNative)
                    losses.AddUnknown("messages[].content[].", field, Protocol.AnthropicMessages);
                else
                    field.Value.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(field.Name));
            }
        }

        writer.WriteEndObject();
    }
}
