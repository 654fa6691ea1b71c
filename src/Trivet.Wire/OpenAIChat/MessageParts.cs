using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// One Chat message, of a request or of an answer, taken apart: properties come in any order, so nothing is decided before its end. Reused from
/// message to message.
/// </summary>
internal sealed class MessageParts(ReadOnlyMemory<byte> body)
{
    public JsonText Role { get; private set; }

    public JsonText Name { get; private set; }

    public JsonText ToolCallId { get; private set; }

    public List<Block> Content { get; } = [];

    public bool IsPlainString { get; private set; }

    public JsonText ReasoningContent { get; private set; }

    public JsonText Reasoning { get; private set; }

    public RawJson ReasoningDetails { get; private set; }

    public JsonText Refusal { get; private set; }

    public RawJson ToolCalls { get; private set; }

    public RawJson FunctionCall { get; private set; }

    public RawJson Annotations { get; private set; }

    public JsonText ThoughtSignature { get; private set; }

    /// <summary>What the model drew: an array of <c>image_url</c> elements.</summary>
    public RawJson Images { get; private set; }

    public List<ExtraField> Extra { get; } = [];

    /// <summary>Where in the message the fault is, beginning with a dot; empty for the message itself.</summary>
    public string FaultPath { get; private set; } = "";

    public string Fault { get; private set; } = "";

    /// <summary>Reads the message object at the reader's position, which moves to its end.</summary>
    public bool TryRead(ref Utf8JsonReader reader)
    {
        Reset();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (name.SequenceEqual("content"u8))
            {
                if (!TryReadContent(ref reader))
                    return false;
            }
            else if (reader.TokenType != JsonTokenType.String || !TrySetText(name, JsonTokens.ReadText(ref reader, body)))
            {
                SetOther(name, JsonTokens.ReadRaw(ref reader, body));
            }
        }

        return true;
    }

    /// <summary>Adds what an assistant said, in canonical order: thoughts, text, refusal, calls.</summary>
    public bool TryAddAssistantBlocks(List<Block> target, ThinkTags tags)
    {
        AddReasoning(target);
        var hasCalls = !ToolCalls.IsAbsent || !FunctionCall.IsAbsent;
        foreach (var block in Content)
        {
            if (block is TextBlock { Text.IsEmpty: true } && (hasCalls || target.Count > 0 || !Refusal.IsEmpty))
                continue;
            if (tags != ThinkTags.None && block is TextBlock text)
                ThinkSplitter.Split(text, tags, target);
            else
                target.Add(block);
        }

        if (!Annotations.IsAbsent && target.OfType<TextBlock>().LastOrDefault() is { } annotated)
            annotated.Citations = Annotations;
        if (!ThoughtSignature.IsNull)
            Sign(target);
        if (!Refusal.IsEmpty)
            target.Add(new RefusalBlock(Refusal));
        AddImages(target);
        return TryAddCalls(target);
    }

    private void AddImages(List<Block> target)
    {
        if (Images.IsAbsent)
            return;
        var reader = new Utf8JsonReader(Images.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            target.Add(new OpaqueBlock(Protocol.OpenAIChat, DrawnPicture.ChatType, JsonTokens.ReadRaw(ref reader, Images.Utf8)));
    }

    private void AddReasoning(List<Block> target)
    {
        var before = target.Count;
        if (!ReasoningDetails.IsAbsent)
            OpenAIChatReasoningDetails.Read(ReasoningDetails, target);
        var hasText = false;
        for (var i = before; i < target.Count; i++)
            hasText |= target[i] is ReasoningBlock { Text.IsEmpty: false };
        if (hasText)
            return; // the plain fields repeat what the details say
        var (carrier, text) = ReasoningContent.IsNull ? (ReasoningCarrier.Reasoning, Reasoning) : (ReasoningCarrier.ReasoningContent, ReasoningContent);
        if (!text.IsEmpty || carrier == ReasoningCarrier.ReasoningContent && !text.IsNull) // DeepSeek wants an empty one back, too (WIRE_FACTS §3.4)
            target.Insert(before, new ReasoningBlock { Text = text, Carrier = carrier });
    }

    // Gemini signs the part that its OpenAI layer made the message of.
    private void Sign(List<Block> target)
    {
        if (target.Count == 0 || target[^1] is not TextBlock)
            target.Add(new TextBlock(""));
        target[^1].ThoughtSignature = ThoughtSignature;
    }

    private bool TryAddCalls(List<Block> target)
    {
        if (!ToolCalls.IsAbsent && !ToolReader.TryReadCalls(ToolCalls, target, out var path, out var fault))
        {
            (FaultPath, Fault) = (".tool_calls" + path, fault);
            return false;
        }

        if (!FunctionCall.IsAbsent)
            ToolReader.ReadFunctionCall(FunctionCall, target);
        return true;
    }

    private bool TryReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            IsPlainString = true;
            Content.Add(new TextBlock(JsonTokens.ReadText(ref reader, body)));
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            (FaultPath, Fault) = (".content", "must be a string or an array of parts");
            return false;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType == JsonTokenType.String) // lenient: some clients put bare strings among the parts
            {
                Content.Add(new TextBlock(JsonTokens.ReadText(ref reader, body)));
                continue;
            }

            var raw = JsonTokens.ReadRaw(ref reader, body);
            if (ContentPartReader.Read(raw, out var path, out var fault) is not { } block)
            {
                (FaultPath, Fault) = ($".content[{i}]{path}", fault);
                return false;
            }

            Content.Add(block);
        }

        return true;
    }

    private bool TrySetText(ReadOnlySpan<byte> name, JsonText value)
    {
        if (name.SequenceEqual("role"u8))
            Role = value;
        else if (name.SequenceEqual("name"u8))
            Name = value;
        else if (name.SequenceEqual("tool_call_id"u8))
            ToolCallId = value;
        else if (name.SequenceEqual("refusal"u8))
            Refusal = value;
        else if (name.SequenceEqual("reasoning_content"u8))
            ReasoningContent = value;
        else if (name.SequenceEqual("reasoning"u8))
            Reasoning = value;
        else if (name.SequenceEqual("thought_signature"u8))
            ThoughtSignature = value;
        else
            return false;
        return true;
    }

    private void SetOther(ReadOnlySpan<byte> name, RawJson value)
    {
        var isArray = value.Utf8.Span[0] == (byte)'[';
        if (isArray && name.SequenceEqual("tool_calls"u8))
            ToolCalls = IsEmptyArray(value) ? default : value;
        else if (name.SequenceEqual("function_call"u8))
            FunctionCall = value;
        else if (isArray && name.SequenceEqual("reasoning_details"u8))
            ReasoningDetails = IsEmptyArray(value) ? default : value;
        else if (isArray && name.SequenceEqual("annotations"u8))
            Annotations = IsEmptyArray(value) ? default : value;
        else if (isArray && name.SequenceEqual("images"u8))
            Images = IsEmptyArray(value) ? default : value;
        else if (name.SequenceEqual("extra_content"u8) && ToolReader.ThoughtSignature(value) is { IsNull: false } signature)
            ThoughtSignature = signature;
        else
            Extra.Add(new ExtraField(System.Text.Encoding.UTF8.GetString(name), value));
    }

    private static bool IsEmptyArray(RawJson value)
    {
        var reader = new Utf8JsonReader(value.Utf8.Span);
        return reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
    }

    private void Reset()
    {
        (Role, Name, ToolCallId, ReasoningContent, Reasoning, Refusal, ThoughtSignature) = (default, default, default, default, default, default, default);
        (ReasoningDetails, ToolCalls, FunctionCall, Annotations, Images, IsPlainString, FaultPath, Fault) = (default, default, default, default, default, false, "", "");
        Content.Clear();
        Extra.Clear();
    }
}
