using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Reads the parts of a request's contents. A part is told by which field it has; <c>thoughtSignature</c> may stand on any of them, also on an empty
/// text. What only Google knows stays whole (<see cref="OpaqueBlock"/>). One per body; not thread-safe.
/// </summary>
internal sealed class GeminiPartReader
{
    /// <summary>Fields of the objects being read; shared with the readers around.</summary>
    public JsonFields Fields { get; } = new();

    /// <summary>Reads the part at the reader's position (which moves to its end); null with a problem where it is none.</summary>
    public Block? Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer, out string problem)
    {
        problem = "";
        var begin = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            problem = "a part must be an object.";
            return null;
        }

        var start = Fields.Push(ref reader, buffer);
        var block = Read(start, new RawJson(buffer[begin..(int)reader.BytesConsumed]), ref problem);
        Fields.Pop(start);
        return block;
    }

    private Block? Read(int start, RawJson whole, ref string problem)
    {
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Type == JsonTokenType.Null)
                continue;
            if (field.Is("text"u8))
                return Text(start, field, ref problem);
            if (field.Named("functionCall"u8))
                return Call(start, field, ref problem);
            if (field.Named("functionResponse"u8))
                return Result(start, field, ref problem);
            if (field.Named("inlineData"u8) || field.Named("fileData"u8))
                return Common(Media(field, ref problem), start, field);
            if (field.Named("executableCode"u8))
                return Opaque("executableCode", whole, Code(field));
            if (field.Named("codeExecutionResult"u8))
                return Opaque("codeExecutionResult", whole, Output(field));
        }

        // toolCall, toolResponse and whatever comes next. A part that is a signature alone is an empty text.
        if (Fields.Get(start, "thoughtSignature"u8).Type == JsonTokenType.String && Fields.Count == start + 1)
            return Common(new TextBlock(""), start, default);
        if (Fields.Count == start)
            problem = "a part must have one of text, inlineData, fileData, functionCall, functionResponse.";
        return Fields.Count == start ? null : Opaque(GeminiNames.Camel(Fields[start].NameString), whole, null);
    }

    private Block? Text(int start, JsonField text, ref string problem)
    {
        if (text.Type != JsonTokenType.String)
        {
            problem = "text must be a string.";
            return null;
        }

        return Fields.Get(start, "thought"u8).Boolean == true
            ? Common(new ReasoningBlock { Text = text.Text, IsSummary = true }, start, text)
            : Common(new TextBlock(text.Text), start, text);
    }

    private Block? Call(int start, JsonField call, ref string problem)
    {
        var inner = Fields.Push(call.Value);
        var block = new ToolCallBlock();
        for (var i = inner; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("name"u8))
                block.Name = field.Text;
            else if (field.Is("id"u8))
                block.Id = field.Text;
            else if (field.Is("args"u8))
                block.Arguments = field.Value.IsNull ? default : field.Value.Utf8;
            else
                block.AddExtra(field.NameString, field.Value);
        }

        Fields.Pop(inner);
        if (block.Name.IsEmpty)
        {
            problem = "functionCall.name: a string is required.";
            return null;
        }

        return Common(block, start, call);
    }

    private Block? Result(int start, JsonField response, ref string problem)
    {
        var inner = Fields.Push(response.Value);
        var block = new ToolResultBlock();
        JsonField parts = default;
        for (var i = inner; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Is("name"u8))
                block.Name = field.Text;
            else if (field.Is("id"u8))
                block.CallId = field.Text;
            else if (field.Is("response"u8))
                block.Raw = field.Value;
            else if (field.Is("parts"u8))
                parts = field;
            else
                block.AddExtra(GeminiNames.Camel(field.NameString), field.Value);
        }

        GeminiResults.Read(block, Fields);
        if (parts.Type == JsonTokenType.StartArray)
            ResultParts(parts.Value, block, ref problem);
        Fields.Pop(inner);
        if (block.Name.IsEmpty && block.CallId.IsEmpty)
            problem = "functionResponse.name: a string is required.";
        return problem.Length > 0 ? null : Common(block, start, response);
    }

    private void ResultParts(RawJson parts, ToolResultBlock block, ref string problem)
    {
        var reader = new Utf8JsonReader(parts.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray && problem.Length == 0)
        {
            if (Read(ref reader, parts.Utf8, out problem) is { } inner and not (ToolResultBlock or ToolCallBlock))
                block.Content.Add(inner);
        }

        block.IsPlainString &= block.Content.Count == 1;
    }

    private MediaBlock? Media(JsonField field, ref string problem)
    {
        var start = Fields.Push(field.Value);
        var type = Fields.Get(start, "mimeType"u8).Text.ToString();
        var uri = Fields.Get(start, "fileUri"u8).Text;
        var data = Fields.Find(start, "data"u8).Text;
        var name = Fields.Get(start, "displayName"u8).Text;
        Fields.Pop(start);
        if (!data.IsNull)
            return new MediaBlock(GeminiMedia.KindOf(type)) { MediaType = type, Data = data, Name = name };
        if (uri.IsEmpty)
        {
            problem = "fileData.fileUri or inlineData.data: a string is required.";
            return null;
        }

        var address = uri.ToString();
        var kind = GeminiMedia.IsYouTube(address) ? MediaKind.Video : type.Length > 0 ? GeminiMedia.KindOf(type) : GeminiMedia.KindOf(GeminiMedia.TypeOf(new MediaBlock(MediaKind.Document), address));
        return GeminiMedia.IsStored(address)
            ? new MediaBlock(kind) { MediaType = type, FileId = uri, Name = name }
            : new MediaBlock(kind) { MediaType = type, Url = uri, Name = name };
    }

    private List<Block> Code(JsonField field)
    {
        var start = Fields.Push(field.Value);
        var (language, code) = (Fields.Find(start, "language"u8).Text.ToString(), Fields.Find(start, "code"u8).Text.ToString());
        Fields.Pop(start);
        return [new TextBlock($"```{language.ToLowerInvariant()}\n{code}\n```")];
    }

    private List<Block> Output(JsonField field)
    {
        var start = Fields.Push(field.Value);
        var output = Fields.Find(start, "output"u8).Text.ToString();
        Fields.Pop(start);
        return [new TextBlock($"```\n{output}\n```")];
    }

    private static OpaqueBlock Opaque(string type, RawJson whole, List<Block>? says) => new(Protocol.Gemini, type, whole) { Readable = says };

    // The signature, and what else stands beside the part's own field.
    private Block? Common(Block? block, int start, JsonField own)
    {
        if (block is null)
            return null;
        for (var i = start; i < Fields.Count; i++)
        {
            var field = Fields[i];
            if (field.Named("thoughtSignature"u8))
                block.ThoughtSignature = field.Text;
            else if (!field.Value.IsNull && !field.Value.Equals(own.Value) && !field.Is("thought"u8))
                block.AddExtra(GeminiNames.Camel(field.NameString), field.Value);
        }

        return block;
    }
}
