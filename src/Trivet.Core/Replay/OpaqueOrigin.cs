using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Replay;

/// <summary>
/// Who issued an opaque value (a signature, encrypted thoughts) and can read it again: a vendor in one of its protocols. What was issued in one protocol is
/// not taken in another, not even by the same vendor.
/// </summary>
/// <param name="Issuer">The vendor; where the profile stands for no vendor (custom, local servers), the upstream as <c>vendor/name</c>.</param>
/// <param name="Protocol">The protocol.</param>
internal readonly record struct OpaqueOrigin(string Issuer, Protocol Protocol)
{
    /// <summary>The origin of what an offering answers at an endpoint.</summary>
    public static OpaqueOrigin Of(Offering offering, EndpointConfig endpoint) => new(IssuerOf(offering.Upstream), endpoint.Protocol);

    /// <summary>The issuer of what an upstream answers.</summary>
    public static string IssuerOf(UpstreamConfig upstream) =>
        upstream.Profile.Sites.Count == 0 || upstream.Profile.HostVariable is not null ? $"{upstream.Vendor}/{upstream.Name}" : upstream.Vendor;

    /// <summary>As <c>protocol:issuer</c>, for the database.</summary>
    public override string ToString() => $"{WireFormats.NameOf(Protocol)}:{Issuer}";

    /// <summary>Reads <see cref="ToString"/>.</summary>
    public static bool TryParse(string text, out OpaqueOrigin origin)
    {
        origin = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;
        foreach (var protocol in Enum.GetValues<Protocol>())
        {
            if (!text.AsSpan(0, colon).SequenceEqual(WireFormats.NameOf(protocol)))
                continue;
            origin = new OpaqueOrigin(text[(colon + 1)..], protocol);
            return true;
        }

        return false;
    }
}
