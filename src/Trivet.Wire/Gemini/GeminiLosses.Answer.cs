using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini;

/// <summary>Losses of answers.</summary>
public static partial class GeminiLosses
{
    internal static IReadOnlyList<LossRule> Answer => [];
}
