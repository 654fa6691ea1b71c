using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>
/// The signature that Trivet gives to thoughts which came from an upstream without signatures, for clients whose protocol wants one
/// (Anthropic). It proves nothing; it says where the thoughts came from, so that they are never sent to a vendor that would reject them.
/// </summary>
public static class ForeignSignature
{
    private static ReadOnlySpan<byte> Prefix => "trivet1."u8;

    /// <summary>The signature for thoughts of the vendor <paramref name="origin"/>.</summary>
    public static string Make(string origin) => "trivet1." + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(origin));

    /// <summary>Whether a signature's contents (no quotes) are one of Trivet's own.</summary>
    public static bool IsForeign(ReadOnlySpan<byte> signature) => signature.StartsWith(Prefix);

    /// <summary>Whether a signature is one of Trivet's own.</summary>
    public static bool IsForeign(JsonText signature) =>
        !signature.IsEmpty && (signature.Token.Length > 2 ? IsForeign(signature.Token.Span[1..]) : signature.ToString().StartsWith("trivet1.", StringComparison.Ordinal));
}
