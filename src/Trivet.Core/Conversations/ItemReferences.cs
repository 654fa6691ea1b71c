using System.Buffers;
using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Wire.Json;

namespace Trivet.Core.Conversations;

/// <summary>
/// Items that a request names instead of saying them: <c>{"type":"item_reference","id":"…"}</c>, as the Vercel AI SDK does in every loop of tools unless told not
/// to store (2026-11). Items of responses that are kept are said in full; those that an upstream of the route gave and keeps, and those that nobody knows here,
/// are left for the upstream.
/// </summary>
internal static class ItemReferences
{
    /// <summary>Says in full what can be found. A fault of the store fails the request.</summary>
    public static async ValueTask<Failure?> ResolveAsync(RelayCall call, ResponseMemory memory, Func<string, bool> isKeptBy)
    {
        if (!call.Scan.Features.HasFlag(RequestFeatures.VendorState) || call.Body.WrittenSpan.IndexOf("\"item_reference\""u8) < 0
            || !call.Scan.TryGetField(call.Body.WrittenSpan, "input"u8, out var field) || call.Body.WrittenSpan[field.ValueStart] != (byte)'[')
            return null;
        using var input = JsonDocument.Parse(call.Body.WrittenMemory.Slice(field.ValueStart, field.ValueLength));
        var names = input.RootElement.EnumerateArray().Select(NameIn).OfType<string>().ToList();
        var found = await memory.FindByItemsAsync(call.Key!.Organisation, call.Key.Id, names, call.Client.Aborted);
        if (found.Fault is { } fault)
            return new Failure(FailureKind.GatewayOverloaded) { Detail = "The conversation cannot be looked up just now.", Internal = fault.Message };
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var response in found.Value)
        {
            if (isKeptBy(response.Upstream))
                continue;
            using var body = JsonDocument.Parse(response.Body);
            foreach (var (id, item) in ResponseItems.NamedOutputOf(body.RootElement))
                said[id] = item;
        }

        if (said.Count == 0)
            return null;
        var items = input.RootElement.EnumerateArray().Select(item => NameIn(item) is { } name && said.TryGetValue(name, out var whole) ? whole : item.GetRawText());
        var expanded = new ArrayBufferWriter<byte>(call.Body.WrittenSpan.Length + 1024);
        ResponseItems.Expand(call.Body.WrittenSpan, call.Scan, $"[{string.Join(',', items)}]", expanded, keepsPrevious: true);
        return ResponseState.Replace(call, expanded.WrittenSpan);
    }

    private static string? NameIn(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("item_reference"u8)
        && item.TryGetProperty("id", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
