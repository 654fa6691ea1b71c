using System.Text.Json;
using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;

namespace Trivet.Server.Cli.Upstreams;

/// <summary>Scorecards for scripts. A figure is an object with its interval, or null where nothing was measured; an end of an interval that nothing bounds is null.</summary>
internal static class ScorecardJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ScorecardReport> reports)
    {
        json.WriteStartObject();
        json.WriteStartArray("scorecards");
        foreach (var report in reports)
        {
            json.WriteStartObject();
            json.WriteString("kind", report.Subject.KindWord);
            json.WriteString("subject", report.Subject.Id);
            json.WriteString("upstream", report.Subject.Upstream);
            json.WriteNumber("nodes", report.Nodes);
            WriteCard(json, report.Card);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCard(Utf8JsonWriter json, ScorecardSnapshot card)
    {
        json.WriteNumber("at_ms", card.AtMs);
        json.WriteString("standing", card.Standing.ToString().ToLowerInvariant());
        json.WriteString("warning", card.Warning);
        Write(json, "stability_percent", card.StabilityPercent);
        Write(json, "quality_percent", card.QualityPercent);
        Write(json, "cost_percent_of_list", card.CostPercent);
        Write(json, "availability", card.Availability);
        Write(json, "abort_share", card.AbortShare);
        Write(json, "limited_share", card.LimitedShare);
        Write(json, "refused_share", card.RefusedShare);
        Write(json, "slow_share", card.SlowShare);
        Write(json, "output_tokens_per_second", card.OutputTokensPerSecond);
        Write(json, "pace", card.Pace);
        json.WriteBoolean("has_other_pace", card.HasOtherPace);
        json.WriteString("currency", card.Currency);
        Write(json, "nano_per_million_tokens", card.NanoPerMillionTokens);
        Write(json, "cache_share", card.CacheShare);
        Write(json, "wasted_share", card.WastedShare);
        json.WriteStartArray("first_content");
        foreach (var line in card.FirstContent)
        {
            json.WriteStartObject();
            json.WriteBoolean("streamed", line.IsStream);
            json.WriteNumber("prompt_tokens_from", line.PromptTokensFrom);
            json.WriteNumberOrNull("prompt_tokens_to", line.PromptTokensTo);
            Write(json, "median_ms", line.MedianMs);
            Write(json, "p95_ms", line.P95Ms);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("burn");
        foreach (var line in card.Burn)
        {
            json.WriteStartObject();
            json.WriteNumber("window_minutes", line.Window switch { BurnWindow.FiveMinutes => 5, BurnWindow.HalfHour => 30, BurnWindow.Hour => 60, _ => 360 });
            WriteFinite(json, "rate", line.Rate);
            WriteFinite(json, "weight", line.Weight);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("checks");
        WriteFinite(json, "answers", card.Checked.Free);
        WriteFinite(json, "answers_whole", card.Checked.Whole);
        json.WriteStartObject("found");
        foreach (var line in card.Checks)
            WriteFinite(json, CheckKinds.Word(line.Kind), line.Answers);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, in Estimate estimate)
    {
        if (!estimate.IsKnown)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        WriteFinite(json, "value", estimate.Value);
        WriteFinite(json, "low", estimate.Low);
        WriteFinite(json, "high", estimate.High);
        WriteFinite(json, "weight", estimate.Weight);
        json.WriteNumber("last_ms", estimate.LastMs);
        json.WriteEndObject();
    }

    private static void WriteFinite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, Math.Round(value, 6));
        else
            json.WriteNull(name);
    }
}
