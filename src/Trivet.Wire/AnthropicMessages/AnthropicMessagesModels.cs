using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary><c>GET /v1/models</c> in Anthropic's shape.</summary>
public static class AnthropicMessagesModels
{
    /// <summary>Writes one page of the list.</summary>
    public static void Write(IReadOnlyList<ModelListing> models, IBufferWriter<byte> output, bool hasMore = false)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteStartArray("data"u8);
        foreach (var model in models)
            WriteModel(model, writer);
        writer.WriteEndArray();
        writer.WriteBoolean("has_more"u8, hasMore);
        writer.WriteString("first_id"u8, models.Count > 0 ? models[0].Id : null);
        writer.WriteString("last_id"u8, models.Count > 0 ? models[^1].Id : null);
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
        writer.WriteString("type"u8, "model"u8);
        writer.WriteString("id"u8, model.Id);
        writer.WriteString("display_name"u8, model.DisplayName);

        // Anthropic says that the epoch stands for an unknown release date.
        writer.WriteString("created_at"u8, DateTimeOffset.FromUnixTimeSeconds(model.CreatedAt).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
        writer.WriteEndObject();
    }
}
