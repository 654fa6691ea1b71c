using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Answers;

/// <summary>Stands between a stream's reader and its writer and notes what passes: usage, stop reason, model, error, and how much text.</summary>
internal sealed class SinkTap(IStreamSink next, AnswerTap tap) : IStreamSink
{
    public void OnStart(in StreamStart start)
    {
        if (start.Model.Length > 0)
            tap.Model = start.Model;
        tap.Id = start.Id;
        next.OnStart(start);
    }

    public void OnBlockStart(int block, in BlockStart start)
    {
        tap.HasToolCall |= start.Kind == BlockKind.ToolCall;
        next.OnBlockStart(block, start);
    }

    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        Count(token);
        next.OnTextDelta(block, token);
    }

    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        Count(token);
        next.OnReasoningDelta(block, token);
    }

    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        Count(token);
        next.OnArgumentsDelta(block, token);
    }

    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value) => next.OnBlockAttribute(block, attribute, value);

    public void OnBlockEnd(int block) => next.OnBlockEnd(block);

    public void OnUsage(in Usage usage)
    {
        tap.Usage = usage;
        next.OnUsage(usage);
    }

    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        tap.StopReason = reason;
        next.OnStop(reason, nativeReason, stopSequence);
    }

    public void OnError(WireError error)
    {
        tap.Error = error;
        next.OnError(error);
    }

    public void OnEnd() => next.OnEnd();

    private void Count(ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2)
            return;
        tap.ContentBytes += token.Length - 2;
        tap.ContentEvents++;
    }
}
