using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>Folds a stream into the whole answer that it spells. Not thread-safe; one per stream.</summary>
public sealed class ResponseFolder : IStreamSink
{
    private readonly List<Open> _blocks = [];

    /// <summary>A folder for a stream of the given protocol.</summary>
    public ResponseFolder(Protocol origin)
    {
        Response = new CanonicalResponse { Origin = origin };
    }

    /// <summary>The answer as far as it has come. Blocks have their text once they have ended.</summary>
    public CanonicalResponse Response { get; }

    /// <summary>Why the stream failed; null where it did not.</summary>
    public WireError? Error { get; private set; }

    /// <summary>The stream came to its end without an error.</summary>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start) => (Response.Id, Response.Model, Response.CreatedAt) = (start.Id, start.Model, start.CreatedAt);

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        Block made = start.Kind switch
        {
            BlockKind.Text => new TextBlock(default),
            BlockKind.Refusal => new RefusalBlock(default),
            BlockKind.Reasoning => new ReasoningBlock { Carrier = start.Carrier, Id = start.Id.Detach(), IsSummary = start.IsSummary },
            BlockKind.RedactedReasoning => new ReasoningBlock { Carrier = start.Carrier, Id = start.Id.Detach(), IsRedacted = true },
            BlockKind.ToolCall => new ToolCallBlock { Id = start.Id.Detach(), Name = start.Name.Detach(), Namespace = start.Namespace.Detach(), Kind = start.ToolKind },
            _ => new OpaqueBlock(start.Origin, start.Type ?? "", new RawJson(start.Raw.Utf8.ToArray())),
        };
        if (!start.Phase.IsEmpty)
            made.AddExtra(LossList.MessagePhase, new RawJson(start.Phase.ToToken().ToArray()));
        _blocks.Add(new Open(made));
        Response.Blocks.Add(made);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token) => _blocks[block].Text.Append(token);

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token) => _blocks[block].Text.Append(token);

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token) => _blocks[block].Text.Append(token);

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        var open = _blocks[block];
        switch (attribute)
        {
            case BlockAttribute.ThoughtSignature:
                open.Block.ThoughtSignature = JsonText.FromToken(value.ToArray());
                break;
            case BlockAttribute.Signature when open.Block is ReasoningBlock reasoning:
                reasoning.Signature = JsonText.FromToken(value.ToArray());
                break;
            case BlockAttribute.Encrypted when open.Block is ReasoningBlock reasoning:
                reasoning.Encrypted = JsonText.FromToken(value.ToArray());
                break;
            case BlockAttribute.Citation or BlockAttribute.ReasoningDetail:
                open.AddElement(value);
                break;
            case BlockAttribute.LogProbs:
                LogProbabilities.Join(value, open.LogProbs ??= new ArrayBufferWriter<byte>());
                break;
        }
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block) => _blocks[block].Finish();

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => Response.Usage = usage;

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence) =>
        (Response.StopReason, Response.NativeStopReason, Response.StopSequence) = (reason, nativeReason, stopSequence.Detach());

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        Error ??= error;
        FinishAll();
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        FinishAll();
        IsComplete = Error is null;
    }

    private void FinishAll()
    {
        foreach (var open in _blocks)
            open.Finish();
    }

    private sealed class Open(Block block)
    {
        private ArrayBufferWriter<byte>? _elements;
        private bool _isFinished;

        public Block Block { get; } = block;

        public TokenBuffer Text { get; } = new();

        public ArrayBufferWriter<byte>? LogProbs { get; set; }

        public void AddElement(ReadOnlySpan<byte> value)
        {
            _elements ??= new ArrayBufferWriter<byte>();
            _elements.Write(_elements.WrittenCount == 0 ? "["u8 : ","u8);
            _elements.Write(value);
        }

        public void Finish()
        {
            if (_isFinished)
                return;
            _isFinished = true;
            RawJson elements = default;
            if (_elements is not null)
            {
                _elements.Write("]"u8);
                elements = new RawJson(_elements.WrittenMemory);
            }

            if (LogProbs is { WrittenCount: > 0 })
                Block.AddExtra(LogProbabilities.OfTextName, new RawJson((byte[])[(byte)'[', .. LogProbs.WrittenSpan, (byte)']']));
            switch (Block)
            {
                case TextBlock text:
                    (text.Text, text.Citations) = (Text.ToText(), elements);
                    break;
                case RefusalBlock refusal:
                    refusal.Text = Text.ToText();
                    break;
                case ReasoningBlock { IsRedacted: false } reasoning:
                    (reasoning.Text, reasoning.Details) = (Text.ToText(), elements);
                    break;
                case ReasoningBlock redacted:
                    redacted.Details = elements;
                    break;
                case ToolCallBlock call:
                    call.Arguments = Text.Decode();
                    break;
            }
        }
    }
}
