using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini;

/// <summary>Losses of answers. Fields are in the words of the protocol that the answer came from.</summary>
public static partial class GeminiLosses
{
    /// <summary>A refusal in a field of its own becomes text.</summary>
    public static LossRule AnswerRefusal { get; } = Rule("refusal", LossEffect.Moved, "Gemini has no field for a refusal: it becomes text.");

    /// <summary>No word for this stop reason.</summary>
    public static LossRule AnswerStop { get; } = Rule("stop_reason", LossEffect.Changed, "Gemini has no word for this reason; the nearest is used: STOP for a paused turn, SAFETY for a refusal, MAX_TOKENS for a full context.");

    /// <summary>Which stop sequence it was.</summary>
    public static LossRule AnswerStopSequence { get; } = Rule("stop_sequence", LossEffect.Dropped, "Gemini does not say which stop sequence ended an answer.");

    /// <summary>Citations of other protocols.</summary>
    public static LossRule AnswerCitations { get; } = Rule("citations", LossEffect.Changed, "Web pages that an answer cites become grounding chunks; which words they stand behind, and citations of anything else, are lost.");

    /// <summary>Encrypted thoughts.</summary>
    public static LossRule AnswerEncrypted { get; } = Rule("thinking.encrypted", LossEffect.Dropped, "Thoughts that only their issuer can read have no place in an answer of Gemini's.");

    /// <summary>Arguments that are no JSON object.</summary>
    public static LossRule AnswerArguments { get; } = Rule("tool_calls[].arguments", LossEffect.Changed, "Arguments that are no JSON object are cut down to their whole members.");

    /// <summary>A free-form call.</summary>
    public static LossRule AnswerCustomCall { get; } = Rule("tool_calls[].custom", LossEffect.Changed, "Gemini knows no free-form tools: the text becomes the argument input of a function, or its arguments where it is an object.");

    /// <summary>A block of another protocol.</summary>
    public static LossRule AnswerBlock { get; } = Rule("content (vendor block)", LossEffect.Dropped, "A block that only its own protocol knows is left out.");

    internal static IReadOnlyList<LossRule> Answer =>
        [AnswerRefusal, AnswerStop, AnswerStopSequence, AnswerCitations, AnswerEncrypted, AnswerArguments, AnswerCustomCall, AnswerBlock];
}
