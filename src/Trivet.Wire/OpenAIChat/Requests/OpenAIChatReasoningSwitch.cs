using System.Text.Json;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>Says how hard to think, in the switch that the dialect's vendor has. Efforts and budgets are matched by a table: guesses, as every such table is.</summary>
internal static class OpenAIChatReasoningSwitch
{
    private static readonly string[] Order = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>Writes the switch at the top level of the request.</summary>
    public static void Write(Utf8JsonWriter writer, CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        if (request.Reasoning is not { } reasoning)
            return;
        if (reasoning.Summary is not null && reasoning.Summary != "auto" || reasoning.ShowThoughts is not null && dialect.ThinkingSwitch != ThinkingSwitch.ReasoningObject)
            losses.Add(OpenAIChatLosses.ThinkingDisplay);
        if (IsOff(reasoning) && !dialect.CanDisableThinking && dialect.ThinkingSwitch is not (ThinkingSwitch.None or ThinkingSwitch.ReasoningEffort))
        {
            losses.Add(OpenAIChatLosses.ThinkingMode); // a model that always thinks answers "disabled" with an error
            return;
        }

        switch (dialect.ThinkingSwitch)
        {
            case ThinkingSwitch.ReasoningEffort:
                Effort(writer, reasoning, dialect, losses);
                break;
            case ThinkingSwitch.ThinkingType:
                ThinkingType(writer, request, reasoning, dialect, losses);
                break;
            case ThinkingSwitch.EnableThinking:
                EnableThinking(writer, reasoning, losses);
                break;
            case ThinkingSwitch.ReasoningObject:
                ReasoningObject(writer, reasoning, dialect, losses);
                break;
            default:
                losses.Add(OpenAIChatLosses.ThinkingMode);
                break;
        }
    }

    private static void Effort(Utf8JsonWriter writer, ReasoningRequest reasoning, OpenAIChatDialect dialect, LossList losses)
    {
        if (WordOf(reasoning, losses) is not { } word)
            return; // "enabled" or "adaptive" without more: what reasoning models do anyway
        if (Nearest(word, dialect.EffortWords) is not { } taken)
        {
            losses.Add(OpenAIChatLosses.ThinkingMode);
            return;
        }

        if (taken != word)
            losses.Add(OpenAIChatLosses.Effort);
        writer.WriteString("reasoning_effort"u8, taken);
    }

    private static void ThinkingType(Utf8JsonWriter writer, CanonicalRequest request, ReasoningRequest reasoning, OpenAIChatDialect dialect, LossList losses)
    {
        var own = request.Origin == Protocol.OpenAIChat ? request.Extra.Find(static extra => extra.Name == "thinking").Value : default;
        if (!own.IsAbsent)
            own.WriteTo(writer, "thinking"u8); // with what else the client said in it
        else if (reasoning.Mode != ReasoningMode.Unspecified || reasoning.Effort is not null || reasoning.BudgetTokens is not null)
        {
            writer.WriteStartObject("thinking"u8);
            writer.WriteString("type"u8, IsOff(reasoning) ? "disabled"u8 : "enabled"u8);
            writer.WriteEndObject();
        }

        if (dialect.EffortWords.Count > 0 && !IsOff(reasoning))
            Effort(writer, reasoning, dialect, losses);
        else if (reasoning.BudgetTokens is not null || reasoning.Effort is not null and not "none")
            losses.Add(OpenAIChatLosses.ThinkingMode);
    }

    private static void EnableThinking(Utf8JsonWriter writer, ReasoningRequest reasoning, LossList losses)
    {
        writer.WriteBoolean("enable_thinking"u8, !IsOff(reasoning));
        if (reasoning.BudgetTokens is { } budget && budget > 0)
            writer.WriteNumber("thinking_budget"u8, budget);
        else if (reasoning.Effort is not null and not "none")
            losses.Add(OpenAIChatLosses.Effort);
    }

    private static void ReasoningObject(Utf8JsonWriter writer, ReasoningRequest reasoning, OpenAIChatDialect dialect, LossList losses)
    {
        writer.WriteStartObject("reasoning"u8);
        if (IsOff(reasoning))
            writer.WriteBoolean("enabled"u8, false);
        else if (reasoning.BudgetTokens is { } budget and > 0)
            writer.WriteNumber("max_tokens"u8, budget);
        else if (reasoning.Effort is { } effort && Nearest(effort, dialect.EffortWords) is { } taken)
        {
            if (taken != effort)
                losses.Add(OpenAIChatLosses.Effort);
            writer.WriteString("effort"u8, taken);
        }
        else
            writer.WriteBoolean("enabled"u8, true);
        if (reasoning.ShowThoughts is { } show)
            writer.WriteBoolean("exclude"u8, !show);
        writer.WriteEndObject();
    }

    private static bool IsOff(ReasoningRequest reasoning) => reasoning.Mode == ReasoningMode.Disabled || reasoning.Effort == "none" || reasoning.BudgetTokens == 0;

    private static string? WordOf(ReasoningRequest reasoning, LossList losses)
    {
        if (reasoning.Effort is { } effort)
            return effort;
        if (IsOff(reasoning))
            return "none";
        if (reasoning.BudgetTokens is not { } budget || budget < 0)
            return null;
        losses.Add(OpenAIChatLosses.ThinkingBudget);
        return budget <= 4096 ? "low" : budget <= 16384 ? "medium" : "high";
    }

    /// <summary>The word itself where it is taken, else the nearest one, downwards first; null where none is. A word that nobody knows is sent as it is.</summary>
    internal static string? Nearest(string word, IReadOnlyList<string> taken)
    {
        if (taken.Count == 0 || taken.Contains(word))
            return taken.Count == 0 ? null : word;
        var rank = Array.IndexOf(Order, word);
        if (rank < 0)
            return word;
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in taken)
        {
            var distance = Math.Abs(Array.IndexOf(Order, candidate) - rank);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        return best;
    }
}
