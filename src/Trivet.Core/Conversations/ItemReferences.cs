using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Wire.Json;

namespace Trivet.Core.Conversations;

/// <summary>
/// Items that a request names instead of saying them: <c>{"type":"item_reference","id":"…"}</c>, as the Vercel AI SDK does in every loop of tools unless told not
/// to store (2026-11). An item that Trivet made names its response in its id, so it is found where the response is kept and said in full. Others are left for
/// the upstream that made them.
/// </summary>
internal static class ItemReferences
{
    private const int ResponseIdChars = 32; // of an item's id behind its prefix; its place in the response follows

    /// <summary>Says in full what can be found. A fault of the store fails the request.</summary>
    public static async ValueTask<Failure?> ResolveAsync(RelayCall call, ResponseMemory memory, Func<string, bool> isKeptBy)
    {
        if (!call.Scan.Features.HasFlag(RequestFeatures.VendorState) || call.Body.WrittenSpan.IndexOf("\"item_reference\""u8) < 0
            || !call.Scan.TryGetField(call.Body.WrittenSpan, "input"u8, out var field) || call.Body.WrittenSpan[field.ValueStart] != (byte)'[')
            return null;
        using var input = JsonDocument.Parse(call.Body.WrittenMemory.Slice(field.ValueStart, field.ValueLength));
        var responses = new Dictionary<string, StoredResponse?>(StringComparer.Ordinal);
        var items = new List<string>();
        var isChanged = false;
        foreach (var item in input.RootElement.EnumerateArray())
        {
            if (ResponseOf(item) is not { } id)
            {
                items.Add(item.GetRawText());
                continue;
            }

            if (!responses.TryGetValue(id, out var response))
            {
                var found = await memory.FindAsync(call.Key!.Organisation, call.Key.Id, id, call.Client.Aborted);
                if (found.Fault is { } fault)
                    return new Failure(FailureKind.GatewayOverloaded) { Detail = "The conversation cannot be looked up just now.", Internal = fault.Message };
                responses[id] = response = found.Value is [.., var last] && !isKeptBy(last.Upstream) ? last : null;
            }

            var said = response is null ? null : ResponseItems.Find(response.Body, item.GetProperty("id").GetString()!);
            isChanged |= said is not null;
            items.Add(said ?? item.GetRawText());
        }

        if (!isChanged)
            return null;
        var expanded = new ArrayBufferWriter<byte>(call.Body.WrittenSpan.Length + 1024);
        ResponseItems.Expand(call.Body.WrittenSpan, call.Scan, $"[{string.Join(',', items)}]", expanded, keepsPrevious: true);
        return ResponseState.Replace(call, expanded.WrittenSpan);
    }

    // The response that an item of Trivet's own is part of; null for all other items and references.
    private static string? ResponseOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("item_reference"u8)
            || !item.TryGetProperty("id", out var name) || name.ValueKind != JsonValueKind.String)
            return null;
        var id = name.GetString()!;
        var own = id[(id.LastIndexOf('_') + 1)..];
        return own.Length > ResponseIdChars ? "resp_" + own[..ResponseIdChars] : null;
    }
}
