using System.Text;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini;

/// <summary>Gemini's <c>finishReason</c> and <c>promptFeedback.blockReason</c> and the canonical reasons, both ways.</summary>
public static class GeminiStopReasons
{
    /// <summary>What stands before the reason for which a prompt was blocked, in a native stop reason: such an answer has no candidate.</summary>
    internal const string BlockedPrefix = "promptFeedback.";

    // ai.google.dev v1beta discovery document, November 2026; MODEL_ARMOR and JAILBREAK are Vertex's (gemini-064).
    private static readonly Dictionary<string, StopReason> Reasons = new(StringComparer.Ordinal)
    {
        ["STOP"] = StopReason.EndTurn,
        ["MAX_TOKENS"] = StopReason.MaxTokens,
        ["SAFETY"] = StopReason.ContentFilter,
        ["RECITATION"] = StopReason.ContentFilter,
        ["LANGUAGE"] = StopReason.ContentFilter,
        ["BLOCKLIST"] = StopReason.ContentFilter,
        ["PROHIBITED_CONTENT"] = StopReason.ContentFilter,
        ["SPII"] = StopReason.ContentFilter,
        ["IMAGE_SAFETY"] = StopReason.ContentFilter,
        ["IMAGE_PROHIBITED_CONTENT"] = StopReason.ContentFilter,
        ["IMAGE_RECITATION"] = StopReason.ContentFilter,
        ["ESCALATION"] = StopReason.ContentFilter,
        ["OTHER"] = StopReason.ContentFilter, // Google's own OpenAI layer calls it a content filter
        ["IMAGE_OTHER"] = StopReason.ContentFilter,
        ["NO_IMAGE"] = StopReason.EndTurn,
        ["MALFORMED_FUNCTION_CALL"] = StopReason.Error,
        ["MALFORMED_RESPONSE"] = StopReason.Error,
        ["UNEXPECTED_TOOL_CALL"] = StopReason.Error,
        ["TOO_MANY_TOOL_CALLS"] = StopReason.Error,
        ["MISSING_THOUGHT_SIGNATURE"] = StopReason.Error,
    };

    private static readonly HashSet<string> VertexFilters = new(["MODEL_ARMOR", "JAILBREAK"], StringComparer.Ordinal);

    /// <summary>Reads a finish reason; <see cref="StopReason.Unknown"/> for a word that is not known.</summary>
    public static StopReason Read(string word) => Reasons.TryGetValue(word, out var reason) ? reason : VertexFilters.Contains(word) ? StopReason.ContentFilter : StopReason.Unknown;

    /// <summary>Reads a finish reason.</summary>
    public static StopReason Read(ReadOnlySpan<byte> word) => word.SequenceEqual("STOP"u8) ? StopReason.EndTurn : Read(Encoding.UTF8.GetString(word));

    /// <summary>
    /// Why an answer really ended. STOP also stands behind tool calls (308 of 313 recordings). A call to a tool that was not offered, or one too many, is
    /// handed to the client like any other: it knows its tools, and its answer lets the model go on (gemini-071).
    /// </summary>
    public static StopReason Resolve(string word, bool hasToolCalls)
    {
        var reason = word.StartsWith(BlockedPrefix, StringComparison.Ordinal) ? StopReason.ContentFilter : Read(word);
        if (hasToolCalls && (reason is StopReason.EndTurn or StopReason.Unknown || word is "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS"))
            return StopReason.ToolCalls;
        return reason == StopReason.Unknown ? StopReason.EndTurn : reason;
    }

    /// <summary>The word for a reason: the origin's own where it was Gemini's. Tool calls have none of their own.</summary>
    public static string Write(StopReason reason, string? native)
    {
        if (native is not null && Reasons.TryGetValue(native, out var said) && (said == reason || Resolve(native, hasToolCalls: true) == reason))
            return native;
        return reason switch
        {
            StopReason.MaxTokens or StopReason.ContextWindow => "MAX_TOKENS",
            StopReason.ContentFilter or StopReason.Refusal => "SAFETY",
            StopReason.Error => "OTHER",
            _ => "STOP",
        };
    }

    /// <summary>The reason for which a prompt was blocked, if that is what a native stop reason says; in Google's own word, as no other protocol has one.</summary>
    internal static string? BlockReason(string? native) => native is not null && native.StartsWith(BlockedPrefix, StringComparison.Ordinal) ? native[BlockedPrefix.Length..] : null;

    /// <summary>Notes what is lost with a stop reason.</summary>
    internal static void NoteLosses(StopReason reason, bool hasStopSequence, LossList losses)
    {
        if (reason is StopReason.PauseTurn or StopReason.Refusal or StopReason.ContextWindow)
            losses.Add(GeminiLosses.AnswerStop);
        if (hasStopSequence)
            losses.Add(GeminiLosses.AnswerStopSequence);
    }

    /// <summary>The error that a finish reason stands for where the vendor broke off (<see cref="StopReason.Error"/>).</summary>
    internal static WireError BrokenOff(string word, string? detail = null) => new()
    {
        Class = ErrorClass.Server,
        Message = string.IsNullOrEmpty(detail) ? $"The upstream broke off its answer ({word})." : $"The upstream broke off its answer ({word}): {detail}",
        Code = "upstream_" + word.ToLowerInvariant(),
    };
}
