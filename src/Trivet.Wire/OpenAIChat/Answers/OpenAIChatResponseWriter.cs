using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Answers;

/// <summary>Writes a whole answer as a Chat completion. Thoughts go out as <c>reasoning_content</c>, and as <c>reasoning_details</c> where they are signed or encrypted.</summary>
public static class OpenAIChatResponseWriter
{
    /// <summary>Writes the answer; what cannot be said goes to <paramref name="losses"/>. Never throws.</summary>
    public static void Write(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses)
    {
        var asFunction = OpenAIChatFunctions.AreAskedFor(options);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, response.Id.Length > 0 ? response.Id : "chatcmpl-" + options.FallbackId);
        writer.WriteString("object"u8, "chat.completion"u8);
        writer.WriteNumber("created"u8, response.CreatedAt > 0 ? response.CreatedAt : options.CreatedAt);
        writer.WriteString("model"u8, response.Model.Length > 0 ? response.Model : options.FallbackModel);
        writer.WriteStartArray("choices"u8);
        Choice(writer, 0, response.Origin, response.Blocks, response.StopReason, response, asFunction, losses);
        for (var i = 0; i < (response.MoreChoices?.Count ?? 0); i++)
            Choice(writer, i + 1, response.Origin, response.MoreChoices![i].Blocks, response.MoreChoices[i].StopReason, null, asFunction, losses);
        writer.WriteEndArray();
        if (response.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            OpenAIChatUsage.Write(writer, in usage);
        }

        if (response.Origin == Protocol.OpenAIChat && !response.ServiceTier.IsNull)
            response.ServiceTier.WriteTo(writer, "service_tier"u8);
        Extras(writer, response, "", losses);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        if (!response.StopSequence.IsNull && response.Origin != Protocol.OpenAIChat)
            losses.Add(OpenAIChatLosses.StopSequence);
    }

    private static void Choice(Utf8JsonWriter writer, int index, Protocol origin, List<Block> blocks, StopReason reason, CanonicalResponse? extras, bool asFunction, LossList losses)
    {
        if (reason is StopReason.PauseTurn or StopReason.Refusal or StopReason.ContextWindow or StopReason.Error)
            losses.Add(OpenAIChatLosses.StopReason);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        Content(writer, blocks, losses);
        Reasoning(writer, blocks, origin);
        if (asFunction)
            FunctionCall(writer, blocks, reason.CutsOff(), losses);
        else
            Calls(writer, blocks, reason.CutsOff());
        if (extras is not null)
            Extras(writer, extras, OpenAIChatResponseReader.MessagePrefix, losses);
        writer.WriteEndObject();
        var hasLogProbs = extras is not null && extras.Origin == Protocol.OpenAIChat && extras.Extra.Exists(static e => e.Name == OpenAIChatResponseReader.ChoicePrefix + "logprobs");
        if (!hasLogProbs)
            LogProbs(writer, blocks);
        writer.WriteString("finish_reason"u8, OpenAIChatStopReasons.Write(reason, blocks.Exists(static b => b is ToolCallBlock), asFunction));
        if (extras is { Origin: Protocol.OpenAIChat, StopSequence.IsNull: false })
            extras.StopSequence.WriteTo(writer, "stop_reason"u8); // as vLLM says it
        if (extras is not null)
            Extras(writer, extras, OpenAIChatResponseReader.ChoicePrefix, losses);
        writer.WriteEndObject();
    }

    private static void LogProbs(Utf8JsonWriter writer, List<Block> blocks)
    {
        var (content, refusal) = (LogProbabilities.Of<TextBlock>(blocks), LogProbabilities.Of<RefusalBlock>(blocks));
        if (content.IsAbsent && refusal.IsAbsent)
        {
            writer.WriteNull("logprobs"u8);
            return;
        }

        writer.WriteStartObject("logprobs"u8);
        Array(writer, "content"u8, content);
        Array(writer, "refusal"u8, refusal);
        writer.WriteEndObject();

        static void Array(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson array)
        {
            writer.WritePropertyName(name);
            if (array.IsAbsent)
                writer.WriteNullValue();
            else
                array.WriteTo(writer);
        }
    }

    private static void Content(Utf8JsonWriter writer, List<Block> blocks, LossList losses)
    {
        var text = default(JsonText);
        var refusal = default(JsonText);
        var citations = new ArrayBufferWriter<byte>();
        var isFirst = true;
        List<DrawnPicture>? pictures = null;
        if (IsReordered(blocks))
            losses.Add(OpenAIChatLosses.AnswerOrder);
        foreach (var block in blocks)
        {
            switch (block)
            {
                case TextBlock said:
                    losses.AddExtra(said, Protocol.OpenAIChat);
                    text = text.IsNull ? said.Text : OpenAIChatReasoningDetails.Concat(text, said.Text);
                    if (!OpenAIChatAnnotations.TryWriteItems(said.Citations, citations, ref isFirst))
                        losses.Add(OpenAIChatLosses.Citations);
                    break;
                case RefusalBlock refused:
                    refusal = refusal.IsNull ? refused.Text : OpenAIChatReasoningDetails.Concat(refusal, refused.Text);
                    break;
                case OpaqueBlock opaque when DrawnPicture.Of(opaque.Origin, opaque.Type, opaque.Raw) is { } picture:
                    (pictures ??= []).Add(picture);
                    break;
                case OpaqueBlock opaque:
                    losses.AddUnknown("content." + opaque.Type, Protocol.OpenAIChat);
                    break;
                case MediaBlock:
                    losses.Add(OpenAIChatLosses.Media);
                    break;
            }
        }

        if (text.IsNull && refusal.IsNull && !blocks.Exists(static b => b is ToolCallBlock))
            text = ""; // an answer of nothing, or of thoughts alone
        text.WriteTo(writer, "content"u8);
        refusal.WriteTo(writer, "refusal"u8);
        if (!isFirst)
        {
            writer.WritePropertyName("annotations"u8);
            writer.WriteRawValue((byte[])[(byte)'[', .. citations.WrittenSpan, (byte)']'], skipInputValidation: true);
        }

        if (pictures is not null)
            Images(writer, pictures);
        if (blocks.FindLast(static b => b is not (ToolCallBlock or OpaqueBlock) && !b.ThoughtSignature.IsNull) is { } signed)
            WriteThoughtSignature(writer, signed);
    }

    private static void Images(Utf8JsonWriter writer, List<DrawnPicture> pictures)
    {
        var images = new ArrayBufferWriter<byte>();
        for (var i = 0; i < pictures.Count; i++)
        {
            images.Write(i == 0 ? "["u8 : ","u8);
            pictures[i].WriteForChat(images, i);
        }

        images.Write("]"u8);
        writer.WritePropertyName("images"u8);
        writer.WriteRawValue(images.WrittenSpan, skipInputValidation: true);
    }

    // A message is read as thoughts, text, calls.
    private static bool IsReordered(List<Block> blocks)
    {
        var last = 0;
        foreach (var block in blocks)
        {
            var place = block switch { ReasoningBlock { Text.IsEmpty: false } => 1, TextBlock { Text.IsEmpty: false } or RefusalBlock => 2, ToolCallBlock => 3, _ => 0 };
            if (place > 0 && place < last)
                return true;
            last = Math.Max(last, place);
        }

        return false;
    }

    private static void Reasoning(Utf8JsonWriter writer, List<Block> blocks, Protocol origin)
    {
        var text = default(JsonText);
        var isDetailed = false;
        foreach (var block in blocks)
        {
            if (block is not ReasoningBlock thoughts)
                continue;
            text = text.IsNull ? thoughts.Text : OpenAIChatReasoningDetails.Concat(text, thoughts.Text);
            isDetailed |= IsDetailed(thoughts);
        }

        if (!text.IsNull)
            text.WriteTo(writer, "reasoning_content"u8);
        if (!isDetailed)
            return;
        writer.WriteStartArray("reasoning_details"u8);
        var index = 0;
        foreach (var block in blocks)
        {
            if (block is ReasoningBlock thoughts && IsDetailed(thoughts))
                OpenAIChatReasoningDetails.Write(writer, thoughts, index, origin);
            index += block is ReasoningBlock ? 1 : 0;
        }

        writer.WriteEndArray();
    }

    private static bool IsDetailed(ReasoningBlock block) => !block.Details.IsAbsent || !block.Encrypted.IsNull || !block.Signature.IsEmpty && !ForeignSignature.IsForeign(block.Signature);

    private static void Calls(Utf8JsonWriter writer, List<Block> blocks, bool isCutOff)
    {
        if (!blocks.Exists(static b => b is ToolCallBlock))
            return;
        var ids = new UsedIds();
        writer.WriteStartArray("tool_calls"u8);
        foreach (var block in blocks)
        {
            if (block is ToolCallBlock call)
                WriteCall(writer, call, ids.Take(call.Id.ToString()), call.Name, isCutOff: isCutOff && block == blocks[^1]);
        }

        writer.WriteEndArray();
    }

    private static void FunctionCall(Utf8JsonWriter writer, List<Block> blocks, bool isCutOff, LossList losses)
    {
        var first = blocks.FindIndex(static b => b is ToolCallBlock);
        if (first < 0)
            return;
        OpenAIChatFunctions.WriteCall(writer, (ToolCallBlock)blocks[first], isCutOff && first == blocks.Count - 1);
        if (blocks.FindIndex(first + 1, static b => b is ToolCallBlock) > 0)
            losses.Add(OpenAIChatLosses.FurtherCalls);
    }

    /// <summary>Writes a call as an element of <c>tool_calls</c>. A function's arguments are always a JSON text: an empty one becomes an empty object, where it is not the limit that left it empty.</summary>
    internal static void WriteCall(Utf8JsonWriter writer, ToolCallBlock call, JsonText id, JsonText name, bool asFunction = false, bool isCutOff = false)
    {
        var isCustom = call.Kind == ToolKind.Custom && !asFunction;
        writer.WriteStartObject();
        id.WriteTo(writer, "id"u8);
        writer.WriteString("type"u8, isCustom ? "custom"u8 : "function"u8);
        writer.WriteStartObject(isCustom ? "custom"u8 : "function"u8);
        name.WriteTo(writer, "name"u8);
        if (isCustom)
            writer.WriteString("input"u8, call.Arguments.Span);
        else if (call.Kind == ToolKind.Custom)
            writer.WriteString("arguments"u8, $$"""{"input":{{Encoding.UTF8.GetString(new JsonText(Encoding.UTF8.GetString(call.Arguments.Span)).ToToken().Span)}}}""");
        else if (call.Arguments.IsEmpty && !isCutOff)
            writer.WriteString("arguments"u8, "{}"u8);
        else
            writer.WriteString("arguments"u8, call.Arguments.Span);
        writer.WriteEndObject();
        if (!call.ThoughtSignature.IsNull)
            WriteThoughtSignature(writer, call);
        writer.WriteEndObject();
    }

    internal static void WriteThoughtSignature(Utf8JsonWriter writer, Block block)
    {
        writer.WriteStartObject("extra_content"u8);
        writer.WriteStartObject("google"u8);
        block.ThoughtSignature.WriteTo(writer, "thought_signature"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // Names with a dot belong to the choice or the message; only Chat's own extras have a place here.
    private static void Extras(Utf8JsonWriter writer, CanonicalResponse response, string prefix, LossList losses)
    {
        foreach (var (name, value) in response.Extra)
        {
            if (response.Origin != Protocol.OpenAIChat)
            {
                if (prefix.Length == 0)
                    losses.AddUnknown("", new ExtraField(name, value), Protocol.OpenAIChat);
                continue;
            }

            var isInner = name.StartsWith(OpenAIChatResponseReader.ChoicePrefix, StringComparison.Ordinal) || name.StartsWith(OpenAIChatResponseReader.MessagePrefix, StringComparison.Ordinal);
            if (prefix.Length == 0 ? isInner : !name.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            writer.WritePropertyName(name[prefix.Length..]);
            value.WriteTo(writer);
        }
    }
}
