using System.Buffers.Text;
using System.Globalization;
using System.Text;
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
    private const string Temperature = "temperature";

    private static readonly string[] ToolFields = ["tools", "tool_choice", "parallel_tool_calls"];

    /// <summary>The model's name as the upstream calls it, what the vendor refuses left out, thoughts of other vendors left out.</summary>
    public static void Collect(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, ProtocolQuirks quirks, PassThroughEdits edits)
    {
        if (scan.ModelField.ValueLength > 0 && !string.Equals(scan.Model, offering.Model, StringComparison.Ordinal))
            edits.Replace(scan.ModelField.ValueStart, scan.ModelField.ValueLength, Quote(offering.Model));
        foreach (var (start, length) in scan.ForeignReasoning)
            edits.Replace(start, length, default);
        var dropped = quirks.ToolChoiceIgnored.HasFlag(ToolChoices.Never) && ForbidsTools(body, scan) ? [.. quirks.FieldsRejected, .. ToolFields] : quirks.FieldsRejected;
        if (dropped.Count > 0)
            edits.DropFields(body, scan, dropped);
        if (quirks is { TemperatureMax: not null } or { TemperatureMin: not null } && !quirks.FieldsRejected.Contains(Temperature))
            BoundTemperature(body, scan, quirks, edits);
    }

    // A vendor that does not obey the ban is offered no tools.
    private static bool ForbidsTools(ReadOnlySpan<byte> body, RequestScan scan)
    {
        if (!scan.TryGetField(body, "tool_choice"u8, out var field))
            return false;
        var reader = new Utf8JsonReader(body.Slice(field.ValueStart, field.ValueLength));
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.TextIs("none"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.TextIs("type"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String && reader.TextIs("none"u8);
            reader.Skip();
        }

        return false;
    }

    // Within the protocol's own bounds and outside the vendor's, a temperature would be refused.
    private static void BoundTemperature(ReadOnlySpan<byte> body, RequestScan scan, ProtocolQuirks quirks, PassThroughEdits edits)
    {
        if (!scan.TryGetField(body, "temperature"u8, out var field))
            return;
        var value = body.Slice(field.ValueStart, field.ValueLength);
        if (!Utf8Parser.TryParse(value, out decimal asked, out var read) || read != value.Length)
            return;
        var taken = Math.Max(Math.Min(asked, quirks.TemperatureMax ?? asked), quirks.TemperatureMin ?? asked);
        if (taken == asked)
            return;
        edits.Replace(field.ValueStart, field.ValueLength, Encoding.UTF8.GetBytes(taken.ToString(CultureInfo.InvariantCulture)));
        edits.Lost.Add("~" + Temperature);
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
