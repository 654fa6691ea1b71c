using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>
/// Keeps a client's ban on parallel tool calls where the upstream has no switch for it or ignores it: only the first call of an answer goes on. The others
/// were never made, as far as the client and every later turn know; their tokens still count.
/// </summary>
public sealed class SingleCallSink(IStreamSink next) : IStreamSink
{
    private readonly List<int> _ids = []; // of each block of the upstream: its id for the client, or -1
    private int _count;
    private bool _hasCall;

    /// <summary>A whole answer without the calls after its first.</summary>
    public static void Apply(CanonicalResponse response)
    {
        var first = response.Blocks.FindIndex(block => block is ToolCallBlock);
        if (first >= 0)
            response.Blocks.RemoveAll(block => block is ToolCallBlock && !ReferenceEquals(block, response.Blocks[first]));
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start) => next.OnStart(start);

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        var isCall = start.Kind == BlockKind.ToolCall;
        var isKept = !(isCall && _hasCall);
        _hasCall |= isCall;
        while (_ids.Count <= block)
            _ids.Add(-1);
        if (!isKept)
            return;
        _ids[block] = _count++;
        next.OnBlockStart(_ids[block], start);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Id(block) is >= 0 and var id)
            next.OnTextDelta(id, token);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Id(block) is >= 0 and var id)
            next.OnReasoningDelta(id, token);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Id(block) is >= 0 and var id)
            next.OnArgumentsDelta(id, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (Id(block) is >= 0 and var id)
            next.OnBlockAttribute(id, attribute, value);
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (Id(block) is >= 0 and var id)
            next.OnBlockEnd(id);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => next.OnUsage(usage);

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence) => next.OnStop(reason, nativeReason, stopSequence);

    /// <inheritdoc/>
    public void OnError(WireError error) => next.OnError(error);

    /// <inheritdoc/>
    public void OnEnd() => next.OnEnd();

    private int Id(int block) => block < _ids.Count ? _ids[block] : -1;
}
