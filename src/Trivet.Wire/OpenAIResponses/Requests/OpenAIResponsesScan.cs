using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// One pass over a Responses request without an object model: what routing needs, and where to splice. Checks that the body is JSON, an object, and
/// valid UTF-8; leaves every other fault to the upstream, or to the request reader where a translation needs the field.
/// </summary>
public static class OpenAIResponsesScan
{
    internal const int DepthMax = 64;

    /// <summary>Fills <paramref name="scan"/>, which must be new or reset. False with an error that names the place where the body is no JSON object.</summary>
    public static bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error)
    {
        error = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = Invalid("The body is not valid UTF-8.");
            return false;
        }

        try
        {
            var pass = new OpenAIResponsesScanPass(body.Span, scan);
            if (pass.Run())
                return true;
            error = Invalid("The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            error = Invalid($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        return false;
    }

    /// <summary>
    /// What the request wants the vendor to have kept: <c>previous_response_id</c>, <c>conversation</c>, <c>background</c>, <c>prompt</c>, an
    /// <c>item_reference</c> or a <c>compaction</c> item. Null where the request says everything itself. File ids are no such thing: without the file the rest
    /// can still be asked.
    /// </summary>
    public static string? StateOf(ReadOnlySpan<byte> body, RequestScan scan)
    {
        if (!scan.Features.HasFlag(RequestFeatures.VendorState))
            return null;
        foreach (var name in (ReadOnlySpan<string>)["previous_response_id", "conversation", "background", "prompt"])
        {
            if (scan.TryGetField(body, System.Text.Encoding.UTF8.GetBytes(name), out var field) && body[field.ValueStart] is not ((byte)'n' or (byte)'f'))
                return name;
        }

        // An unescaped quote cannot stand inside a JSON string, so these bytes are a type and nothing a client wrote.
        return body.IndexOf("\"item_reference\""u8) >= 0 ? "input[].item_reference" : body.IndexOf("\"compaction\""u8) >= 0 ? "input[].compaction" : null;
    }

    internal static WireError Invalid(string message, string? param = null) => new() { Class = ErrorClass.InvalidRequest, Status = 400, Message = message, Param = param };
}
