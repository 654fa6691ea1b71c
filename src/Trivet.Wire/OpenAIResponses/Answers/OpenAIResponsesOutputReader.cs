using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// Reads a whole item of an answer into blocks. A message becomes a block per part, thoughts one block with their id and ciphertext, a call one block;
/// calls of the vendor's own tools, and whatever else only this protocol knows, stay as they are.
/// </summary>
internal static class OpenAIResponsesOutputReader
{
    /// <summary>Before the names of a text's own fields.</summary>
    public const string TextPrefix = "output_text.";

    /// <summary>Before the names of a message's own fields, which stand with its first text.</summary>
    public const string MessagePrefix = "message.";

    /// <summary>
    /// What kind of item it is. xAI reports searches that it ran itself as free-form calls, which no client is to run: their ids begin with <c>xs_</c>
    /// (openai-responses-107).
    /// </summary>
    public static ResponsesItemKind KindOf(JsonFields fields)
    {
        var type = fields.Find(0, "type"u8).Text;
        if (type.ValueEquals("message"u8))
            return ResponsesItemKind.Message;
        if (type.ValueEquals("reasoning"u8))
            return ResponsesItemKind.Reasoning;
        if (type.ValueEquals("custom_tool_call"u8) && fields.Find(0, "call_id"u8).Text.Token.Span.StartsWith("\"xs_"u8))
            return ResponsesItemKind.Other;
        return type.ValueEquals("function_call"u8) || type.ValueEquals("custom_tool_call"u8) ? ResponsesItemKind.Call : ResponsesItemKind.Other;
    }

    /// <summary>Adds the item's blocks. Parts without text are left out, thoughts and calls never.</summary>
    public static void Read(RawJson item, List<Block> blocks)
    {
        var fields = new JsonFields();
        fields.Push(item);
        var type = fields.Find(0, "type"u8).Text;
        switch (KindOf(fields))
        {
            case ResponsesItemKind.Message:
                ReadMessage(fields, blocks);
                break;
            case ResponsesItemKind.Reasoning:
                blocks.Add(OpenAIResponsesReasoning.Read(fields, 0));
                break;
            case ResponsesItemKind.Call:
                blocks.Add(ReadCall(fields, type.ValueEquals("custom_tool_call"u8)));
                break;
            default:
                if (!type.IsEmpty) // without a type it is no item
                    blocks.Add(ReadOther(fields, type.ToString(), item));
                break;
        }
    }

    /// <summary>The ciphertext of a reasoning item; no value for none, which some vendors say with an empty string.</summary>
    public static JsonText Encrypted(JsonFields fields)
    {
        var encrypted = fields.Find(0, "encrypted_content"u8).Text;
        return encrypted.IsEmpty ? default : encrypted;
    }

    /// <summary>What a call was given, as text of JSON or free text.</summary>
    public static ReadOnlyMemory<byte> Arguments(JsonFields fields)
    {
        var field = fields.Find(0, "arguments"u8);
        if (field.Value.IsNull)
            field = fields.Find(0, "input"u8);
        if (field.Value.IsNull)
            return default;
        if (field.Type != JsonTokenType.String)
            return field.Value.Utf8; // an object where a string of one is due
        var text = new ArrayBufferWriter<byte>(field.Value.Utf8.Length);
        field.Text.CopyDecodedTo(text);
        return text.WrittenMemory;
    }

    /// <summary>The call's block with its head; arguments come from <see cref="Arguments"/>.</summary>
    public static ToolCallBlock CallHead(JsonFields fields, bool isCustom)
    {
        var id = fields.Find(0, "call_id"u8).Text;
        return new ToolCallBlock
        {
            Id = id.IsEmpty ? fields.Find(0, "id"u8).Text : id,
            Name = fields.Find(0, "name"u8).Text,
            Namespace = fields.Find(0, "namespace"u8).Text,
            Kind = isCustom ? ToolKind.Custom : ToolKind.Function,
        };
    }

    private static OpaqueBlock ReadOther(JsonFields fields, string type, RawJson item) =>
        new(Protocol.OpenAIResponses, type, item) { Readable = OpenAIResponsesReadable.Of(type, fields, 0) };

    private static ToolCallBlock ReadCall(JsonFields fields, bool isCustom)
    {
        var call = CallHead(fields, isCustom);
        call.Arguments = Arguments(fields);
        return call;
    }

    private static void ReadMessage(JsonFields fields, List<Block> blocks)
    {
        var before = blocks.Count;
        ReadContent(fields, blocks);
        var phase = fields.Find(0, "phase"u8);
        if (phase.Type == JsonTokenType.String && blocks.Count > before && blocks[before] is TextBlock first)
            first.AddExtra(LossList.MessagePhase, phase.Value);
    }

    private static void ReadContent(JsonFields fields, List<Block> blocks)
    {
        var content = fields.Find(0, "content"u8);
        if (content.Type == JsonTokenType.String && !content.Text.IsEmpty)
            blocks.Add(new TextBlock(content.Text));
        if (content.Type != JsonTokenType.StartArray)
            return;
        var reader = new Utf8JsonReader(content.Value.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = fields.Push(JsonTokens.ReadRaw(ref reader, content.Value.Utf8));
            var text = fields.Find(start, "text"u8).Text;
            var refusal = fields.Find(start, "refusal"u8).Text;
            var annotations = fields.Find(start, "annotations"u8);
            var hasAnnotations = HasElements(annotations);
            if (!text.IsEmpty || hasAnnotations)
                blocks.Add(Text(text, hasAnnotations ? annotations.Value : default, fields.Find(start, "logprobs"u8)));
            else if (!refusal.IsEmpty)
                blocks.Add(new RefusalBlock(refusal));
            fields.Pop(start);
        }
    }

    private static TextBlock Text(JsonText text, RawJson annotations, JsonField logProbs)
    {
        var block = new TextBlock(text.IsNull ? "" : text) { Citations = annotations };
        if (HasElements(logProbs))
            block.AddExtra(LogProbabilities.OfTextName, logProbs.Value);
        return block;
    }

    private static bool HasElements(JsonField array) => array.Type == JsonTokenType.StartArray && array.Value.Utf8.Span[1..^1].ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>What stands between two parts of thoughts, as a string token.</summary>
    public static ReadOnlySpan<byte> BlankLine => "\"\\n\\n\""u8;
}

/// <summary>Kinds of items.</summary>
internal enum ResponsesItemKind : byte
{
    /// <summary>Texts and refusals.</summary>
    Message,

    /// <summary>Thoughts.</summary>
    Reasoning,

    /// <summary>A call of a function or free-form tool.</summary>
    Call,

    /// <summary>Known to this protocol only.</summary>
    Other,
}
