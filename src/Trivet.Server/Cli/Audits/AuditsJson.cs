using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Audits.Items;
using Trivet.Core.Audits.Rounds;

namespace Trivet.Server.Cli.Audits;

/// <summary>The server's audits as JSON.</summary>
internal static class AuditsJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<AuditCase> cases)
    {
        json.WriteStartArray();
        foreach (var one in cases)
            Write(json, one);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<StoredAudit> audits)
    {
        json.WriteStartArray();
        foreach (var audit in audits)
        {
            json.WriteStartObject();
            WriteHead(json, audit);
            json.WriteString("observed", audit.Report.Observed);
            json.WriteString("reference", audit.Report.Reference);
            json.WriteNumber("started_ms", audit.Report.StartedMs);
            json.WriteNumber("finished_ms", audit.Report.FinishedMs);
            json.WriteNumber("requests", audit.Report.Requests);
            json.WriteNumber("spent_nano", audit.Report.SpentNano);
            json.WriteString("currency", audit.Report.Currency);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<OwnItem> items)
    {
        json.WriteStartArray();
        foreach (var item in items)
            Write(json, item);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, OwnItem item)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id);
        json.WriteString("name", item.Name);
        json.WriteStartArray("models");
        foreach (var model in item.Models)
            json.WriteStringValue(model);
        json.WriteEndArray();
        json.WriteString("system", item.System);
        json.WriteStartArray("turns");
        foreach (var turn in item.Turns)
        {
            json.WriteStartObject();
            json.WriteString(turn.IsUser ? "user" : "assistant", turn.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("expect");
        foreach (var expected in item.Expect)
        {
            json.WriteStartObject();
            json.WriteString(OwnItems.Word(expected.Judge), expected.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("max_tokens", item.TokensMax);
        json.WriteNumber("created_ms", item.CreatedMs);
        json.WriteString("created_by", item.CreatedBy);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, EvidencePage page)
    {
        json.WriteStartObject();
        WriteHead(json, page.Audit);
        AuditJson.WriteNumber(json, "quarantine_from", page.QuarantineFrom);
        json.WritePropertyName("case");
        if (page.Case is { } one)
            Write(json, one);
        else
            json.WriteNullValue();
        json.WritePropertyName("report");
        AuditJson.Write(json, page.Audit.Report);
        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, StoredAudit audit)
    {
        json.WriteString("id", audit.Id);
        json.WriteString("standing", AuditAdmin.Word(audit.Standing));
        AuditJson.WriteNumber(json, "e_value", audit.EValue);
        json.WriteString("sentence", audit.Sentence);
    }

    private static void Write(Utf8JsonWriter json, AuditCase one)
    {
        json.WriteStartObject();
        json.WriteString("offering", one.Offering);
        json.WriteString("reference", one.Reference);
        json.WriteString("standing", AuditAdmin.Word(one.Standing));
        json.WriteNumber("standing_since_ms", one.StandingSinceMs);
        json.WriteNumber("rounds", one.Rounds);
        json.WriteNumber("quiet_rounds", one.QuietRounds);
        AuditJson.WriteNumber(json, "e_value", one.EValue);
        json.WriteNumber("last_ms", one.LastMs);
        json.WriteNumber("next_ms", one.NextMs);
        json.WriteString("problem", one.Problem);
        json.WriteStrings("accusing", one.Accusing);
        json.WriteStartObject("tests");
        foreach (var (test, evidence) in one.Tests.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(test);
            json.WriteNumber("rounds", evidence.Rounds);
            AuditJson.WriteNumber(json, "e_value", evidence.EValue);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
