using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Writes a generateContent request that the vendor takes, whatever the client said; what cannot be said goes to the losses. Never throws. Model and stream
/// form are not in it: they are in the path.
/// </summary>
public static class GeminiRequestWriter
{
    /// <summary>Writes the request. <paramref name="model"/> goes into the path, which is the caller's to write.</summary>
    public static void Write(CanonicalRequest request, GeminiDialect dialect, string model, IBufferWriter<byte> output, LossList losses)
    {
        var conversation = GeminiConversation.Shape(request, dialect, losses);
        var config = new GeminiConfigWriter(request, dialect, losses);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        WriteSystem(writer, conversation, config.Instruction());
        WriteContents(writer, request, dialect, conversation, losses);
        new GeminiToolWriter(writer, request, dialect, losses).Write();
        config.Write(writer);
        WriteTier(writer, request, dialect, losses);
        WriteExtra(writer, request, dialect, losses);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    private static void WriteSystem(Utf8JsonWriter writer, GeminiConversation conversation, string? instruction)
    {
        if (conversation.System.Count == 0 && instruction is null)
            return;
        writer.WriteStartObject("systemInstruction"u8);
        writer.WriteStartArray("parts"u8);
        foreach (var text in conversation.System)
        {
            writer.WriteStartObject();
            text.Text.WriteTo(writer, "text"u8);
            writer.WriteEndObject();
        }

        if (instruction is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("text"u8, instruction);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteContents(Utf8JsonWriter writer, CanonicalRequest request, GeminiDialect dialect, GeminiConversation conversation, LossList losses)
    {
        var parts = new GeminiPartWriter(writer, request, dialect, losses);
        writer.WriteStartArray("contents"u8);
        foreach (var content in conversation.Contents)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, content.IsModel ? "model"u8 : "user"u8);
            parts.Write(content);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTier(Utf8JsonWriter writer, CanonicalRequest request, GeminiDialect dialect, LossList losses)
    {
        var tier = request.ServiceTier;
        if (tier.IsEmpty || tier.ValueEquals("auto"u8))
            return;
        var isKnown = request.Origin == Protocol.Gemini || tier.ValueEquals("flex"u8) || tier.ValueEquals("priority"u8);
        if (dialect.AcceptsServiceTier && isKnown)
            tier.WriteTo(writer, "serviceTier"u8);
        else if (dialect.AcceptsServiceTier && (tier.ValueEquals("default"u8) || tier.ValueEquals("standard_only"u8)))
            writer.WriteString("serviceTier"u8, "standard"u8);
        else
            losses.Add(GeminiLosses.ServiceTier);
    }

    private static void WriteExtra(Utf8JsonWriter writer, CanonicalRequest request, GeminiDialect dialect, LossList losses)
    {
        if (!request.Metadata.IsNull && (dialect.AcceptsLabels || request.Origin == Protocol.Gemini))
            request.Metadata.WriteTo(writer, "labels"u8);
        else if (!request.Metadata.IsNull && !request.Metadata.IsEmptyObject)
            losses.Add(GeminiLosses.Metadata);
        if (!request.User.IsEmpty)
            losses.Add(GeminiLosses.User);
        if (!request.SafetyIdentifier.IsEmpty)
            losses.AddUnknown("safety_identifier", Protocol.Gemini);
        if (!request.PromptCacheKey.IsEmpty)
            losses.Add(GeminiLosses.PromptCacheKey);
        if (!request.Verbosity.IsEmpty && !request.Verbosity.ValueEquals("medium"u8))
            losses.Add(GeminiLosses.Verbosity);
        if (!request.CacheControl.IsNull)
            losses.Add(GeminiLosses.CacheControl);
        foreach (var field in request.Extra)
        {
            if (GeminiConfigWriter.AsksForPictures(request, field))
                continue; // the configuration says it
            if (request.Origin != Protocol.Gemini)
                losses.AddUnknown("", field, Protocol.Gemini);
            else if (!field.Name.Contains('.', StringComparison.Ordinal)) // those with a path stand in the object that they came from
                field.Value.WriteTo(writer, Encoding.UTF8.GetBytes(field.Name));
        }
    }
}
