using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// One pass over the bytes of a generateContent request: what routing needs and where to splice, with no object model. Model and stream form are in the
/// path: the scan leaves them empty. Checks only what it must rely on; the vendor checks the rest.
/// </summary>
public static class GeminiScan
{
    /// <summary>Fills <paramref name="scan"/>. False when the body is no JSON object; <paramref name="error"/> says where.</summary>
    public static bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error)
    {
        error = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = Invalid("body", "it is not valid UTF-8.");
            return false;
        }

        try
        {
            if (new GeminiScanPass(body.Span, scan).Run())
                return true;
            error = Invalid("body", "a JSON object is expected.");
        }
        catch (JsonException exception)
        {
            error = Invalid(exception);
        }

        return false;
    }

    internal static WireError Invalid(JsonException exception) => new()
    {
        Class = ErrorClass.InvalidRequest,
        Message = $"The request body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}).",
        Code = "invalid_json",
    };

    internal static WireError Invalid(string path, string problem) => new() { Class = ErrorClass.InvalidRequest, Message = $"{path}: {problem}", Param = path };
}
