using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses;

public static partial class OpenAIResponsesLosses
{
    internal static readonly LossRule AnswerStopReason = Rule("stop_reason", LossEffect.Changed, "Responses has no word for this reason; the nearest is used: completed for a paused turn, content_filter for a refusal, max_output_tokens for a full context or an answer broken off.");
    internal static readonly LossRule AnswerStopSequence = Rule("stop_sequence", LossEffect.Dropped, "Responses does not say which stop sequence ended an answer.");
    internal static readonly LossRule AnswerCitations = Rule("citations", LossEffect.Dropped, "Citations of anything but pages on the web have no counterpart among the annotations of Responses.");
    internal static readonly LossRule AnswerEncrypted = Rule("redacted_thinking", LossEffect.Dropped, "Encrypted thoughts mean something to their issuer only; those of other vendors are not handed to a Responses client.");
    internal static readonly LossRule AnswerMedia = Rule("media", LossEffect.Dropped, "An answer of Responses holds media as calls of its own tools only.");
    internal static readonly LossRule AnswerChoices = Rule("choices", LossEffect.Dropped, "Responses has one answer to a request; the first is given.");

    internal static IReadOnlyList<LossRule> Answer => [AnswerStopReason, AnswerStopSequence, AnswerCitations, AnswerEncrypted, AnswerMedia, AnswerChoices];
}
