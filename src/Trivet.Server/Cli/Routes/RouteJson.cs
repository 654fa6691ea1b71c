using System.Text.Json;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Routing.Difficulty;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;

namespace Trivet.Server.Cli.Routes;

/// <summary>Decisions, replays and verdicts as JSON.</summary>
internal static class RouteJson
{
    public static void Write(Utf8JsonWriter json, RouteExplanation explanation)
    {
        var decision = explanation.Decision!;
        json.WriteStartObject();
        json.WriteString("route", explanation.Route);
        json.WriteString("policy", decision.Policy);
        json.WriteString("aim", decision.Aim?.ToString().ToLowerInvariant());
        json.WriteString("task", RouteText.WordOf(decision.Task));
        json.WriteString("currency", decision.Currency);
        json.WriteString("reason", decision.Reason);
        json.WriteBoolean("live", explanation.IsLive);
        json.WriteNumber("attempts", explanation.Attempts);
        json.WriteStartArray("candidates");
        foreach (var candidate in decision.Candidates)
            Write(json, candidate);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RouteReplay replay)
    {
        json.WriteStartObject();
        json.WriteString("policy", replay.Policy);
        json.WriteString("currency", replay.Currency);
        json.WriteNumberOrNull("from_ms", replay.FromMs);
        json.WriteBoolean("cut", replay.IsCut);
        json.WriteNumber("requests", replay.Requests);
        json.WriteNumber("refused", replay.Refused);
        json.WriteNumberOrNull("cost_nano", replay.CostNano);
        json.WriteNumberOrNull("replayed_nano", replay.ReplayedNano);
        WriteDouble(json, "first_try", replay.FirstTry);
        WriteDouble(json, "first_try_expected", replay.FirstTryExpected);
        json.WriteStartArray("offerings");
        foreach (var share in replay.Offerings)
        {
            json.WriteStartObject();
            json.WriteString("offering", share.Offering);
            json.WriteNumber("was", share.Was);
            json.WriteNumber("becomes", share.Becomes);
            json.WriteNumberOrNull("replayed_nano", share.ReplayedNano);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RouterVerdict verdict)
    {
        json.WriteStartObject();
        json.WriteNumber("questions", verdict.Questions);
        WriteDouble(json, "weak", verdict.Weak);
        WriteDouble(json, "strong", verdict.Strong);
        WriteDouble(json, "apgr_random", verdict.Random);
        WriteDouble(json, "apgr_length", verdict.Length);
        WriteDouble(json, "apgr_learned", verdict.Learned);
        WriteDouble(json, "apgr_learned_low", verdict.LearnedLow);
        WriteDouble(json, "apgr_learned_high", verdict.LearnedHigh);
        WriteDouble(json, "apgr_oracle", verdict.Oracle);
        WriteDouble(json, "wins", verdict.Wins);
        json.WriteBoolean("may_be_used", verdict.MayBeUsed);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CandidateFacts candidate)
    {
        json.WriteStartObject();
        json.WriteString("offering", candidate.Offering);
        json.WriteNumberOrNull("place", candidate.Place);
        json.WriteString("floors_failed", candidate.FloorsFailed);
        json.WriteNumber("floors_given_up", candidate.FloorsGivenUp);
        json.WriteString("standing", candidate.Standing);
        json.WriteBoolean("can_do_it", candidate.CanDoIt);
        json.WriteNumberOrNull("cost_nano", candidate.CostNano);
        WriteDouble(json, "seconds", candidate.Seconds);
        WriteDouble(json, "first_content_seconds", candidate.FirstContentSeconds);
        WriteShare(json, "availability", candidate.Availability, candidate.AvailabilityMeasured);
        WriteShare(json, "quality", candidate.Quality, candidate.QualityMeasured);
        WriteDouble(json, "approval", candidate.Approval);
        json.WriteNumber("input_tokens", candidate.InputTokens);
        json.WriteNumber("cached_tokens", candidate.CachedTokens);
        json.WriteNumber("output_tokens", candidate.OutputTokens);
        json.WriteString("priors", candidate.Priors);
        json.WriteBoolean("has_the_conversation", candidate.IsIncumbent);
        json.WriteEndObject();
    }

    private static void WriteShare(Utf8JsonWriter json, string name, double value, Estimate measured)
    {
        json.WriteStartObject(name);
        WriteDouble(json, "value", value);
        WriteDouble(json, "low", measured.Low);
        WriteDouble(json, "high", measured.High);
        WriteDouble(json, "samples", measured.Weight);
        json.WriteEndObject();
    }

    // What is not known is null; JSON has no word for it.
    private static void WriteDouble(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, Math.Round(value, 6));
        else
            json.WriteNull(name);
    }
}
