using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>Responses' <c>status</c> with <c>incomplete_details.reason</c> and the canonical reasons, both ways. It has no word for tool calls: the items tell.</summary>
public static class OpenAIResponsesStopReasons
{
    /// <summary>Reads a status and, for <c>incomplete</c>, its reason.</summary>
    public static StopReason Read(ReadOnlySpan<byte> status, ReadOnlySpan<byte> incompleteReason, bool hasToolCalls)
    {
        if (status.SequenceEqual("incomplete"u8))
        {
            return incompleteReason.SequenceEqual("content_filter"u8) ? StopReason.ContentFilter
                : incompleteReason.SequenceEqual("model_context_window_exceeded"u8) ? StopReason.ContextWindow
                : StopReason.MaxTokens;
        }

        if (status.SequenceEqual("failed"u8) || status.SequenceEqual("cancelled"u8))
            return StopReason.Error;
        return hasToolCalls ? StopReason.ToolCalls : StopReason.EndTurn;
    }

    /// <summary>The status for a reason, with the word of <c>incomplete_details</c>, which is empty where there is none.</summary>
    public static ReadOnlySpan<byte> Write(StopReason reason, out ReadOnlySpan<byte> incompleteReason)
    {
        incompleteReason = reason switch
        {
            StopReason.MaxTokens or StopReason.ContextWindow or StopReason.Error => "max_output_tokens"u8,
            StopReason.ContentFilter or StopReason.Refusal => "content_filter"u8,
            _ => default,
        };
        return incompleteReason.IsEmpty ? "completed"u8 : "incomplete"u8;
    }

    /// <summary>Notes what the words do not say of a reason.</summary>
    internal static void Note(StopReason reason, bool hasStopSequence, LossList losses)
    {
        if (reason is StopReason.PauseTurn or StopReason.Refusal or StopReason.ContextWindow or StopReason.Error)
            losses.Add(OpenAIResponsesLosses.AnswerStopReason);
        if (hasStopSequence)
            losses.Add(OpenAIResponsesLosses.AnswerStopSequence);
    }
}
