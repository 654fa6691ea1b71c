using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Errors;

/// <summary>
/// Reads the body of an error, whatever its shape: each vendor has its own, and relays and proxies put any vendor's shape on any endpoint
/// (WIRE_FACTS §3.2). Never throws; a body that says nothing yields an error that says its status.
/// </summary>
public static class ErrorReader
{
    private const int MessageCharsMax = 4000;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Reads an error body that came with <paramref name="status"/>; 0 where it came inside a stream or a 200.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body)
    {
        var found = new ErrorFields();
        var text = body.TrimStart(" \t\r\n"u8);
        if (!text.IsEmpty && text[0] is (byte)'{' or (byte)'[')
        {
            try
            {
                using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(text.ToArray()), Options);
                found.ReadRoot(document.RootElement);
            }
            catch (JsonException)
            {
                found.Message = PlainText(body);
            }
            catch (InvalidOperationException) // a string that is not valid UTF-8
            {
                found.Message = PlainText(body);
            }
        }
        else
        {
            found.Message = PlainText(body);
        }

        var effective = status >= 400 ? status : found.StatusHint;
        var error = new WireError
        {
            Class = ErrorClassifier.Classify(effective, found),
            Status = status >= 400 ? status : 0,
            Message = Cap(string.IsNullOrWhiteSpace(found.Message) ? $"The upstream answered {(effective == 0 ? "with an error" : effective)} without saying why." : found.Message),
            Code = found.Code,
            Type = found.Type,
            Param = found.Param,
            RetryAfter = found.RetryAfter,
        };
        return error;
    }

    /// <summary>Whether the root of an answer or event names an error rather than an answer: for readers of a 200.</summary>
    internal static bool LooksLikeError(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && (root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String
            || root.TryGetProperty("object", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("error")
            || root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("error"));

    /// <summary>
    /// What an object says that stands where an answer should and holds none: the failure, where it names one in a vendor's own shape (MiniMax <c>base_resp</c>,
    /// GLM <c>code</c> and <c>msg</c>); null where it says nothing.
    /// </summary>
    internal static WireError? InPlaceOfAnswer(ReadOnlySpan<byte> body)
    {
        var told = Read(0, body);
        return told.Code is null or "0" or "200" ? null : told; // with which some relays say that all is well
    }

    private static string Cap(string message) => message.Length <= MessageCharsMax ? message : message[..MessageCharsMax] + "…";

    // A proxy's HTML page says what it has to say in its title; any other text is the message.
    private static string PlainText(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MessageCharsMax * 4)]).Trim();
        if (!text.StartsWith('<'))
            return text;
        var start = text.IndexOf("<title>", StringComparison.OrdinalIgnoreCase);
        var end = start < 0 ? -1 : text.IndexOf("</title>", start, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? "The upstream answered with a page of HTML." : text[(start + 7)..end].Trim();
    }
}
