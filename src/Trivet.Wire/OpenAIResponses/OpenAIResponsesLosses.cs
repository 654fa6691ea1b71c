using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>What Responses cannot say of a request or an answer that was made in another protocol or for another dialect.</summary>
public static partial class OpenAIResponsesLosses
{
    internal static readonly LossRule StopSequences = Rule("stop", LossEffect.Dropped, "Responses has no stop sequences.", bounds: true);

    private static IReadOnlyList<LossRule> Request { get; } = [StopSequences];

    /// <summary>All rules of this protocol: rows of the loss table.</summary>
    public static IReadOnlyList<LossRule> All { get; } = [.. Request, .. Answer];

    /// <summary>A request field that a dialect's vendor refuses.</summary>
    internal static LossRule Unsupported(string field) => new(field, LossEffect.Dropped, Protocol.OpenAIResponses, Bounds: false, "The vendor refuses this field.");

    internal static LossRule Rule(string field, LossEffect effect, string why, bool bounds = false) => new(field, effect, Protocol.OpenAIResponses, bounds, why);
}
