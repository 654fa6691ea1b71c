using Trivet.Wire.Sse;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>Reads one protocol's stream and plays it into an <see cref="IStreamSink"/>. One per stream.</summary>
public interface IStreamReader : ISseHandler
{
    /// <summary>The answer is complete by the protocol's own rule: its end marker, or a stop reason.</summary>
    bool IsComplete { get; }

    /// <summary>The first real content has been played: text, thoughts, a tool call, a refusal.</summary>
    bool HasContent { get; }

    /// <summary>Fields of the answer that the canonical form has no word for, so far: they are lost on whoever does not get the stream as it came.</summary>
    IReadOnlyList<string> Unsaid => [];

    /// <summary>The tier of service as the stream last said it, unescaped; empty for none.</summary>
    ReadOnlySpan<byte> ServiceTier => default;

    /// <summary>Events that could not be read.</summary>
    int MalformedEvents { get; }

    /// <summary>True: an event that cannot be read is left out and counted, and whoever asked for that sees to it that nothing is lost. False: it ends the stream.</summary>
    bool SkipsMalformed { get; set; }

    /// <summary>The bytes have ended: closes what is open, or reports that the answer was cut off.</summary>
    void Complete();
}

/// <summary>Writes one protocol's stream. Cannot emit an illegal sequence, whatever is called.</summary>
public interface IStreamWriter : IStreamSink
{
    /// <summary>A keep-alive that is legal at this point of the stream.</summary>
    void WritePing();
}
