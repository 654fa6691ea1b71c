using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Core.Conversations;

/// <summary>Items of conversations as raw JSON: nothing in them is interpreted on the way from one request to the next.</summary>
internal static class ResponseItems
{
    /// <summary>A request's <c>input</c> as an array: a plain text is one message of the user.</summary>
    public static string AsArray(ReadOnlySpan<byte> input) => input.IsEmpty || input[0] == (byte)'n' ? "[]"
        : input[0] == (byte)'[' ? Encoding.UTF8.GetString(input)
        : $$"""[{"role":"user","content":{{Encoding.UTF8.GetString(input)}}}]""";

    /// <summary>The output items of a kept response.</summary>
    public static string OutputOf(string body)
    {
        using var response = JsonDocument.Parse(body);
        return response.RootElement.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Array ? output.GetRawText() : "[]";
    }

    /// <summary>The output items of a kept response by their ids; those without one are left out.</summary>
    public static IEnumerable<(string Id, string Item)> NamedOutputOf(JsonElement response)
    {
        if (!response.TryGetProperty("output", out var output) || output.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var item in output.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
                yield return (id.GetString()!, item.GetRawText());
        }
    }

    /// <summary>Arrays joined to one.</summary>
    public static string Join(IEnumerable<string> arrays)
    {
        var joined = new StringBuilder("[");
        foreach (var array in arrays)
        {
            var inner = array.AsSpan().Trim()[1..^1].Trim();
            if (inner.IsEmpty)
                continue;
            if (joined.Length > 1)
                joined.Append(',');
            joined.Append(inner);
        }

        return joined.Append(']').ToString();
    }

    /// <summary>A request's body that says everything itself: <c>input</c> replaced, <c>previous_response_id</c> left out, all else as it stood.</summary>
    public static void Expand(ReadOnlySpan<byte> body, RequestScan scan, string input, IBufferWriter<byte> output, bool keepsPrevious = false)
    {
        var isFirst = true;
        var hasInput = false;
        foreach (var field in scan.Fields)
        {
            var name = body.Slice(field.NameStart, field.NameLength);
            if (!keepsPrevious && name.SequenceEqual("\"previous_response_id\""u8))
                continue;
            output.Write(isFirst ? "{"u8 : ","u8);
            output.Write(name);
            output.Write(":"u8);
            if (name.SequenceEqual("\"input\""u8))
            {
                hasInput = true;
                Encoding.UTF8.GetBytes(input, output);
            }
            else
            {
                output.Write(body.Slice(field.ValueStart, field.ValueLength));
            }

            isFirst = false;
        }

        if (!hasInput)
        {
            output.Write(isFirst ? "{\"input\":"u8 : ",\"input\":"u8);
            Encoding.UTF8.GetBytes(input, output);
        }

        output.Write("}"u8);
    }
}
