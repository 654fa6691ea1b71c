using System.Buffers;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIResponses.Answers;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>
/// Writes an answer as the events of Responses. Whatever the calls, what comes out is legal: numbered from 0 without gaps, created and in_progress first,
/// each item added and done once, its texts repeated whole when they are done, one last event with the whole answer, nothing behind it.
/// <para>
/// The protocol lets items be open side by side, but many clients keep only one at a time and then merge or lose parallel calls (OmniRoute#11144,
/// oh-my-pi#1882, agenthub#218); OpenAI itself sends one after the other. So do we: blocks that are open side by side in the sink wait for each other.
/// Texts that follow each other are parts of one message. Thoughts go out as a summary, which is what clients show. Not thread-safe; one per stream.
/// </para>
/// </summary>
public sealed class OpenAIResponsesStreamWriter : IStreamWriter
{
    private readonly OpenAIResponsesEvents _events;
    private readonly OpenAIResponsesEnvelope _answer;
    private readonly ResponseWriterOptions _options;
    private readonly LossList _losses;
    private readonly List<OpenAIResponsesStreamBlock> _blocks = [];
    private readonly Queue<OpenAIResponsesStreamBlock> _waiting = new();
    private readonly UsedIds _callIds = new();
    private OpenAIResponsesStreamBlock? _open;
    private Phase _phase;
    private int _calls;
    private long _contentBytes;
    private Usage? _usage;
    private StopReason _stopReason;

    /// <summary>A writer onto <paramref name="output"/>.</summary>
    public OpenAIResponsesStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses)
    {
        (_options, _losses) = (options, losses);
        _events = new OpenAIResponsesEvents(output, options.FallbackId);
        _answer = new OpenAIResponsesEnvelope(options);
    }

    private enum Phase : byte
    {
        New,
        Content,
        Stopped,
        Ended,
    }

    /// <summary>Keeps the line alive: a comment, legal before, between and behind events. Nothing once the stream has ended.</summary>
    public void WritePing()
    {
        if (_phase != Phase.Ended)
            _events.Ping();
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        if (_phase != Phase.New)
            return;
        _phase = Phase.Content;
        _answer.Begin(start, _options.KeepsIds);
        _events.Answer("response.created"u8, _answer.WriteInProgress);
        _events.Answer("response.in_progress"u8, _answer.WriteInProgress);
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (!IsContent() || Find(block) is { IsEnded: false })
            return;
        var made = new OpenAIResponsesStreamBlock(block, start);
        _blocks.Add(made);
        if (made.Kind == BlockKind.ToolCall)
        {
            Show(made);
        }
        else if (made.Kind == BlockKind.Opaque)
        {
            if (made.Raw is [(byte)'{', ..] || !made.Picture.IsEmpty)
                Show(made);
            else
                _losses.AddUnknown("content." + (start.Type ?? "unknown"), Protocol.OpenAIResponses);
        }
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token) => Say(block, token, BlockKind.Text, BlockKind.Refusal);

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token) => Say(block, token, BlockKind.Reasoning, BlockKind.Reasoning);

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        Say(block, token, BlockKind.ToolCall, BlockKind.ToolCall);
        if (_waiting.Count > 0)
            Pump();
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || !IsContent() || Find(block) is not { IsEnded: false } owner)
            return;
        if (attribute == BlockAttribute.Encrypted && owner.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning && value.Length > 2)
        {
            if (value[0] == (byte)'"' && (owner.Origin == Protocol.OpenAIResponses || ForeignSignature.IsForeign(value[1..])))
            {
                owner.Encrypted = value.ToArray();
                Show(owner);
            }
            else
            {
                _losses.Add(OpenAIResponsesLosses.AnswerEncrypted);
            }
        }
        else if (attribute == BlockAttribute.LogProbs && owner.Kind == BlockKind.Text)
        {
            LogProbabilities.Join(value, owner.LogProbs ??= new ArrayBufferWriter<byte>());
        }
        else if (attribute == BlockAttribute.Citation)
        {
            if (owner.Kind == BlockKind.Text && OpenAIResponsesAnnotations.TryRead(value, out var annotation))
                Annotate(owner, annotation);
            else if (owner.Kind != BlockKind.Text || WebCitation.Read(value) is not { Count: > 0 } pages)
                _losses.Add(OpenAIResponsesLosses.AnswerCitations);
            else
                Annotate(owner, pages);
        }
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (!IsContent() || Find(block) is not { IsEnded: false } ended)
            return;
        ended.IsEnded = true;
        if (ended == _open && !ended.IsCutOff) // what cut it off is known at the end
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
        if (reason == StopReason.Error)
        {
            OnError(OpenAIChatStopReasons.BrokenOff(nativeReason ?? "error"));
            return;
        }

        OpenAIResponsesStopReasons.Note(reason, !stopSequence.IsNull, _losses);
        FinishBlocks(reason.CutsOff());
        (_phase, _stopReason) = (Phase.Stopped, reason);
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (_phase == Phase.Ended)
            return;
        if (_phase == Phase.New)
            OnStart(default);
        _phase = Phase.Ended;
        _events.Error(error);

        // An item that is open stays so: agents run a call as soon as its item is done.
        _events.Answer("response.failed"u8, writer => _answer.WriteFailed(writer, error, _events.Done));
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (_phase == Phase.Ended)
            return;
        if (_phase != Phase.Stopped)
            OnStop(StopReason.EndTurn, null, default);
        _phase = Phase.Ended;

        // Usage may come behind the stop reason (Chat), and the AI SDK does not take an end without usage for one (@ai-sdk/openai, 2026-11).
        var usage = _usage ?? new Usage { InputUncached = Math.Max(1, _options.InputTokensEstimate), OutputText = Math.Max(1, _contentBytes / 4), IsEstimate = true };
        OpenAIResponsesStopReasons.Write(_stopReason, out var incompleteReason);
        _events.Answer(incompleteReason.IsEmpty ? "response.completed"u8 : "response.incomplete"u8, writer => _answer.WriteEnd(writer, _stopReason, _events.Done, usage));
    }

    /// <summary>Goes on in a stream that others have begun: under its numbers and, where it came from an upstream, its ids.</summary>
    /// <param name="nextNumber">Number of the next event.</param>
    /// <param name="frame">The items of the stream; null where they are this writer's own.</param>
    public void GoOn(int nextNumber, OpenAIResponsesFrame? frame)
    {
        _events.Adopt(nextNumber, frame);
        if (_open is { Kind: BlockKind.Text or BlockKind.Refusal } part)
            _events.ReopenPart(part.Kind == BlockKind.Refusal);
        else if (_open is { Kind: BlockKind.Reasoning })
            _events.ReopenSummary();
    }

    private bool IsContent()
    {
        if (_phase == Phase.New)
            OnStart(default);
        return _phase == Phase.Content;
    }

    private OpenAIResponsesStreamBlock? Find(int id)
    {
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            if (_blocks[i].Id == id)
                return _blocks[i];
        }

        return null;
    }

    private void Say(int id, ReadOnlySpan<byte> token, BlockKind kind, BlockKind otherKind)
    {
        if (token.Length <= 2 || !IsContent() || Find(id) is not { IsEnded: false } block || block.Kind != kind && block.Kind != otherKind)
            return;
        Show(block);
        if (block.State == StreamBlockState.Closed)
            return; // blanks behind whole arguments
        _contentBytes += token.Length - 2;
        var isFirst = block.Text.IsEmpty;
        block.Text.Append(token);
        if (block.State == StreamBlockState.Open)
            Delta(block, token, isFirst);
    }

    private void Delta(OpenAIResponsesStreamBlock block, ReadOnlySpan<byte> token, bool isFirst)
    {
        if (block.Kind is BlockKind.Text or BlockKind.Refusal)
        {
            _events.TextDelta(token, block.Kind == BlockKind.Refusal, block.TakeLogProbs());
            return;
        }

        if (isFirst && block.Kind == BlockKind.Reasoning)
            _events.OpenSummary();
        _events.PlainDelta(token);
    }

    private void Annotate(OpenAIResponsesStreamBlock text, ReadOnlySpan<byte> annotation)
    {
        Show(text);
        (text.Annotations ??= []).Add(annotation.ToArray());
        if (text.State == StreamBlockState.Open)
            _events.Annotation(annotation);
    }

    private void Annotate(OpenAIResponsesStreamBlock text, IReadOnlyList<WebCitation> pages)
    {
        foreach (var page in pages)
        {
            var annotation = new ArrayBufferWriter<byte>(128);
            page.WriteResponses(annotation);
            Annotate(text, annotation.WrittenSpan);
        }
    }

    // Lets a block onto the wire as soon as those before it allow. Text whose block was closed to let another in comes as a new part or item.
    private void Show(OpenAIResponsesStreamBlock block)
    {
        if (block.State is StreamBlockState.Open or StreamBlockState.Waiting || block.State == StreamBlockState.Closed && !block.IsText)
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
            if (_open is { IsEnded: true, IsCutOff: false })
                Close();
        }
    }

    private void Open(OpenAIResponsesStreamBlock block)
    {
        (_open, block.State) = (block, StreamBlockState.Open);
        switch (block.Kind)
        {
            case BlockKind.ToolCall:
                block.CallId = _callIds.Take(block.OriginId.IsEmpty ? OpenAIChatIds.MakeCallId(_options.FallbackId, _options.CreatedAt, _calls) : block.OriginId.ToString());
                _calls++;
                _events.OpenCall(HeadOf(block));
                break;
            case BlockKind.Reasoning or BlockKind.RedactedReasoning:
                _events.OpenReasoning(block.Origin == Protocol.OpenAIResponses && block.Encrypted.Length > 0 && !block.OriginId.IsEmpty ? block.OriginId.ToToken().Span : default);
                break;
            case BlockKind.Opaque when !block.Picture.IsEmpty:
                _events.Picture(block.Picture.ToToken().Span);
                break;
            case BlockKind.Opaque:
                _events.Opaque(block.Raw);
                break;
            default:
                _events.OpenPart(block.Kind == BlockKind.Refusal, block.Phase);
                block.Phase = [];
                break;
        }

        if (!block.Text.IsEmpty)
            Delta(block, block.Text.AsToken(), isFirst: true);
        foreach (var annotation in block.Annotations ?? [])
            _events.Annotation(annotation);
    }

    private void Close(bool isCutOff = false)
    {
        if (_open is not { } block)
            return;
        (block.State, _open) = (StreamBlockState.Closed, null);
        switch (block.Kind)
        {
            case BlockKind.ToolCall:
                CloseCall(block, isCutOff && block.IsCutOff);
                break;
            case BlockKind.Reasoning or BlockKind.RedactedReasoning:
                _events.CloseReasoning(block.Text.IsEmpty ? default : block.Text.AsToken(), Proof(block));
                block.Encrypted = [];
                break;
            case BlockKind.Text or BlockKind.Refusal:
                _events.ClosePart(block.Kind == BlockKind.Refusal, block.Text.AsToken(), Join(block.Annotations), block.LogProbs is { } logProbs ? logProbs.WrittenSpan : default);
                (block.Annotations, block.LogProbs, block.LogProbsSaid) = (null, null, 0);
                break;
        }

        block.Text.Clear();
    }

    // What says where thoughts come from when a client sends them back: the vendor's own ciphertext, or our mark.
    private ReadOnlySpan<byte> Proof(OpenAIResponsesStreamBlock block) => block.Encrypted.Length > 0 ? block.Encrypted
        : _options.ReasoningOrigin.Length > 0 ? new JsonText(ForeignSignature.Make(_options.ReasoningOrigin)).ToToken().Span
        : default;

    private void CloseCall(OpenAIResponsesStreamBlock call, bool isCutOff)
    {
        if (call.Text.IsEmpty && !call.IsCustom && !isCutOff)
        {
            call.Text.AppendContents("{}"u8); // a call without arguments: agents parse the text
            _events.PlainDelta("\"{}\""u8);
        }

        _events.CloseCall(HeadOf(call, isCutOff), call.Text.IsEmpty ? "\"\""u8 : call.Text.AsToken());
    }

    private static OpenAIResponsesItems.CallHead HeadOf(OpenAIResponsesStreamBlock call, bool isCutOff = false) => new()
    {
        CallId = call.CallId.ToToken().Span,
        Name = (call.Name.IsEmpty ? new JsonText("unnamed") : call.Name).ToToken().Span,
        Namespace = call.Namespace.ToToken().Span,
        IsCustom = call.IsCustom,
        IsCutOff = isCutOff,
    };

    private static byte[] Join(List<byte[]>? annotations)
    {
        var joined = new ArrayBufferWriter<byte>();
        foreach (var annotation in annotations ?? [])
        {
            if (joined.WrittenCount > 0)
                joined.Write(","u8);
            joined.Write(annotation);
        }

        return joined.WrittenSpan.ToArray();
    }

    private void FinishBlocks(bool isCutOff)
    {
        foreach (var block in _blocks)
            block.IsEnded = true;
        Pump();
        Close(isCutOff);
        _events.CloseMessage(isCutOff ? "incomplete"u8 : "completed"u8);
    }
}
