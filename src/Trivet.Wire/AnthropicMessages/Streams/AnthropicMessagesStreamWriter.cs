using System.Buffers;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>
/// Writes an answer as Anthropic's events. Whatever the calls, what comes out is legal: message_start first, one block open at a time with dense
/// indices, each stopped once, thoughts signed, arguments one JSON object, stop reason <c>tool_use</c> only with a call, nothing after an error
/// or the end. Blocks that are open side by side in the sink wait for each other. Not thread-safe; one per stream.
/// </summary>
public sealed class AnthropicMessagesStreamWriter : IStreamWriter
{
    private readonly UsedIds _callIds = new();
    private readonly AnthropicMessagesEvents _events;
    private readonly ResponseWriterOptions _options;
    private readonly LossList _losses;
    private readonly List<AnthropicMessagesStreamBlock> _blocks = [];
    private readonly Queue<AnthropicMessagesStreamBlock> _waiting = new();
    private readonly TokenBuffer _scratch = new();
    private AnthropicMessagesStreamBlock? _open;
    private Phase _phase;
    private int _nextIndex;
    private bool _hasToolCall;
    private long _contentBytes;
    private Usage? _usage;
    private StopReason _stopReason;
    private string? _nativeReason;
    private JsonText _stopSequence;

    /// <summary>A writer onto <paramref name="output"/>.</summary>
    public AnthropicMessagesStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses)
    {
        (_events, _options, _losses) = (new AnthropicMessagesEvents(output), options, losses);
    }

    private enum Phase : byte
    {
        New,
        Content,
        Stopped,
        Ended,
    }

    /// <summary>A sign of life that every client takes: a comment before the first event, a ping after it, nothing behind the end.</summary>
    public void WritePing()
    {
        if (_phase == Phase.New)
            _events.Comment();
        else if (_phase != Phase.Ended)
            _events.Ping();
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        if (_phase != Phase.New)
            return;
        _phase = Phase.Content;
        var model = string.IsNullOrEmpty(start.Model) ? _options.FallbackModel : start.Model;

        // Claude Code reads the size of the context off this event and never compacts where it is zero (WIRE_FACTS §3.4).
        _events.MessageStart(AnthropicMessagesResponseWriter.AnswerId(start.Id ?? "", _options), model, Math.Max(1, _options.InputTokensEstimate));
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (!IsContent() || Find(block) is { IsEnded: false })
            return;
        var made = new AnthropicMessagesStreamBlock(block, start);
        _blocks.Add(made);
        if (made.Kind == BlockKind.Opaque && made.Origin != Protocol.AnthropicMessages)
        {
            _losses.Add(AnthropicMessagesLosses.AnswerBlock);
            made.State = StreamBlockState.Closed;
        }
        else if (made.Kind is BlockKind.ToolCall or BlockKind.Opaque)
        {
            Show(made);
        }
        else if (made.Kind == BlockKind.Refusal)
        {
            _losses.Add(AnthropicMessagesLosses.AnswerRefusal);
        }
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || !IsContent())
            return;
        if (Find(block) is { Kind: BlockKind.Text or BlockKind.Refusal, IsEnded: false } text)
            Say(text, token, AnthropicMessagesEvents.TextDelta);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || !IsContent())
            return;
        if (Find(block) is { Kind: BlockKind.Reasoning, IsEnded: false } reasoning)
            Say(reasoning, token, AnthropicMessagesEvents.ThinkingDelta);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || !IsContent() || Find(block) is not { Kind: BlockKind.ToolCall, IsEnded: false } call)
            return;
        if (call.Arguments is null || call.State == StreamBlockState.Waiting)
        {
            call.Held.Append(token);
            return;
        }

        Release(call, token);
        Pump();
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || !IsContent() || Find(block) is not { IsEnded: false } owner)
            return;
        switch (attribute)
        {
            case BlockAttribute.Signature when owner.Kind == BlockKind.Reasoning && value[0] == (byte)'"':
                owner.Proof = value.ToArray();
                if (owner.State == StreamBlockState.Silent)
                    Show(owner);
                break;
            case BlockAttribute.Encrypted when owner is { Kind: BlockKind.RedactedReasoning, Origin: Protocol.AnthropicMessages, State: StreamBlockState.Silent } && value[0] == (byte)'"':
                owner.Proof = value.ToArray();
                Show(owner);
                break;
            case BlockAttribute.Encrypted:
                _losses.Add(AnthropicMessagesLosses.AnswerEncrypted);
                break;
            case BlockAttribute.Citation when owner is { Kind: BlockKind.Text, Origin: Protocol.AnthropicMessages }:
                Cite(owner, value);
                break;
            case BlockAttribute.Citation:
                _losses.Add(AnthropicMessagesLosses.AnswerCitations);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (!IsContent() || Find(block) is not { IsEnded: false } ended)
            return;
        ended.IsEnded = true;
        if (ended == _open)
            Close();
        Pump();
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => _usage = usage;

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        if (!IsContent())
            return;
        FinishBlocks();
        (_phase, _stopReason, _nativeReason, _stopSequence) = (Phase.Stopped, reason, nativeReason, stopSequence.Detach());
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (_phase == Phase.Ended)
            return;
        _phase = Phase.Ended;
        _events.Error(error, _options.RequestId);
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (_phase == Phase.Ended)
            return;
        if (_phase == Phase.New)
            OnStart(default);
        if (_phase == Phase.Content)
            FinishBlocks();
        if (_stopReason == StopReason.Error)
        {
            OnError(new WireError { Class = ErrorClass.Server, Message = $"The upstream broke off the answer ({_nativeReason ?? "no reason given"}).", Code = _nativeReason });
            return;
        }

        // Usage may come behind the stop reason (Chat), which is why the last events wait for the end.
        var usage = _usage ?? new Usage { InputUncached = Math.Max(1, _options.InputTokensEstimate), OutputText = Math.Max(1, _contentBytes / 4), IsEstimate = true };
        _events.MessageEnd(AnthropicMessagesStopReasons.Write(_stopReason, _hasToolCall), _stopSequence, usage);
        _phase = Phase.Ended;
    }

    private bool IsContent()
    {
        if (_phase == Phase.New)
            OnStart(default);
        return _phase == Phase.Content;
    }

    private AnthropicMessagesStreamBlock? Find(int id)
    {
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            if (_blocks[i].Id == id)
                return _blocks[i];
        }

        return null;
    }

    private void Say(AnthropicMessagesStreamBlock block, ReadOnlySpan<byte> token, ReadOnlySpan<byte> kind)
    {
        Show(block);
        _contentBytes += token.Length - 2;
        if (block.State == StreamBlockState.Open)
            _events.Delta(block.Index, kind, token);
        else
            block.Held.Append(token);
    }

    private void Cite(AnthropicMessagesStreamBlock text, ReadOnlySpan<byte> citation)
    {
        Show(text);
        var line = JsonTokens.OnOneLine(citation);
        if (text.State == StreamBlockState.Open)
            _events.Delta(text.Index, AnthropicMessagesEvents.CitationsDelta, line);
        else
            (text.Citations ??= []).Add(line.ToArray());
    }

    // Lets a block onto the wire as soon as those before it allow. Text whose block was closed to let another in comes as a new block.
    private void Show(AnthropicMessagesStreamBlock block)
    {
        if (block.State is StreamBlockState.Open or StreamBlockState.Waiting || (block.State == StreamBlockState.Closed && !block.IsText))
            return;
        block.State = StreamBlockState.Waiting;
        _waiting.Enqueue(block);
        Pump();
    }

    private void Pump()
    {
        while (_waiting.Count > 0 && _open is not { CanClose: false })
        {
            Close();
            Open(_waiting.Dequeue());
            if (_open is { IsEnded: true })
                Close();
        }
    }

    private void Open(AnthropicMessagesStreamBlock block)
    {
        (_open, block.State, block.Index) = (block, StreamBlockState.Open, _nextIndex++);
        switch (block.Kind)
        {
            case BlockKind.Reasoning:
                _events.ThinkingStart(block.Index);
                break;
            case BlockKind.RedactedReasoning:
                _events.RedactedStart(block.Index, block.Proof);
                break;
            case BlockKind.ToolCall:
                _hasToolCall = true;
                _events.ToolStart(block.Index, _callIds.Take(AnthropicMessagesIds.MakeLegal(block.CallId.ToString())), block.Name);
                break;
            case BlockKind.Opaque:
                AnthropicMessagesOpaque.Start(_events, block.Index, block.Raw);
                break;
            default:
                _events.TextStart(block.Index);
                break;
        }

        if (block.Index == 0)
            _events.Ping();
        if (block.Kind == BlockKind.ToolCall)
            _events.Delta(block.Index, AnthropicMessagesEvents.InputDelta, "\"\""u8);
        ReleaseHeld(block);
    }

    private void ReleaseHeld(AnthropicMessagesStreamBlock block)
    {
        if (!block.Held.IsEmpty && (block.IsText || block.Arguments is not null))
        {
            if (block.Arguments is not null)
                Release(block, block.Held.AsToken());
            else
                _events.Delta(block.Index, block.Kind == BlockKind.Reasoning ? AnthropicMessagesEvents.ThinkingDelta : AnthropicMessagesEvents.TextDelta, block.Held.AsToken());
            block.Held.Clear();
        }

        foreach (var citation in block.Citations ?? [])
            _events.Delta(block.Index, AnthropicMessagesEvents.CitationsDelta, citation);
        block.Citations = null;
    }

    private void Release(AnthropicMessagesStreamBlock call, ReadOnlySpan<byte> token)
    {
        _contentBytes += token.Length - 2;
        if (!call.Arguments!.Take(token, _scratch).IsEmpty && call.State == StreamBlockState.Open)
            _events.Delta(call.Index, AnthropicMessagesEvents.InputDelta, _scratch.AsToken());
        if (call.Arguments.IsRepaired)
            _losses.Add(AnthropicMessagesLosses.AnswerArguments);
    }

    private void Close()
    {
        if (_open is not { } block)
            return;
        if (block.Kind == BlockKind.Reasoning)
        {
            var proof = block.Proof.Length > 0 ? block.Proof : new JsonText(ForeignSignature.Make(_options.ReasoningOrigin)).ToToken().Span;
            _events.Delta(block.Index, AnthropicMessagesEvents.SignatureDelta, proof);
            block.Proof = [];
        }
        else if (block.Kind == BlockKind.ToolCall)
        {
            CloseCall(block);
        }

        _events.BlockStop(block.Index);
        (block.State, _open) = (StreamBlockState.Closed, null);
    }

    private void CloseCall(AnthropicMessagesStreamBlock call)
    {
        if (call.Arguments is { } gate)
        {
            if (!gate.Finish(_scratch).IsEmpty)
                _events.Delta(call.Index, AnthropicMessagesEvents.InputDelta, _scratch.AsToken());
            if (gate.IsRepaired)
                _losses.Add(AnthropicMessagesLosses.AnswerArguments);
            return;
        }

        // A free-form call: its text is the argument "input" of a function, quoted once as its value and once more as part of the event.
        _losses.Add(AnthropicMessagesLosses.AnswerCustomCall);
        var input = new ArrayBufferWriter<byte>();
        input.Write("{\"input\":"u8);
        input.Write(call.Held.AsToken());
        input.Write("}"u8);
        var token = new ArrayBufferWriter<byte>(input.WrittenCount * 2);
        JsonTokens.Quote(input.WrittenSpan, token);
        _events.Delta(call.Index, AnthropicMessagesEvents.InputDelta, token.WrittenSpan);
    }

    private void FinishBlocks()
    {
        foreach (var block in _blocks)
            block.IsEnded = true;
        Pump();
        Close();
    }
}
