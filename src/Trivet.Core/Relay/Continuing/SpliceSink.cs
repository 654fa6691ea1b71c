using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// Joins the answer of a continuing attempt to what the client has: an answer asked for anew loses the beginning that equals it, one that goes on loses what it
/// says twice at the seam. Blocks get the client's numbers; thoughts of the new attempt are left out, since the client has those of the first.
/// </summary>
internal sealed class SpliceSink : IStreamSink
{
    private const int Dropped = -1;
    private const int NotYet = -2;

    private readonly Continuation _going;
    private readonly ReleasedAnswer _client;
    private readonly byte[] _has;
    private readonly List<int> _blocks = [];
    private readonly TokenBuffer _halves = new();
    private readonly ArrayBufferWriter<byte> _held = new();
    private int _matched;
    private bool _isThrough;
    private bool _hasText;

    public SpliceSink(Continuation going, ReleasedAnswer client)
    {
        (_going, _client, _has) = (going, client, client.Text());
        _isThrough = _has.Length == 0;
    }

    /// <summary>The answer that was asked for anew does not begin with what the client has, or the model that was told to go on did not say where.</summary>
    public bool HasDiverged { get; private set; }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        // The client's stream has begun.
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (start.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning)
        {
            _blocks.Add(Dropped);
            return;
        }

        if (start.Kind == BlockKind.Text)
        {
            _blocks.Add(NotYet);
            return;
        }

        Settle();
        if (HasDiverged)
            return;
        EndOpen();
        _blocks.Add(Begin(start));
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (HasDiverged || token.Length <= 2)
            return;
        if (_isThrough)
        {
            _client.OnTextDelta(Target(block), token);
            return;
        }

        _halves.Append(token);
        if (JsonTokens.EndsInHalfPair(_halves.Contents))
            return;
        JsonTokens.Unquote(_halves.AsToken(), _held);
        _halves.Clear();
        if (_going.Way == ContinuationWay.Anew)
            Align(block);
        else
            Overlap(block, isEnd: false);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        // See OnBlockStart.
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (Mapped(block) is { } target)
            _client.OnArgumentsDelta(target, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (Mapped(block) is { } target)
            _client.OnBlockAttribute(target, attribute, value);
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (Mapped(block) is { } target)
            _client.OnBlockEnd(target);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => _client.OnUsage(_going.WholeUsage(usage));

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        Settle();
        if (!HasDiverged)
            _client.OnStop(reason, nativeReason, stopSequence);
    }

    /// <inheritdoc/>
    public void OnError(WireError error) => _client.OnError(error);

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (!HasDiverged)
            _client.OnEnd();
    }

    private int? Mapped(int block) => !HasDiverged && block < _blocks.Count && _blocks[block] >= 0 ? _blocks[block] : null;

    private void Align(int block)
    {
        var incoming = _held.WrittenSpan;
        var expected = _has.AsSpan(_matched);
        var same = incoming.CommonPrefixLength(expected);
        if (same < Math.Min(incoming.Length, expected.Length))
        {
            HasDiverged = true;
            return;
        }

        _matched += same;
        _isThrough = _matched == _has.Length;
        var rest = incoming[same..].ToArray();
        _held.ResetWrittenCount();
        Say(block, rest);
    }

    private void Overlap(int block, bool isEnd)
    {
        var seam = _going.Way == ContinuationWay.Prefill ? Seam.FindEcho(_has, _held.WrittenSpan, isEnd) : Seam.Find(_has, _held.WrittenSpan, isEnd);
        if (seam == Seam.Undecided)
            return;
        if (seam == Seam.None)
        {
            HasDiverged = true;
            return;
        }

        _isThrough = true;
        var rest = _held.WrittenSpan[seam..].ToArray();
        _held.ResetWrittenCount();
        Say(block, rest);
    }

    // No more text comes before what stands behind it: what is held is decided on now.
    private void Settle()
    {
        if (_isThrough || HasDiverged)
            return;
        if (_going.Way == ContinuationWay.Anew)
            HasDiverged = true;
        else
            Overlap(_blocks.LastIndexOf(NotYet), isEnd: true);
    }

    private void Say(int block, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || block < 0)
            return;
        var token = new ArrayBufferWriter<byte>(text.Length + 16);
        JsonTokens.Quote(text, token);
        _client.OnTextDelta(Target(block), token.WrittenSpan);
    }

    // The first text goes on in the block that is open at the client.
    private int Target(int block)
    {
        if (_blocks[block] == NotYet)
        {
            var open = _hasText ? null : _client.OpenText;
            _hasText = true;
            if (open is null)
                EndOpen();
            _blocks[block] = open ?? Begin(new BlockStart { Kind = BlockKind.Text });
        }

        return _blocks[block];
    }

    private int Begin(in BlockStart start)
    {
        var id = Math.Max(_client.NextBlock, _going.NextBlock);
        _going.NextBlock = id + 1;
        _client.OnBlockStart(id, start);
        return id;
    }

    private void EndOpen()
    {
        foreach (var open in _client.OpenBlocks())
            _client.OnBlockEnd(open);
    }
}
