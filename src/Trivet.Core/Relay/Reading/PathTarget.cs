namespace Trivet.Core.Relay.Reading;

/// <summary>What a request's path says, for protocols whose body does not say it (Gemini).</summary>
/// <param name="Model">The model that the client named.</param>
/// <param name="Form">In which form the answer comes.</param>
public sealed record PathTarget(string Model, StreamForm Form);

/// <summary>In which form an answer comes.</summary>
public enum StreamForm : byte
{
    /// <summary>Whole.</summary>
    Whole,

    /// <summary>As server-sent events.</summary>
    Events,

    /// <summary>As one JSON array, element by element (Gemini without <c>?alt=sse</c>).</summary>
    Array,
}
