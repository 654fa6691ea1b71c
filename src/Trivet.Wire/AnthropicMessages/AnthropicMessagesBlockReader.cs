using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>
/// Reads content blocks of requests and answers. A block of a kind that is not known stays whole (<see cref="OpaqueBlock"/>); a known kind keeps
/// what it has beyond the known fields beside it. One per body; not thread-safe.
/// </summary>
internal sealed class AnthropicMessagesBlockReader
{
    private const int DepthMax = 8;
    private int _depth;

    /// <summary>Fields of the objects being read; shared with the readers around.</summary>
    public JsonFields Fields { get; } = new();

    /// <summary>What is wrong with the block read last, relative to the block; null where nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where in the block, such as <c>.text</c>.</summary>
    public string ProblemPath { get; private set; } = "";

    /// <summary>Reads the block at the reader's position (which moves to its end); null with <see cref="Problem"/> set where it cannot be one.</summary>
    public Block? Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer)
    {
        (Problem, ProblemPath) = (null, "");
        var begin = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return Fail("", "a content block must be an object.");
        }

        var start = Fields.Push(ref reader, buffer);
        var type = Fields.Find(start, "type"u8);
        Block? block;
        if (type.Type != JsonTokenType.String)
            block = Fail(".type", "this field is required.");
        else if (type.Text.ValueEquals("text"u8))
            block = Text(start);
        else if (type.Text.ValueEquals("tool_use"u8))
            block = ToolUse(start);
        else if (type.Text.ValueEquals("tool_result"u8))
            block = ToolResult(start);
        else if (type.Text.ValueEquals("thinking"u8))
            block = Thinking(start);
        else if (type.Text.ValueEquals("redacted_thinking"u8))
            block = Redacted(start);
        else if (type.Text.ValueEquals("image"u8))
            block = Media(start, MediaKind.Image);
        else if (type.Text.ValueEquals("document"u8))
            block = Media(start, MediaKind.Document);
        else
            block = null;

        if (block is null && Problem is null)
        {
            block = new OpaqueBlock(Protocol.AnthropicMessages, type.Text.ToString(), new RawJson(buffer[begin..(int)reader.BytesConsumed]))
            {
                CacheControl = Fields.Find(start, "cache_control"u8).Value,
                Readable = type.Text.ValueEquals("search_result"u8) ? SearchResult(start) : null,
            };
        }

        Fields.Pop(start);
        return block;
    }

    private static bool IsEmptyArray(RawJson value) => !value.IsAbsent && value.Utf8.Span[0] == (byte)'[' && value.Utf8.Span[1..^1].Trim(" \t\r\n"u8).IsEmpty;

    private TextBlock? Text(int start)
    {
        var block = new TextBlock(default);
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("text"u8))
                block.Text = field.Text;
            else if (field.Is("citations"u8))
                block.Citations = IsEmptyArray(field.Value) ? default : field.Value; // what answers without citations say, and clients send back
            else
                Common(block, field);
        }

        if (!block.Text.IsNull)
            return block;
        Fail(".text", "a string is required.");
        return null;
    }

    private ReasoningBlock Thinking(int start)
    {
        var block = new ReasoningBlock { Text = new JsonText("") };
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("thinking"u8))
                block.Text = field.Text;
            else if (field.Is("signature"u8))
                block.Signature = field.Text;
            else
                Common(block, field);
        }

        return block;
    }

    private ReasoningBlock Redacted(int start)
    {
        var block = new ReasoningBlock { IsRedacted = true };
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("data"u8))
                block.Encrypted = field.Text;
            else
                Common(block, field);
        }

        return block;
    }

    private ToolCallBlock? ToolUse(int start)
    {
        var block = new ToolCallBlock();
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("id"u8))
                block.Id = field.Text;
            else if (field.Is("name"u8))
                block.Name = field.Text;
            else if (field.Is("input"u8))
                block.Arguments = field.Value.IsNull ? default : field.Value.Utf8;
            else if (!IsDirect(field))
                Common(block, field);
        }

        if (block.Id.IsNull)
            Fail(".id", "a string is required.");
        else if (block.Name.IsNull)
            Fail(".name", "a string is required.");
        return Problem is null ? block : null;
    }

    // Who called is the model itself, which goes without saying.
    private static bool IsDirect(JsonField field) => field.Is("caller"u8) && field.Value.Utf8.Span.IndexOf("\"direct\""u8) >= 0;

    private ToolResultBlock? ToolResult(int start)
    {
        var block = new ToolResultBlock();
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("tool_use_id"u8))
                block.CallId = field.Text;
            else if (field.Is("is_error"u8))
                block.IsError = field.Boolean;
            else if (field.Is("content"u8))
                ResultContent(field, block);
            else
                Common(block, field);
        }

        if (block.CallId.IsNull)
            Fail(".tool_use_id", "a string is required.");
        return Problem is null ? block : null;
    }

    private void ResultContent(JsonField field, ToolResultBlock block)
    {
        if (field.Type == JsonTokenType.String)
        {
            block.IsPlainString = true;
            block.Content.Add(new TextBlock(field.Text));
        }
        else if (field.Type == JsonTokenType.StartArray)
        {
            List(field.Value, block.Content, ".content");
        }
        else if (field.Type != JsonTokenType.Null)
        {
            Fail(".content", "a string or an array of blocks is expected.");
        }
    }

    // What the client's own search found: for a model of another protocol it is the title, the source and the texts.
    private List<Block> SearchResult(int start)
    {
        List<Block> says = [new TextBlock($"[search result: {Fields.Find(start, "title"u8).Text}, {Fields.Find(start, "source"u8).Text}]")];
        var content = Fields.Find(start, "content"u8);
        if (content.Type == JsonTokenType.StartArray)
            List(content.Value, says, ".content");
        return says;
    }

    private void List(RawJson array, List<Block> into, string path)
    {
        if (++_depth > DepthMax)
        {
            Fail(path, "blocks are nested too deeply.");
            return;
        }

        var reader = new Utf8JsonReader(array.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Read(ref reader, array.Utf8) is not { } inner)
            {
                ProblemPath = $"{path}[{into.Count}]{ProblemPath}";
                break;
            }

            into.Add(inner);
        }

        _depth--;
    }

    private MediaBlock? Media(int start, MediaKind kind)
    {
        var block = new MediaBlock(kind);
        JsonField source = default;
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("source"u8))
                source = field;
            else if (field.Is("title"u8))
                block.Name = field.Text;
            else if (field.Is("context"u8))
                block.Context = field.Text;
            else if (field.Is("citations"u8))
                block.Citations = field.Value;
            else
                Common(block, field);
        }

        if (source.Type != JsonTokenType.StartObject)
        {
            Fail(".source", "an object is required.");
            return null;
        }

        return Source(source.Value, block) ? block : null;
    }

    // False with no problem set: a source of a kind that is not known, so that the whole block stays opaque.
    private bool Source(RawJson source, MediaBlock block)
    {
        var start = Fields.Push(source);
        var type = Fields.Find(start, "type"u8).Text;
        var data = Fields.Find(start, "data"u8).Text;
        var content = Fields.Find(start, "content"u8);
        block.MediaType = Fields.Find(start, "media_type"u8).Text.ToString();
        if (type.ValueEquals("base64"u8))
            block.Data = data;
        else if (type.ValueEquals("url"u8))
            block.Url = Fields.Find(start, "url"u8).Text;
        else if (type.ValueEquals("file"u8))
            block.FileId = Fields.Find(start, "file_id"u8).Text;
        else if (type.ValueEquals("text"u8))
            block.PlainText = data;
        else if (type.ValueEquals("content"u8) && content.Type == JsonTokenType.StartArray)
            List(content.Value, block.Content = [], ".source.content");
        else if (type.ValueEquals("content"u8) && content.Type == JsonTokenType.String)
            block.Content = [new TextBlock(content.Text)];
        Fields.Pop(start);
        return Problem is null && (block.Content is not null || !block.Data.IsNull || !block.Url.IsNull || !block.FileId.IsNull || !block.PlainText.IsNull);
    }

    private static void Common(Block block, JsonField field)
    {
        if (field.Is("cache_control"u8))
            block.CacheControl = field.Value.IsNull ? default : field.Value;
        else if (!field.Is("type"u8))
            block.AddExtra(field.NameString, field.Value);
    }

    private Block? Fail(string path, string problem)
    {
        if (Problem is null)
            (ProblemPath, Problem) = (path, problem);
        return null;
    }
}
