using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>
/// One pass over the bytes of a Messages request: what routing needs and where to splice, with no object model. Checks only what it must rely on;
/// the vendor checks the rest.
/// </summary>
public static class AnthropicMessagesScan
{
    /// <summary>Fills <paramref name="scan"/>. False when the body is no JSON object or has no messages; <paramref name="error"/> says where.</summary>
    public static bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error)
    {
        if (!Utf8.IsValid(body.Span))
        {
            error = Invalid("body", "it is not valid UTF-8.");
            return false;
        }

        var pass = new AnthropicMessagesScanPass(scan);
        try
        {
            var reader = new JsonCursor(body.Span);
            error = pass.Run(ref reader, body.Span);
        }
        catch (JsonException exception)
        {
            error = Invalid(exception);
        }

        return error is null;
    }

    internal static WireError Invalid(JsonException exception) => new()
    {
        Class = ErrorClass.InvalidRequest,
        Message = $"The request body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}).",
        Code = "invalid_json",
    };

    internal static WireError Invalid(string path, string problem) => new()
    {
        Class = ErrorClass.InvalidRequest,
        Message = $"{path}: {problem}",
        Param = path,
    };
}
