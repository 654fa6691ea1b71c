using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>
/// Writes a Converse request that Bedrock takes, whatever the client said; what cannot be said goes to the losses. Never throws. Model and stream form are not
/// in it: they are in the path.
/// </summary>
public static class BedrockConverseRequestWriter
{
    /// <summary>Writes the request. <paramref name="model"/> goes into the path, which is the caller's to write.</summary>
    public static void Write(CanonicalRequest request, BedrockConverseDialect dialect, string model, IBufferWriter<byte> output, LossList losses)
    {
        var conversation = BedrockConverseConversation.Shape(request, dialect, losses);
        var plan = new BedrockConversePlan(request, dialect, conversation, losses);
        var writer = JsonWriters.Rent(output);
        var blocks = new BedrockConverseBlockWriter(writer, dialect, conversation, losses);
        writer.WriteStartObject();
        WriteMessages(writer, conversation, blocks);
        WriteSystem(writer, conversation, plan, blocks);
        BedrockConverseToolWriter.Write(writer, request, dialect, conversation, losses);
        plan.WriteInferenceConfig(writer);
        plan.WriteAdditionalFields(writer);
        plan.WriteOutputConfig(writer);
        WriteTier(writer, request, losses);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        NoteLosses(request, losses);
    }

    private static void WriteMessages(Utf8JsonWriter writer, BedrockConverseConversation conversation, BedrockConverseBlockWriter blocks)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var message in conversation.Messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, message.IsModel ? "assistant"u8 : "user"u8);
            writer.WriteStartArray("content"u8);
            blocks.Write(message);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSystem(Utf8JsonWriter writer, BedrockConverseConversation conversation, BedrockConversePlan plan, BedrockConverseBlockWriter blocks)
    {
        if (conversation.System.Count == 0 && plan.Instruction is null)
            return;
        writer.WriteStartArray("system"u8);
        foreach (var block in conversation.System)
            blocks.Write(block);
        if (plan.Instruction is not null)
            blocks.Write(new TextBlock(plan.Instruction));
        writer.WriteEndArray();
    }

    // serviceTier: { type: default | flex | priority | reserved }
    private static void WriteTier(Utf8JsonWriter writer, CanonicalRequest request, LossList losses)
    {
        var tier = request.ServiceTier;
        if (tier.IsEmpty || tier.ValueEquals("auto"u8))
            return;
        if (!tier.ValueEquals("default"u8) && !tier.ValueEquals("flex"u8) && !tier.ValueEquals("priority"u8))
        {
            losses.Add(BedrockConverseLosses.ServiceTier);
            return;
        }

        writer.WriteStartObject("serviceTier"u8);
        tier.WriteTo(writer, "type"u8);
        writer.WriteEndObject();
    }

    private static void NoteLosses(CanonicalRequest request, LossList losses)
    {
        if (!request.User.IsEmpty)
            losses.Add(BedrockConverseLosses.User);
        if (!request.SafetyIdentifier.IsEmpty)
            losses.AddUnknown("safety_identifier", Protocol.BedrockConverse);
        if (!request.Metadata.IsNull && !request.Metadata.IsEmptyObject)
            losses.Add(BedrockConverseLosses.Metadata);
        if (!request.PromptCacheKey.IsEmpty)
            losses.Add(BedrockConverseLosses.PromptCacheKey);
        if (!request.Verbosity.IsEmpty && !request.Verbosity.ValueEquals("medium"u8))
            losses.Add(BedrockConverseLosses.Verbosity);
        if (!request.CacheControl.IsNull)
            losses.Add(BedrockConverseLosses.CacheControl);
        foreach (var field in request.Extra)
            losses.AddUnknown("", field, Protocol.BedrockConverse);
    }
}
