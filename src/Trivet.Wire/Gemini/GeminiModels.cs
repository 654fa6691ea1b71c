using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary><c>GET /v1beta/models</c> in Google's shape.</summary>
public static class GeminiModels
{
    /// <summary>Writes one page of the list; <paramref name="nextPageToken"/> is null on the last.</summary>
    public static void Write(IReadOnlyList<ModelListing> models, IBufferWriter<byte> output, string? nextPageToken = null)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteStartArray("models"u8);
        foreach (var model in models)
            WriteModel(model, writer);
        writer.WriteEndArray();
        if (nextPageToken is not null)
            writer.WriteString("nextPageToken"u8, nextPageToken);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Writes one model: the answer to <c>GET /v1beta/models/{id}</c>.</summary>
    public static void WriteOne(ModelListing model, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        WriteModel(model, writer);
        JsonWriters.Return(writer);
    }

    private static void WriteModel(ModelListing model, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, "models/" + model.Id);
        writer.WriteString("baseModelId"u8, model.Id);
        writer.WriteString("version"u8, "001"u8);
        writer.WriteString("displayName"u8, model.DisplayName);
        writer.WriteString("description"u8, model.Owner);
        writer.WriteStartArray("supportedGenerationMethods"u8);
        writer.WriteStringValue("generateContent"u8);
        writer.WriteStringValue("streamGenerateContent"u8);
        writer.WriteStringValue("countTokens"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
