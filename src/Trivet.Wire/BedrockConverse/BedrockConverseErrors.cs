using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;

namespace Trivet.Wire.BedrockConverse;

/// <summary>
/// Bedrock's errors: <c>{"message"}</c>, their kind in the header <c>x-amzn-errortype</c> or the body's <c>__type</c>, in a stream in the frame's
/// <c>:exception-type</c>. The kind comes with a namespace or an address around it: <c>UnrecognizedClientException:http://…</c>.
/// </summary>
public static class BedrockConverseErrors
{
    /// <summary>Reads an error body. <paramref name="errorType"/> is what the header or the frame says; null for nothing.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body, string? errorType = null)
    {
        var error = ErrorReader.Read(status, body);
        var kind = KindOf(errorType ?? error.Type);
        return kind is null ? error : error with { Type = kind, Code = error.Code ?? kind, Class = ClassOf(kind, error) ?? error.Class };
    }

    // bedrock-runtime API reference: errors of Converse and ConverseStream; the first two are common to all of AWS.
    private static ErrorClass? ClassOf(string kind, WireError error) => kind switch
    {
        "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException" or "MissingAuthenticationTokenException" or "IncompleteSignatureException" => ErrorClass.Authentication,
        "AccessDeniedException" => ErrorClass.PermissionDenied,
        "ResourceNotFoundException" => ErrorClass.NotFound,
        "ThrottlingException" or "ServiceQuotaExceededException" => ErrorClass.RateLimited,
        "ServiceUnavailableException" or "ModelNotReadyException" => ErrorClass.Overloaded,
        "ModelTimeoutException" => ErrorClass.Timeout,
        "InternalServerException" or "ModelErrorException" or "ModelStreamErrorException" => ErrorClass.Server,
        "ValidationException" => error.Message.Contains("too long", StringComparison.OrdinalIgnoreCase) ? ErrorClass.ContextLength : null, // "Input is too long for requested model."
        _ => null,
    };

    private static string? KindOf(string? type)
    {
        if (string.IsNullOrEmpty(type))
            return null;
        var kind = type[(type.IndexOf('#', StringComparison.Ordinal) + 1)..];
        var colon = kind.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
            kind = kind[..colon];
        return kind.Length == 0 ? null : char.ToUpperInvariant(kind[0]) + kind[1..]; // a stream says throttlingException
    }
}
