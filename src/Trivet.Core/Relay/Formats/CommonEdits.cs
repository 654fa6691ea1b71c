using System.Text.Encodings.Web;
using System.Text.Json;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Formats;

/// <summary>Edits that a body of any protocol may need on its way through.</summary>
internal static class CommonEdits
{
    /// <summary>The model's name as the upstream calls it, what the vendor refuses left out, thoughts of other vendors left out.</summary>
    public static void Collect(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, ProtocolQuirks quirks, PassThroughEdits edits)
    {
        if (scan.ModelField.ValueLength > 0 && !string.Equals(scan.Model, offering.Model, StringComparison.Ordinal))
            edits.Replace(scan.ModelField.ValueStart, scan.ModelField.ValueLength, Quote(offering.Model));
        foreach (var (start, length) in scan.ForeignReasoning)
            edits.Replace(start, length, default);
        if (quirks.FieldsRejected.Count > 0)
            edits.DropFields(body, scan, quirks.FieldsRejected);
    }

    private static byte[] Quote(string text)
    {
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var token = new byte[encoded.Length + 2];
        token[0] = token[^1] = (byte)'"';
        encoded.CopyTo(token.AsSpan(1));
        return token;
    }
}
