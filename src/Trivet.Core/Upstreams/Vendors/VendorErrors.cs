using Trivet.Core.Failures;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams.Vendors;

/// <summary>What a vendor's own error code means, by its profile: the code says more than the status where a vendor has one.</summary>
public static class VendorErrors
{
    /// <summary>The kind that the vendor's code names; null where the profile does not know the code.</summary>
    public static FailureKind? Refine(VendorProfile profile, WireError error)
    {
        if (ReasoningRefusals.Matches(error))
            return FailureKind.UpstreamThoughtsRefused;
        if (error.Code is not { Length: > 0 } code || !profile.ErrorCodes.TryGetValue(code, out var meaning))
            return null;
        if (meaning == VendorErrorClass.InvalidRequest && error.Class is not (ErrorClass.InvalidRequest or ErrorClass.Server))
            return null; // DeepSeek's code is invalid_request_error for an empty balance (402) and for too long a conversation as well: the status and the words say more
        return meaning switch
        {
            VendorErrorClass.InvalidRequest => FailureKind.UpstreamRequestRefused,
            VendorErrorClass.Authentication or VendorErrorClass.Permission => FailureKind.UpstreamCredentialRefused,
            VendorErrorClass.Billing => FailureKind.UpstreamBillingExhausted,
            VendorErrorClass.RateLimited => FailureKind.UpstreamRateLimited,
            VendorErrorClass.Overloaded => FailureKind.UpstreamOverloaded,
            VendorErrorClass.ModelNotFound => FailureKind.UpstreamModelUnknown,
            VendorErrorClass.ContextLength => FailureKind.UpstreamContextLength,
            VendorErrorClass.ContentFilter => FailureKind.UpstreamContentFilter,
            _ => FailureKind.UpstreamServerError,
        };
    }
}
