using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse;

/// <summary>Bedrock's <c>stopReason</c> (API reference: MessageStopEvent, read 2026-11-22).</summary>
public static class BedrockConverseStopReasons
{
    /// <summary>The canonical reason; <see cref="StopReason.EndTurn"/> for a word that is not known, as the answer did end.</summary>
    public static StopReason Read(string word, bool hasToolCall) => word switch
    {
        "tool_use" => StopReason.ToolCalls,
        "max_tokens" => StopReason.MaxTokens,
        "stop_sequence" => StopReason.StopSequence,
        "guardrail_intervened" or "content_filtered" => StopReason.ContentFilter,
        "malformed_model_output" or "malformed_tool_use" => StopReason.Error,
        "model_context_window_exceeded" => StopReason.ContextWindow,
        "refusal" => StopReason.Refusal,
        _ => hasToolCall ? StopReason.ToolCalls : StopReason.EndTurn,
    };

    /// <summary>The error that a stop reason stands for where the model broke off (<see cref="StopReason.Error"/>).</summary>
    internal static WireError BrokenOff(string word) => new()
    {
        Class = ErrorClass.Server,
        Message = $"The upstream broke off its answer ({word}).",
        Code = "upstream_" + word,
    };
}
