namespace Trivet.Wire.Sse;

/// <summary>One server-sent event, or a run of comments between events. Spans are valid during the call only.</summary>
public readonly ref struct SseEvent
{
    /// <summary>The event's bytes as they stood, closing blank line included: what pass-through sends on.</summary>
    public ReadOnlySpan<byte> Raw { get; init; }

    /// <summary>Value of <c>event:</c>; empty where the stream names none.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>The <c>data:</c> lines, joined by line feeds.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>There was a <c>data:</c> line. Without one it is a comment or a blank: a keep-alive, never progress.</summary>
    public bool HasData { get; init; }
}

/// <summary>Receives the events that an <see cref="SseReader"/> cuts.</summary>
public interface ISseHandler
{
    /// <summary>One whole event.</summary>
    void OnEvent(in SseEvent e);
}
