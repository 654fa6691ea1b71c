namespace Trivet.Sandbox.Streaming;

/// <summary>Ends an answer early because a fault says so.</summary>
internal sealed class StagedEnd(bool isCut) : Exception("The staged fault ended this answer.")
{
    /// <summary>The connection breaks; otherwise the body ends cleanly.</summary>
    public bool IsCut { get; } = isCut;
}
