using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Scoring;

/// <summary>Hands on an answer up to so many bytes, and then nothing of it any more.</summary>
internal sealed class BoundedSink(IStreamSink next) : IStreamSink
{
    private const int BytesMax = 256 * 1024;

    private int _bytes;

    /// <summary>It was longer.</summary>
    public bool IsOver => _bytes > BytesMax;

    public void OnStart(in StreamStart start) => next.OnStart(start);

    public void OnBlockStart(int block, in BlockStart start)
    {
        if (Takes(start.Raw.Utf8.Length))
            next.OnBlockStart(block, start);
    }

    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Takes(token.Length))
            next.OnTextDelta(block, token);
    }

    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        // No check reads thoughts.
    }

    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Takes(token.Length))
            next.OnArgumentsDelta(block, token);
    }

    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        // Nor signatures and citations.
    }

    public void OnBlockEnd(int block)
    {
        if (!IsOver)
            next.OnBlockEnd(block);
    }

    public void OnUsage(in Usage usage) => next.OnUsage(usage);

    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence) => next.OnStop(reason, nativeReason, stopSequence);

    public void OnError(WireError error) => next.OnError(error);

    public void OnEnd() => next.OnEnd();

    private bool Takes(int bytes)
    {
        if (!IsOver)
            _bytes += bytes;
        return !IsOver;
    }
}

/// <summary>Tells two the same.</summary>
internal sealed class TeeSink(IStreamSink first, IStreamSink second) : IStreamSink
{
    public void OnStart(in StreamStart start)
    {
        first.OnStart(start);
        second.OnStart(start);
    }

    public void OnBlockStart(int block, in BlockStart start)
    {
        first.OnBlockStart(block, start);
        second.OnBlockStart(block, start);
    }

    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        first.OnTextDelta(block, token);
        second.OnTextDelta(block, token);
    }

    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        first.OnReasoningDelta(block, token);
        second.OnReasoningDelta(block, token);
    }

    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        first.OnArgumentsDelta(block, token);
        second.OnArgumentsDelta(block, token);
    }

    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        first.OnBlockAttribute(block, attribute, value);
        second.OnBlockAttribute(block, attribute, value);
    }

    public void OnBlockEnd(int block)
    {
        first.OnBlockEnd(block);
        second.OnBlockEnd(block);
    }

    public void OnUsage(in Usage usage)
    {
        first.OnUsage(usage);
        second.OnUsage(usage);
    }

    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        first.OnStop(reason, nativeReason, stopSequence);
        second.OnStop(reason, nativeReason, stopSequence);
    }

    public void OnError(WireError error)
    {
        first.OnError(error);
        second.OnError(error);
    }

    public void OnEnd()
    {
        first.OnEnd();
        second.OnEnd();
    }
}
