using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Reads a generateContent request (and a <c>countTokens</c> request, whose contents may stand in <c>generateContentRequest</c>). Model and stream form are
/// in the path, not in the body. Both spellings of names are read; <c>systemInstruction</c> becomes the first turn; calls without an id get one, and their
/// results are paired by name and order.
/// </summary>
public static class GeminiRequestReader
{
    /// <summary>Reads the request. Texts in it point into <paramref name="body"/>. False with an error that names the path.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error)
    {
        request = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = GeminiScan.Invalid("body", "it is not valid UTF-8.");
            return false;
        }

        var pass = new GeminiRequestPass(body);
        try
        {
            error = pass.Run();
        }
        catch (JsonException exception)
        {
            error = GeminiScan.Invalid(exception);
        }

        request = error is null ? pass.Request : null;
        return error is null;
    }
}
