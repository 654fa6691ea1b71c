namespace Trivet.Wire.Canonical;

/// <summary>What follows from why an answer ended.</summary>
internal static class StopReasonExtensions
{
    /// <summary>It was cut off in the midst of what it said last.</summary>
    public static bool CutsOff(this StopReason reason) => reason is StopReason.MaxTokens or StopReason.ContextWindow or StopReason.ContentFilter;
}
