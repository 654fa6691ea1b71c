using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>
/// Writes a Messages request that the vendor takes, whatever the client said; what cannot be said goes to the losses. Never throws.
/// </summary>
public static class AnthropicMessagesRequestWriter
{
    /// <summary>The tool by which an answer that fits a schema is asked for where the dialect knows no other way. Readers turn its arguments back into text.</summary>
    public const string AnswerTool = "trivet_answer";

    /// <summary>Writes the request.</summary>
    public static void Write(CanonicalRequest request, AnthropicMessagesDialect dialect, string model, IBufferWriter<byte> output, LossList losses)
    {
        var conversation = AnthropicMessagesConversation.Shape(request, dialect, losses);
        var plan = AnthropicMessagesPlan.Make(request, dialect, conversation, losses);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, model);
        writer.WriteNumber("max_tokens"u8, plan.MaxTokens);
        WriteSystem(writer, request, dialect, conversation, plan, losses);
        WriteMessages(writer, request, dialect, conversation, losses);
        AnthropicMessagesToolWriter.Write(writer, request, dialect, conversation, plan, losses);
        WriteSwitches(writer, request, dialect, plan, losses);
        WriteExtra(writer, request, losses);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    private static void WriteSystem(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation, AnthropicMessagesPlan plan, LossList losses)
    {
        if (conversation.System.Count == 0 && plan.Instruction is null)
            return;
        if (conversation is { IsSystemPlainString: true, System: [TextBlock { CacheControl.IsAbsent: true } only] } && plan.Instruction is null)
        {
            only.Text.WriteTo(writer, "system"u8);
            return;
        }

        var blocks = new AnthropicMessagesBlockWriter(writer, request, dialect, conversation, losses);
        writer.WriteStartArray("system"u8);
        foreach (var block in conversation.System)
            blocks.Write(block);
        if (plan.Instruction is not null)
            blocks.Write(new TextBlock(plan.Instruction));
        writer.WriteEndArray();
    }

    private static void WriteMessages(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation, LossList losses)
    {
        var blocks = new AnthropicMessagesBlockWriter(writer, request, dialect, conversation, losses) { Breakpoint = Breakpoint(request, dialect, conversation) };
        writer.WriteStartArray("messages"u8);
        foreach (var message in conversation.Messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, message.Role switch { Role.Assistant => "assistant"u8, Role.System => "system"u8, _ => "user"u8 });
            if (message is { IsPlainString: true, Results.Count: 0, Blocks: [TextBlock { CacheControl.IsAbsent: true } only] } && only != blocks.Breakpoint)
            {
                only.Text.WriteTo(writer, "content"u8);
            }
            else
            {
                writer.WriteStartArray("content"u8);
                foreach (var result in message.Results)
                    blocks.WriteResult(result);
                foreach (var block in message.Blocks)
                    blocks.Write(block);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // A conversation with tools or with answers in it goes on: the whole of it is marked at its end, and the next request finds it there. Who marks something, marks what they want.
    private static Block? Breakpoint(CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesConversation conversation)
    {
        if (!dialect.CachesPrompts || request.Origin == Protocol.AnthropicMessages || !request.CacheControl.IsNull || request.Tools.Exists(static tool => !tool.CacheControl.IsNull))
            return null;
        var blocks = conversation.Messages.SelectMany(static message => message.Results.Select(static result => (Block?)result.Block).Concat(message.Blocks)).OfType<Block>();
        if (conversation.System.Concat(blocks).Any(static block => !block.CacheControl.IsNull))
            return null;
        var goesOn = request.Tools.Count > 0 || conversation.Messages.Any(static message => message.Role == Role.Assistant);
        return goesOn && conversation.Messages is [.., { Role: Role.User } last] ? last.Blocks.LastOrDefault() ?? last.Results.LastOrDefault().Block : null;
    }

    private static void WriteSwitches(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, AnthropicMessagesPlan plan, LossList losses)
    {
        if (request.Stream)
            writer.WriteBoolean("stream"u8, true);
        if (plan.Temperature is { } temperature)
            writer.WriteNumber("temperature"u8, temperature);
        if (plan.TopP is { } topP)
            writer.WriteNumber("top_p"u8, topP);
        if (plan.TopK is { } topK)
            writer.WriteNumber("top_k"u8, topK);
        WriteStops(writer, request, dialect, losses);
        plan.WriteThinking(writer);
        plan.WriteOutput(writer, dialect);
        var user = request.User.IsEmpty ? request.SafetyIdentifier : request.User;
        if (!request.User.IsEmpty && !request.SafetyIdentifier.IsEmpty)
            losses.AddUnknown("safety_identifier", Protocol.AnthropicMessages);
        if (!user.IsEmpty && !Has(request, "metadata"))
        {
            if (dialect.AcceptsUser)
            {
                writer.WriteStartObject("metadata"u8);
                user.WriteTo(writer, "user_id"u8);
                writer.WriteEndObject();
            }
            else
            {
                losses.Add(AnthropicMessagesLosses.User);
            }
        }

        WriteTier(writer, request, losses);
        if (!request.CacheControl.IsNull)
            request.CacheControl.WriteTo(writer, "cache_control"u8);
        if (!request.Metadata.IsNull && !request.Metadata.IsEmptyObject)
            losses.Add(AnthropicMessagesLosses.Metadata);
        if (!request.PromptCacheKey.IsEmpty)
            losses.Add(AnthropicMessagesLosses.PromptCacheKey);
        if (!request.Verbosity.IsEmpty && !request.Verbosity.ValueEquals("medium"u8))
            losses.Add(AnthropicMessagesLosses.Verbosity);
    }

    private static void WriteStops(Utf8JsonWriter writer, CanonicalRequest request, AnthropicMessagesDialect dialect, LossList losses)
    {
        var isOpen = false;
        foreach (var stop in request.StopSequences)
        {
            if (AnthropicMessagesAdmission.IsBlank(stop))
            {
                losses.Add(AnthropicMessagesLosses.BlankStopSequence);
                continue;
            }

            if (!isOpen)
                writer.WriteStartArray("stop_sequences"u8);
            isOpen = true;
            stop.WriteTo(writer);
        }

        if (!isOpen)
            return;
        writer.WriteEndArray();
        if (!dialect.HonoursStopSequences)
            losses.Add(AnthropicMessagesLosses.StopSequences);
    }

    // OpenAI's "default" is Anthropic's "standard_only"; flex and priority are bought elsewhere.
    private static void WriteTier(Utf8JsonWriter writer, CanonicalRequest request, LossList losses)
    {
        var tier = request.ServiceTier;
        if (tier.IsEmpty)
            return;
        if (tier.ValueEquals("auto"u8) || tier.ValueEquals("standard_only"u8) || request.Origin == Protocol.AnthropicMessages)
            tier.WriteTo(writer, "service_tier"u8);
        else if (tier.ValueEquals("default"u8))
            writer.WriteString("service_tier"u8, "standard_only"u8);
        else
            losses.Add(AnthropicMessagesLosses.ServiceTier);
    }

    private static void WriteExtra(Utf8JsonWriter writer, CanonicalRequest request, LossList losses)
    {
        foreach (var field in request.Extra)
        {
            if (request.Origin == Protocol.AnthropicMessages)
                field.Value.WriteTo(writer, System.Text.Encoding.UTF8.GetBytes(field.Name));
            else
                losses.AddUnknown("", field, Protocol.AnthropicMessages);
        }
    }

    internal static bool Has(CanonicalRequest request, string extra) => request.Extra.Exists(field => field.Name == extra);
}
