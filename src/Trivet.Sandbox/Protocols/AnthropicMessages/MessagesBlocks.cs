using System.Text.Json;
using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Reads and validates the content blocks of one message.</summary>
internal static class MessagesBlocks
{
    private static readonly string[] ImageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];

    public static List<Part> Read(JsonElement content, int message, RequestContext context)
    {
        if (content.IsString())
        {
            return content.GetString() is { Length: > 0 } text ? [Text(text, CacheMark.None)] : [];
        }

        return content.IsArray()
            ? [.. content.EnumerateArray().Select((block, i) => One(block, $"messages.{message}.content.{i}", context))]
            : throw MessagesRequestReader.Bad($"messages.{message}.content: Field required");
    }

    private static Part One(JsonElement block, string where, RequestContext context)
    {
        var type = block.Str("type");
        var mark = MessagesRequestReader.Mark(block, $"{where}.{type}");
        switch (type)
        {
            case "text":
                MessagesRequestReader.Require(block, "text", $"{where}.text.");
                return Text(block.Str("text")!, mark);
            case "image":
                return Image(block.Get("source"), $"{where}.image", mark);
            case "document":
                return Document(block.Get("source"), $"{where}.document", mark);
            case "thinking":
                return Thinking(block, where, context);
            case "redacted_thinking":
                return context.Signatures.IsSealed(block.Str("data") ?? "")
                    ? new Part { Kind = PartKind.Reasoning, Text = Signatures.TextOf(block.Str("data")!) }
                    : throw MessagesRequestReader.Bad($"{where}: Invalid `data` in `redacted_thinking` block");
            case "tool_use":
                return ToolUse(block, where, mark);
            case "tool_result":
                return ToolResult(block, where, mark, context);
            case "server_tool_use" or "web_search_tool_result" or "web_fetch_tool_result" or "code_execution_tool_result" or "bash_code_execution_tool_result"
                or "text_editor_code_execution_tool_result" or "tool_search_tool_result" or "mcp_tool_use" or "mcp_tool_result" or "container_upload"
                or "search_result" or "tool_reference" or "tool_addition" or "tool_removal" or "compaction" or "advisor_tool_result":
                return new Part { Kind = PartKind.Opaque, Cache = mark };
            default:
                throw MessagesRequestReader.Bad(
                    $"{where}: Input tag '{type}' found using 'type' does not match any of the expected tags: 'document', 'image', 'redacted_thinking', "
                    + "'search_result', 'server_tool_use', 'text', 'thinking', 'tool_result', 'tool_use', 'web_search_tool_result'");
        }
    }

    private static Part Text(string text, CacheMark mark)
    {
        if (text.Length == 0)
        {
            throw MessagesRequestReader.Bad("messages: text content blocks must be non-empty");
        }

        return string.IsNullOrWhiteSpace(text)
            ? throw MessagesRequestReader.Bad("messages: text content blocks must contain non-whitespace text")
            : new Part { Kind = PartKind.Text, Text = text, Cache = mark };
    }

    private static Part Thinking(JsonElement block, string where, RequestContext context)
    {
        MessagesRequestReader.Require(block, "signature", $"{where}.thinking.");
        MessagesRequestReader.Require(block, "thinking", $"{where}.thinking.");
        return context.Signatures.Verify(block.Str("signature") ?? "", block.Str("thinking") ?? "")
            ? new Part { Kind = PartKind.Reasoning, Text = block.Str("thinking")! }
            : throw MessagesRequestReader.Bad($"{where}: Invalid `signature` in `thinking` block");
    }

    private static Part ToolUse(JsonElement block, string where, CacheMark mark)
    {
        foreach (var name in (ReadOnlySpan<string>)["id", "name", "input"])
        {
            MessagesRequestReader.Require(block, name, $"{where}.tool_use.");
        }

        var id = block.Str("id") ?? "";
        if (id.Length == 0 || !id.All(MessagesRequestReader.IsIdChar))
        {
            throw MessagesRequestReader.Bad($"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
        }

        return block.Get("input").IsObject()
            ? new Part { Kind = PartKind.ToolCall, Id = id, Name = block.Str("name"), Text = TokenCounter.CompactJson(block.Get("input")), Cache = mark }
            : throw MessagesRequestReader.Bad($"{where}.tool_use.input: Input should be a valid dictionary");
    }

    private static Part ToolResult(JsonElement block, string where, CacheMark mark, RequestContext context)
    {
        MessagesRequestReader.Require(block, "tool_use_id", $"{where}.tool_result.");
        var id = block.Str("tool_use_id") ?? "";
        if (id.Length == 0 || !id.All(MessagesRequestReader.IsIdChar))
        {
            throw MessagesRequestReader.Bad($"{where}.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'");
        }

        var content = block.Get("content");
        List<Part> inner = content.IsString() ? [] : [.. block.Items("content").Select((b, i) => One(b, $"{where}.tool_result.content.{i}", context))];
        return new Part
        {
            Kind = PartKind.ToolResult,
            Id = id,
            Text = content.IsString() ? content.GetString()! : string.Join('\n', inner.Where(p => p.Kind == PartKind.Text).Select(p => p.Text)),
            Inner = [.. inner.Where(p => p.Kind != PartKind.Text)],
            IsError = block.Bool("is_error") ?? false,
            Cache = mark,
        };
    }

    private static Part Image(JsonElement source, string where, CacheMark mark)
    {
        switch (source.Str("type"))
        {
            case "base64":
                var mediaType = source.Str("media_type") ?? "";
                return !ImageTypes.Contains(mediaType, StringComparer.Ordinal)
                    ? throw MessagesRequestReader.Bad($"{where}.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'")
                    : Attachments.FromBase64(PartKind.Image, mediaType, source.Str("data") ?? "", mark)
                        ?? throw MessagesRequestReader.Bad($"{where}.source.base64: invalid base64 data");
            case "url":
                return Attachments.FromUrl(PartKind.Image, source.Str("url") ?? "", mark) is { Url: not null } part ? part
                    : throw MessagesRequestReader.Bad($"{where}.source.url.url: Only HTTPS URLs are supported.");
            case "file":
                return new Part { Kind = PartKind.Image, Url = source.Str("file_id"), Text = source.Str("file_id") ?? "", Cache = mark };
            case var other:
                throw MessagesRequestReader.Bad($"{where}.source: Input tag '{other}' found using 'type' does not match any of the expected tags: 'base64', 'file', 'url'");
        }
    }

    private static Part Document(JsonElement source, string where, CacheMark mark)
    {
        switch (source.Str("type"))
        {
            case "base64":
                return Attachments.FromBase64(PartKind.Document, source.Str("media_type") ?? "", source.Str("data") ?? "", mark)
                    ?? throw MessagesRequestReader.Bad($"{where}.source.base64.data: invalid base64 data");
            case "text":
                return Attachments.FromText(PartKind.Document, source.Str("media_type") ?? "text/plain", source.Str("data") ?? "", mark);
            case "content":
                return new Part { Kind = PartKind.Document, MediaType = "content", Bytes = source.Get("content").GetRawText().Length, Cache = mark };
            case "url":
                return Attachments.FromUrl(PartKind.Document, source.Str("url") ?? "", mark) ?? throw MessagesRequestReader.Bad($"{where}.source.url.url: Invalid URL");
            case "file":
                return new Part { Kind = PartKind.Document, Url = source.Str("file_id"), Text = source.Str("file_id") ?? "", Cache = mark };
            case var other:
                throw MessagesRequestReader.Bad($"{where}.source: Input tag '{other}' found using 'type' does not match any of the expected tags: 'base64', 'content', 'file', 'text', 'url'");
        }
    }
}
