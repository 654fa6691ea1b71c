using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIResponses;

public static partial class OpenAIResponsesLosses
{
    internal static IReadOnlyList<LossRule> Answer => [];
}
