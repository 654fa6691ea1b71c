using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Reads a Responses request into the canonical conversation. Texts stay slices of the body; what has no canonical name is kept as it stood beside the
/// thing it stood on. Strict where a wrong type would change the meaning (the error names the path), lenient elsewhere.
/// <para>
/// Normalised: <c>instructions</c> become the first system turn; items of the model in a row become one turn, and so do tool outputs, which stand
/// behind the turn of their calls; tools of a namespace are read one by one; item ids and <c>status</c> of messages and calls are not kept (they name
/// things in the vendor's store); parts of a summary are joined; <c>store: false</c>, <c>truncation: "disabled"</c> and the <c>include</c> of encrypted
/// thoughts are what is written anyway.
/// </para>
/// </summary>
public static class OpenAIResponsesRequestReader
{
    /// <summary>Reads the request. False with an error that names the place where it cannot be understood.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error)
    {
        request = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = OpenAIResponsesScan.Invalid("The body is not valid UTF-8.");
            return false;
        }

        try
        {
            var pass = new OpenAIResponsesRequestPass(body);
            error = pass.Run();
            request = error is null ? pass.Request : null;
            return error is null;
        }
        catch (JsonException e)
        {
            error = OpenAIResponsesScan.Invalid($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
            return false;
        }
    }
}
