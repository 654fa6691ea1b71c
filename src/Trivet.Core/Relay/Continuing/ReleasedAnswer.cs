using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// What a client has been told of an answer, in no protocol's words: enough to make a writer that stands where the client's stream stands. Sound as long as
/// all of it is text, or thoughts that nobody signed: a call, a signature or a block that only its vendor knows cannot be gone on from by another attempt.
/// </summary>
/// <param name="next">Who is told as well; null for nobody.</param>
/// <param name="withholds">Errors that are not passed on, because another attempt may go on.</param>
/// <param name="callsComeWhole">The client gets a call when it is whole: one that has only begun is not among what it has.</param>
internal sealed class ReleasedAnswer(IStreamSink? next, Func<WireError, bool> withholds, bool callsComeWhole = false) : IStreamSink
{
    private const int BytesMax = 1 << 20;

    private readonly List<Piece> _pieces = [];
    private StreamStart _start;
    private bool _hasStarted;
    private bool _isFrozen;
    private bool _isInCall;
    private int _bytes;

    /// <summary>Who is told as well; null for nobody.</summary>
    public IStreamSink? Next { get; set; } = next;

    /// <summary>Another attempt may go on from it.</summary>
    public bool IsSound { get; private set; } = true;

    /// <summary>The id that the next block gets.</summary>
    public int NextBlock => _pieces.Count;

    /// <summary>All of the text, decoded.</summary>
    public byte[] Text() => [.. _pieces.Where(static piece => piece.Start.Kind == BlockKind.Text).SelectMany(static piece => piece.Text.Decode())];

    /// <summary>The text block that is open; null where none is.</summary>
    public int? OpenText => _pieces is [.., { IsEnded: false, Start.Kind: BlockKind.Text }] ? _pieces.Count - 1 : null;

    /// <summary>The blocks that are open.</summary>
    public IEnumerable<int> OpenBlocks()
    {
        for (var id = 0; id < _pieces.Count; id++)
        {
            if (!_pieces[id].IsEnded)
                yield return id;
        }
    }

    /// <summary>What comes from here on is passed on and no longer kept: it may never reach the client.</summary>
    public void Freeze() => _isFrozen = true;

    /// <summary>What comes is kept again.</summary>
    public void Thaw() => _isFrozen = false;

    /// <summary>Tells all of it to a writer; blocks that are open stay open.</summary>
    public void Play(IStreamSink writer)
    {
        _isInCall = false;
        writer.OnStart(_start);
        for (var id = 0; id < _pieces.Count; id++)
        {
            var piece = _pieces[id];
            writer.OnBlockStart(id, piece.Start);
            if (piece.Start.Kind == BlockKind.Text)
                writer.OnTextDelta(id, piece.Text.AsToken());
            else
                writer.OnReasoningDelta(id, piece.Text.AsToken());
            foreach (var citation in piece.Citations ?? [])
                writer.OnBlockAttribute(id, BlockAttribute.Citation, citation);
            if (piece.IsEnded)
                writer.OnBlockEnd(id);
        }
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        if (!_hasStarted)
            (_start, _hasStarted) = (start, true);
        Next?.OnStart(start);
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (Keeps)
        {
            if (callsComeWhole && !_isInCall && start.Kind == BlockKind.ToolCall && block == _pieces.Count)
                _isInCall = true;
            else if (!_isInCall && start.Kind is BlockKind.Text or BlockKind.Reasoning && block == _pieces.Count)
                _pieces.Add(new Piece(start with { Id = start.Id.Detach(), Raw = default }));
            else
                GiveUp();
        }

        Next?.OnBlockStart(block, start);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        Keep(block, token);
        Next?.OnTextDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        Keep(block, token);
        Next?.OnReasoningDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token) => Next?.OnArgumentsDelta(block, token);

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (Keeps && !IsOfCall(block))
        {
            if (attribute == BlockAttribute.Citation && block < _pieces.Count)
                (_pieces[block].Citations ??= []).Add(value.ToArray());
            else if (value.Length > 2 && attribute != BlockAttribute.LogProbs) // who goes on has others, and nothing depends on them
                GiveUp();
        }

        Next?.OnBlockAttribute(block, attribute, value);
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (Keeps && IsOfCall(block))
            GiveUp();
        else if (Keeps && block < _pieces.Count)
            _pieces[block].IsEnded = true;
        Next?.OnBlockEnd(block);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => Next?.OnUsage(usage);

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        if (Keeps && _isInCall && reason != StopReason.Error)
            GiveUp(); // the writer ends what is open
        Next?.OnStop(reason, nativeReason, stopSequence);
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (!IsSound || !withholds(error))
            Next?.OnError(error);
    }

    /// <inheritdoc/>
    public void OnEnd() => Next?.OnEnd();

    private bool Keeps => IsSound && !_isFrozen;

    private bool IsOfCall(int block) => _isInCall && block == _pieces.Count;

    private void Keep(int block, ReadOnlySpan<byte> token)
    {
        if (!Keeps || block >= _pieces.Count)
            return;
        _pieces[block].Text.Append(token);
        if ((_bytes += token.Length) > BytesMax)
            GiveUp();
    }

    /// <summary>Nobody will go on from it.</summary>
    public void GiveUp()
    {
        IsSound = false;
        _pieces.Clear();
    }

    private sealed class Piece(BlockStart start)
    {
        public BlockStart Start { get; } = start;

        public TokenBuffer Text { get; } = new();

        public List<byte[]>? Citations { get; set; }

        public bool IsEnded { get; set; }
    }
}
