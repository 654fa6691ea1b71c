using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;

namespace Trivet.Storage.Audits;

/// <summary>Cases, reports and exchanges as texts. Exchanges are many and alike: compressed they take about a sixth.</summary>
internal static class AuditRows
{
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Case(AuditCase one) => JsonSerializer.Serialize(one, Options);

    public static AuditCase CaseOf(string json) => JsonSerializer.Deserialize<AuditCase>(json, Options) ?? throw new FormatException("A stored case of an audit is unreadable.");

    public static string Report(StoredAudit audit) => JsonSerializer.Serialize(audit with { Report = audit.Report with { Exchanges = [] } }, Options);

    public static string Pack<T>(T value)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            JsonSerializer.Serialize(zip, value, Options);
        return Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length));
    }

    public static StoredAudit AuditOf(string report, string exchanges)
    {
        var audit = JsonSerializer.Deserialize<StoredAudit>(report, Options) ?? throw new FormatException("A stored audit is unreadable.");
        return exchanges.Length == 0 ? audit : audit with { Report = audit.Report with { Exchanges = Unpack<AuditExchange[]>(exchanges) } };
    }

    public static T Unpack<T>(string text)
    {
        using var zip = new GZipStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(zip, Options) ?? throw new FormatException("What an audit has stored is unreadable.");
    }
}
