using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using Trivet.Core.Failures;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>Names what an upstream did: from its status and error body, or from what the socket said.</summary>
public static class UpstreamFailures
{
    /// <summary>The kind for an error answer. The body decides over the status where it is clear: vendors send the wrong status often.</summary>
    public static FailureKind FromError(int status, WireError error) => error.Class switch
    {
        ErrorClass.ContextLength => FailureKind.UpstreamContextLength,
        ErrorClass.ContentFilter => FailureKind.UpstreamContentFilter,
        ErrorClass.RateLimited => FailureKind.UpstreamRateLimited,
        ErrorClass.Overloaded => FailureKind.UpstreamOverloaded,
        ErrorClass.Authentication or ErrorClass.PermissionDenied => FailureKind.UpstreamCredentialRefused,
        ErrorClass.Billing => FailureKind.UpstreamBillingExhausted,
        ErrorClass.NotFound => FailureKind.UpstreamModelUnknown,
        ErrorClass.RequestTooLarge => FailureKind.UpstreamBodyTooLarge,
        ErrorClass.InvalidRequest when status is < 500 => FailureKind.UpstreamRequestRefused,
        _ => FailureKind.UpstreamServerError,
    };

    /// <summary>The kind for an exception of the HTTP client, before headers came.</summary>
    public static FailureKind FromException(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError }:
                case AuthenticationException:
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.HostUnreachable or SocketError.NetworkUnreachable }:
                    return IsTimeout(e) ? FailureKind.UpstreamConnectTimeout : FailureKind.UpstreamUnreachable;
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError }:
                    return FailureKind.UpstreamReset;
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }:
                    return FailureKind.UpstreamMalformed;
                case TimeoutException:
                    return FailureKind.UpstreamConnectTimeout;
            }
        }

        return FailureKind.UpstreamReset;
    }

    private static bool IsTimeout(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut })
                return true;
        }

        return false;
    }
}
