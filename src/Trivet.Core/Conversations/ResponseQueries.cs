using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Keys;

namespace Trivet.Core.Conversations;

/// <summary>What clients ask of kept responses: the response, its input items, its deletion. Only of their own key's.</summary>
public sealed class ResponseQueries(ResponseMemory memory)
{
    private const int ItemsDefault = 20;
    private const int ItemsMax = 100;

    /// <summary>The response as its client got it.</summary>
    public async ValueTask<Failure?> GetAsync(KeyEntry key, string id, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        var (chain, failure) = await FindAsync(key, id, cancellationToken);
        if (chain is not null)
            Encoding.UTF8.GetBytes(chain[^1].Body, output);
        return failure;
    }

    /// <summary>The items that led to the response, the conversation before it included; a page of them, the newest first unless <paramref name="order"/> is <c>asc</c>.</summary>
    public async ValueTask<Failure?> ListItemsAsync(KeyEntry key, string id, string? order, string? after, int? limit, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        var (chain, failure) = await FindAsync(key, id, cancellationToken);
        if (chain is null)
            return failure;
        var all = ResponseItems.Join(chain.SelectMany((response, index) => (string[])[response.Input, index < chain.Count - 1 ? ResponseItems.OutputOf(response.Body) : "[]"]));
        using var items = JsonDocument.Parse(all);
        var named = items.RootElement.EnumerateArray().Select((item, index) => (Id: IdOf(item, id, index), Item: item)).ToList();
        if (order != "asc")
            named.Reverse();
        if (after is { Length: > 0 })
            named.RemoveRange(0, named.FindIndex(entry => entry.Id == after) + 1);
        var count = Math.Min(named.Count, Math.Clamp(limit ?? ItemsDefault, 1, ItemsMax));
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < count; i++)
            Write(writer, named[i].Id, named[i].Item);
        writer.WriteEndArray();
        writer.WriteString("first_id"u8, count > 0 ? named[0].Id : null);
        writer.WriteString("last_id"u8, count > 0 ? named[count - 1].Id : null);
        writer.WriteBoolean("has_more"u8, count < named.Count);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>Deletes the response.</summary>
    public async ValueTask<Failure?> DeleteAsync(KeyEntry key, string id, ResponsesConfig config, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        var deleted = await memory.DeleteAsync(key.Organisation, key.Id, id, config, cancellationToken);
        if (deleted.Fault is { } fault)
            return Away(fault);
        if (!deleted.Value)
            return NotFound(id);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("object"u8, "response"u8);
        writer.WriteBoolean("deleted"u8, true);
        writer.WriteEndObject();
        return null;
    }

    private async ValueTask<(IReadOnlyList<StoredResponse>? Chain, Failure? Failure)> FindAsync(KeyEntry key, string id, CancellationToken cancellationToken)
    {
        var found = await memory.FindAsync(key.Organisation, key.Id, id, cancellationToken);
        return found.Fault is { } fault ? (null, Away(fault)) : (found.Value, found.Value is null ? NotFound(id) : null);
    }

    // Items as requests have them may lack what lists have: an id, the type of a message, parts for its text.
    private static void Write(Utf8JsonWriter writer, string id, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            item.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        if (!item.TryGetProperty("type", out _))
            writer.WriteString("type"u8, "message"u8);
        var isAssistant = item.TryGetProperty("role", out var role) && role.ValueEquals("assistant"u8);
        if (!item.TryGetProperty("status", out _))
            writer.WriteString("status"u8, "completed"u8);
        foreach (var field in item.EnumerateObject())
        {
            if (field.NameEquals("id"u8))
                continue;
            if (!field.NameEquals("content"u8) || field.Value.ValueKind != JsonValueKind.String)
            {
                field.WriteTo(writer);
                continue;
            }

            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, isAssistant ? "output_text"u8 : "input_text"u8);
            writer.WritePropertyName("text"u8);
            field.Value.WriteTo(writer);
            if (isAssistant)
            {
                writer.WriteStartArray("annotations"u8);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static string IdOf(JsonElement item, string responseId, int index) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : $"msg_{responseId.AsSpan(responseId.IndexOf('_') + 1)}{index:d4}";

    private static Failure NotFound(string id) => new(FailureKind.ClientResponseUnknown) { Detail = $"Response with id '{id}' not found." };

    private static Failure Away(StoreFault fault) => new(FailureKind.GatewayOverloaded) { Detail = "Responses cannot be looked up just now.", Internal = fault.Message };
}
