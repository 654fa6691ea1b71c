using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary><c>GET /v1/models</c> in OpenAI's shape.</summary>
public static class OpenAIChatModels
{
    /// <summary>Writes the list.</summary>
    public static void Write(IReadOnlyList<ModelListing> models, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var model in models)
            WriteModel(model, writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Writes one model: the answer to <c>GET /v1/models/{id}</c>.</summary>
    public static void WriteOne(ModelListing model, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        WriteModel(model, writer);
        JsonWriters.Return(writer);
    }

    private static void WriteModel(ModelListing model, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, model.Id);
        writer.WriteString("object"u8, "model"u8);
        writer.WriteNumber("created"u8, model.CreatedAt);
        writer.WriteString("owned_by"u8, model.Owner);
        writer.WriteEndObject();
    }
}
