using Trivet.Wire.Canonical;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>Anthropic's <c>stop_reason</c>, both ways.</summary>
public static class AnthropicMessagesStopReasons
{
    /// <summary>The canonical reason for Anthropic's word; <see cref="StopReason.Unknown"/> for a word that is not known.</summary>
    public static StopReason Read(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("end_turn"u8) => StopReason.EndTurn,
        _ when word.SequenceEqual("tool_use"u8) => StopReason.ToolCalls,
        _ when word.SequenceEqual("max_tokens"u8) => StopReason.MaxTokens,
        _ when word.SequenceEqual("stop_sequence"u8) => StopReason.StopSequence,
        _ when word.SequenceEqual("refusal"u8) => StopReason.Refusal,
        _ when word.SequenceEqual("pause_turn"u8) => StopReason.PauseTurn,
        _ when word.SequenceEqual("model_context_window_exceeded"u8) => StopReason.ContextWindow,
        _ when word.SequenceEqual("compaction"u8) => StopReason.PauseTurn,
        _ => StopReason.Unknown,
    };

    /// <summary>
    /// Anthropic's word. An answer that calls tools says <c>tool_use</c> and no other does, for agents run tools by it; one that was cut off says so
    /// even with a call in it, as Anthropic itself does. A vendor that broke off is told as <c>max_tokens</c>: the only word for "not finished".
    /// </summary>
    public static string Write(StopReason reason, bool hasToolCall) => reason switch
    {
        StopReason.MaxTokens or StopReason.Error => "max_tokens",
        StopReason.ContextWindow => "model_context_window_exceeded",
        StopReason.Refusal or StopReason.ContentFilter => "refusal",
        StopReason.PauseTurn => "pause_turn",
        _ when hasToolCall => "tool_use",
        StopReason.StopSequence => "stop_sequence",
        _ => "end_turn",
    };
}
