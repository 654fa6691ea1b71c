using System.Text.Json;
using Trivet.Core.Audits;

namespace Trivet.Server.Cli.Audits;

/// <summary>An audit's report as JSON, with every request and answer that it rests on.</summary>
internal static class AuditJson
{
    public static void Write(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject();
        json.WriteString("observed", report.Observed);
        json.WriteString("reference", report.Reference);
        json.WriteNumberOrNull("past_since_ms", report.PastSinceMs);
        json.WriteBoolean("has_problem", report.HasProblem);
        json.WriteBoolean("has_changed", report.HasChange);
        json.WriteNumber("false_alarm_rate", report.FalseAlarmRate);
        json.WriteNumber("started_ms", report.StartedMs);
        json.WriteNumber("finished_ms", report.FinishedMs);
        json.WriteNumber("seed", report.Seed);
        json.WriteNumber("spent_nano", report.SpentNano);
        json.WriteNumber("budget_nano", report.BudgetNano);
        json.WriteString("currency", report.Currency);
        json.WriteBoolean("is_price_assumed", report.IsPriceAssumed);
        json.WriteNumber("requests", report.Requests);
        json.WriteNumber("failures", report.Failures);
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
            Write(json, finding);
        json.WriteEndArray();
        json.WriteStartArray("exchanges");
        foreach (var exchange in report.Exchanges)
            Write(json, exchange);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A verdict as it is written.</summary>
    public static string Word(AuditVerdict verdict) => verdict switch
    {
        AuditVerdict.Problem => "problem",
        AuditVerdict.Changed => "changed",
        AuditVerdict.Clean => "clean",
        AuditVerdict.Unclear => "unclear",
        _ => "not_run",
    };

    private static void Write(Utf8JsonWriter json, AuditFinding finding)
    {
        json.WriteStartObject();
        json.WriteString("test", finding.Test);
        json.WriteString("verdict", Word(finding.Verdict));
        json.WriteNumber("answers", finding.Answers);
        json.WriteString("statistic", finding.Statistic.Length == 0 ? null : finding.Statistic);
        WriteNumber(json, "value", finding.Value);
        WriteNumber(json, "p_value", finding.PValue);
        WriteNumber(json, "e_value", finding.EValue);
        WriteNumber(json, "evidence", finding.Evidence);
        WriteNumber(json, "threshold", finding.Threshold);
        json.WriteString("sentence", finding.Sentence);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AuditExchange exchange)
    {
        json.WriteStartObject();
        json.WriteString("test", exchange.Test);
        json.WriteString("offering", exchange.Offering);
        json.WriteString("question", exchange.Question);
        json.WriteNumber("tokens_max", exchange.TokensMax);
        WriteNumber(json, "temperature", exchange.Temperature);
        json.WriteNumberOrNull("input_tokens", exchange.InputTokens);
        json.WriteNumberOrNull("output_tokens", exchange.OutputTokens);
        json.WriteNumberOrNull("cached_tokens", exchange.CachedTokens);
        json.WriteNumberOrNull("cost_nano", exchange.CostNano);
        json.WriteString("answer", exchange.Answer);
        json.WriteEndObject();
    }

    internal static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
