using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Answers;

/// <summary>Writes a whole answer, every field that Anthropic's specification requires included.</summary>
public static class AnthropicMessagesResponseWriter
{
    /// <summary>Writes the answer.</summary>
    public static void Write(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses)
    {
        var isNative = response.Origin == Protocol.AnthropicMessages;
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, AnswerId(response.Id, options));
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, response.Model.Length > 0 ? response.Model : options.FallbackModel);
        writer.WriteStartArray("content"u8);
        var hasToolCall = false;
        var callIds = new UsedIds();
        foreach (var block in response.Blocks)
            hasToolCall |= WriteBlock(writer, block, isNative, options, callIds, losses);
        writer.WriteEndArray();
        if (response.StopReason == StopReason.Error)
            losses.Add(AnthropicMessagesLosses.AnswerStop);
        writer.WriteString("stop_reason"u8, AnthropicMessagesStopReasons.Write(response.StopReason, hasToolCall));
        response.StopSequence.WriteTo(writer, "stop_sequence"u8);
        WriteExtra(writer, response, isNative, losses);
        writer.WritePropertyName("usage"u8);
        var serverTools = isNative ? response.Extra.Find(static field => field.Name == AnthropicMessagesUsage.Prefix + AnthropicMessagesUsage.ServerTools).Value : default;
        AnthropicMessagesUsage.Write(UsageOf(response, options), writer, response.ServiceTier.Token.Span, serverTools);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        if (response.MoreChoices is { Count: > 0 })
            losses.Add(AnthropicMessagesLosses.AnswerChoices);
    }

    internal static string AnswerId(string id, ResponseWriterOptions options)
    {
        if (id.StartsWith("msg_", StringComparison.Ordinal) && AnthropicMessagesIds.IsLegal(id))
            return id;
        return "msg_" + (id.Length > 0 ? AnthropicMessagesIds.MakeLegalName(id) : options.FallbackId);
    }

    private static Usage UsageOf(CanonicalResponse response, ResponseWriterOptions options) =>
        response.Usage ?? new Usage { InputUncached = Math.Max(1, options.InputTokensEstimate), OutputText = EstimateOutput(response), IsEstimate = true };

    private static long EstimateOutput(CanonicalResponse response)
    {
        long bytes = 0;
        foreach (var block in response.Blocks)
        {
            bytes += block switch
            {
                TextBlock text => text.Text.Token.Length,
                ReasoningBlock reasoning => reasoning.Text.Token.Length,
                ToolCallBlock call => call.Arguments.Length,
                _ => 0,
            };
        }

        return Math.Max(1, bytes / 4);
    }

    // Returns whether it wrote a tool call.
    private static bool WriteBlock(Utf8JsonWriter writer, Block block, bool isNative, ResponseWriterOptions options, UsedIds callIds, LossList losses)
    {
        switch (block)
        {
            case TextBlock text when !text.Text.IsEmpty:
                WriteText(writer, text.Text, isNative ? text.Citations : default);
                losses.AddExtra(text, Protocol.AnthropicMessages);
                if (!isNative && !text.Citations.IsNull)
                    losses.Add(AnthropicMessagesLosses.AnswerCitations);
                return false;
            case RefusalBlock refusal when !refusal.Text.IsEmpty:
                losses.Add(AnthropicMessagesLosses.AnswerRefusal);
                WriteText(writer, refusal.Text, default);
                return false;
            case ReasoningBlock reasoning:
                WriteReasoning(writer, reasoning, isNative, options, losses);
                return false;
            case ToolCallBlock call:
                WriteCall(writer, call, callIds, losses);
                return true;
            case OpaqueBlock { Origin: Protocol.AnthropicMessages } opaque:
                opaque.Raw.WriteTo(writer);
                return false;
            case OpaqueBlock:
                losses.Add(AnthropicMessagesLosses.AnswerBlock);
                return false;
            case MediaBlock:
                losses.Add(AnthropicMessagesLosses.AnswerMedia);
                return false;
            default:
                return false;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, JsonText text, RawJson citations)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        text.WriteTo(writer, "text"u8);
        if (citations.IsNull)
        {
            // The specification wants the member, the Vercel AI SDK 6 takes no null in it (@ai-sdk/anthropic 3.0.138, 2026-11).
            writer.WriteStartArray("citations"u8);
            writer.WriteEndArray();
        }
        else
        {
            citations.WriteTo(writer, "citations"u8);
        }

        writer.WriteEndObject();
    }

    private static void WriteReasoning(Utf8JsonWriter writer, ReasoningBlock reasoning, bool isNative, ResponseWriterOptions options, LossList losses)
    {
        if (reasoning.IsRedacted)
        {
            if (!isNative || reasoning.Encrypted.IsNull)
            {
                losses.Add(AnthropicMessagesLosses.AnswerEncrypted);
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("type"u8, "redacted_thinking"u8);
            reasoning.Encrypted.WriteTo(writer, "data"u8);
            writer.WriteEndObject();
            return;
        }

        if (!reasoning.Encrypted.IsNull)
            losses.Add(AnthropicMessagesLosses.AnswerEncrypted);
        if (reasoning.Text.IsEmpty && reasoning.Signature.IsNull)
            return;
        writer.WriteStartObject();
        writer.WriteString("type"u8, "thinking"u8);
        (reasoning.Text.IsNull ? new JsonText("") : reasoning.Text).WriteTo(writer, "thinking"u8);
        (reasoning.Signature.IsNull ? new JsonText(ForeignSignature.Make(options.ReasoningOrigin)) : reasoning.Signature).WriteTo(writer, "signature"u8);
        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, ToolCallBlock call, UsedIds callIds, LossList losses)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, callIds.Take(AnthropicMessagesIds.MakeLegal(call.Id.ToString())));
        if (call.Name.IsEmpty)
            writer.WriteString("name"u8, "unnamed"u8);
        else
            call.Name.WriteTo(writer, "name"u8);
        writer.WritePropertyName("input"u8);
        writer.WriteRawValue(InputOf(call, losses), skipInputValidation: true);
        var caller = call.Extra?.Find(extra => extra.Name == "caller").Value ?? default;
        writer.WritePropertyName("caller"u8);
        if (caller.IsNull)
            writer.WriteRawValue("""{"type":"direct"}"""u8, skipInputValidation: true);
        else
            caller.WriteTo(writer);
        writer.WriteEndObject();
    }

    // The same rules as in a stream, so that both tell the same.
    private static ReadOnlySpan<byte> InputOf(ToolCallBlock call, LossList losses)
    {
        if (call.Kind == ToolKind.Custom)
        {
            losses.Add(AnthropicMessagesLosses.AnswerCustomCall);
            var wrapped = new ArrayBufferWriter<byte>(call.Arguments.Length + 32);
            wrapped.Write("{\"input\":"u8);
            JsonTokens.Quote(call.Arguments.Span, wrapped);
            wrapped.Write("}"u8);
            return wrapped.WrittenSpan;
        }

        if (ToolArguments.TryAsObject(call.Arguments, out var json))
            return json.Span;
        losses.Add(AnthropicMessagesLosses.AnswerArguments);
        return ArgumentsGate.Repair(call.Arguments.Span);
    }

    private static void WriteExtra(Utf8JsonWriter writer, CanonicalResponse response, bool isNative, LossList losses)
    {
        var (hasDetails, hasContainer) = (false, false);
        foreach (var field in response.Extra)
        {
            if (!isNative)
            {
                losses.AddUnknown("", field, Protocol.AnthropicMessages);
                continue;
            }

            if (field.Name.StartsWith(AnthropicMessagesUsage.Prefix, StringComparison.Ordinal))
                continue; // stands in the usage
            (hasDetails, hasContainer) = (hasDetails || field.Name == "stop_details", hasContainer || field.Name == "container");
            field.Value.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(field.Name));
        }

        if (!hasDetails)
            writer.WriteNull("stop_details"u8);
        if (!hasContainer)
            writer.WriteNull("container"u8);
    }
}
