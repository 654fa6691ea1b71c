using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>
/// Reads a Messages request (and a <c>count_tokens</c> request, which only lacks <c>max_tokens</c>). The top-level <c>system</c> becomes the first
/// turn; <c>role:"system"</c> in the conversation stays where it is. A known object with unknown members (<c>thinking</c>, <c>output_config</c>,
/// <c>metadata</c>) is understood and kept whole in <see cref="CanonicalRequest.Extra"/> as well, so that the same protocol loses nothing.
/// </summary>
public static class AnthropicMessagesRequestReader
{
    /// <summary>Reads the request. Texts in it point into <paramref name="body"/>. False with an error that names the path.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error)
    {
        request = null;
        if (!Utf8.IsValid(body.Span))
        {
            error = AnthropicMessagesScan.Invalid("body", "it is not valid UTF-8.");
            return false;
        }

        var pass = new AnthropicMessagesRequestPass(body);
        try
        {
            error = pass.Run();
        }
        catch (JsonException exception)
        {
            error = AnthropicMessagesScan.Invalid(exception);
        }

        request = error is null ? pass.Request : null;
        return error is null;
    }
}
