using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Chat's <c>finish_reason</c> and the canonical reasons, both ways.</summary>
public static class OpenAIChatStopReasons
{
    /// <summary>
    /// Reads a finish reason; <see cref="StopReason.Unknown"/> for a word that is not known. Words beyond the spec: DeepSeek
    /// <c>insufficient_system_resource</c>, <c>aborted</c>; GLM <c>sensitive</c>, <c>network_error</c>, <c>model_context_window_exceeded</c>; Together <c>eos</c>;
    /// relays pass Anthropic's and Gemini's words through (WIRE_FACTS §3.2).
    /// </summary>
    public static StopReason Read(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("stop"u8) || word.SequenceEqual("eos"u8) || word.SequenceEqual("end_turn"u8) || word.SequenceEqual("STOP"u8) || word.SequenceEqual("stop_string"u8))
            return StopReason.EndTurn;
        if (word.SequenceEqual("tool_calls"u8) || word.SequenceEqual("function_call"u8) || word.SequenceEqual("tool_use"u8))
            return StopReason.ToolCalls;
        if (word.SequenceEqual("length"u8) || word.SequenceEqual("max_tokens"u8) || word.SequenceEqual("MAX_TOKENS"u8) || word.SequenceEqual("model_length"u8))
            return StopReason.MaxTokens;
        if (word.SequenceEqual("content_filter"u8) || word.SequenceEqual("sensitive"u8) || word.SequenceEqual("SAFETY"u8) || word.SequenceEqual("RECITATION"u8))
            return StopReason.ContentFilter;
        if (word.SequenceEqual("stop_sequence"u8))
            return StopReason.StopSequence;
        if (word.SequenceEqual("refusal"u8))
            return StopReason.Refusal;
        if (word.SequenceEqual("pause_turn"u8))
            return StopReason.PauseTurn;
        if (word.SequenceEqual("model_context_window_exceeded"u8))
            return StopReason.ContextWindow;
        return word.SequenceEqual("insufficient_system_resource"u8) || word.SequenceEqual("network_error"u8) || word.SequenceEqual("aborted"u8) || word.SequenceEqual("error"u8)
            || word.SequenceEqual("MALFORMED_FUNCTION_CALL"u8)
            ? StopReason.Error
            : StopReason.Unknown;
    }

    /// <summary>
    /// The word for a reason. <c>tool_calls</c> whenever tools were called and the model was done, whatever the upstream said: agents act on this
    /// word (litellm#34692), and never without a call; <c>function_call</c> for a client that offers <c>functions</c>.
    /// </summary>
    public static ReadOnlySpan<byte> Write(StopReason reason, bool hasToolCalls, bool asFunction = false) => reason switch
    {
        StopReason.MaxTokens or StopReason.ContextWindow or StopReason.Error => "length"u8,
        StopReason.ContentFilter or StopReason.Refusal => "content_filter"u8,
        _ => !hasToolCalls ? "stop"u8 : asFunction ? "function_call"u8 : "tool_calls"u8,
    };

    /// <summary>
    /// Whether a choice's own field names the stop sequence that ended it: vLLM's <c>stop_reason</c>, SGLang's <c>matched_stop</c> (both a string, a number for
    /// a token, or null; their sources, 2026-11). Relays put Anthropic's and OpenAI's words for reasons into fields of the same name: those are none.
    /// </summary>
    internal static bool IsStopSequence(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word) =>
        (name.SequenceEqual("stop_reason"u8) || name.SequenceEqual("matched_stop"u8)) && word.Length > 0 && Read(word) == StopReason.Unknown;

    /// <summary>The error that a finish reason stands for where the vendor broke off (<see cref="StopReason.Error"/>).</summary>
    internal static WireError BrokenOff(string word) => new()
    {
        Class = word == "insufficient_system_resource" ? ErrorClass.Overloaded : ErrorClass.Server,
        Message = $"The upstream broke off its answer ({word}).",
        Code = "upstream_" + word.ToLowerInvariant(),
    };
}
