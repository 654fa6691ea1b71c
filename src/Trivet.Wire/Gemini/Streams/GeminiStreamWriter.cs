using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Streams;

/// <summary>
/// Writes an answer as a Gemini stream. Whatever the calls, what comes out is legal: every event is a GenerateContentResponse with one candidate of the role
/// model, texts as they come, a call whole in one part with its id, usage as far as it is known, one finish reason on the last event, nothing behind it or
/// behind an error. Blocks stand in the order in which they began: what follows a call waits until the call is whole. Not thread-safe; one per stream.
/// <para>
/// Thoughts of other vendors get a signature that says so (see <see cref="ForeignSignature"/>), on an empty part behind them, where Google puts its own.
/// Line ends are CRLF, as Google sends.
/// </para>
/// </summary>
public sealed class GeminiStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) : IStreamWriter
{
    private readonly List<GeminiStreamBlock> _blocks = [];
    private readonly ArrayBufferWriter<byte> _part = new(256);
    private readonly ArrayBufferWriter<byte> _usage = new(160); // ,"usageMetadata":{…}
    private readonly TokenBuffer _scratch = new();
    private readonly byte[]?[] _citations = new byte[]?[GeminiCitations.Kinds];
    private readonly GeminiSources _sources = new();
    private readonly UsedIds _callIds = new();
    private byte[] _tail = []; // ,"modelVersion":…,"responseId":…}
    private int _turn; // the block that those behind it wait for
    private int _calls;
    private bool _hasParts;
    private State _state;
    private StopReason _stopReason;
    private string? _nativeReason;

    private enum State : byte
    {
        New,
        Open,
        Stopped,
        Ended,
    }

    /// <summary>
    /// A keep-alive that every client takes, before anything else of a stream too: an event with an empty text. A comment or a blank line would do by the
    /// rules of server-sent events, but Google's Python SDK takes a comment for JSON and fails, and its older JavaScript SDKs, and many that learned from
    /// them, wait for ever at whatever does not begin with <c>data: </c> (python-genai, _api_client.py; generative-ai-js, responseLineRE; read 2026-11).
    /// </summary>
    public static ReadOnlySpan<byte> Ping => "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\"index\":0}]}\r\n\r\n"u8;

    /// <summary>Keeps the line alive. Nothing once the stream has ended.</summary>
    public void WritePing()
    {
        if (_state != State.Ended)
            output.Write(Ping);
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start)
    {
        if (_state == State.New)
            Begin(start);
    }

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (!TryOpen() || block != _blocks.Count)
            return;
        var made = new GeminiStreamBlock(in start);
        _blocks.Add(made);
        if (start.Kind == BlockKind.Refusal)
            losses.Add(GeminiLosses.AnswerRefusal);
        else if (start.Kind == BlockKind.Opaque && made.Raw.Length == 0)
            losses.Add(GeminiLosses.AnswerBlock);
        Pump();
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length > 2 && Find(block) is { Kind: BlockKind.Text or BlockKind.Refusal } text)
            Say(block, text, token);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length > 2 && Find(block) is { Kind: BlockKind.Reasoning } reasoning)
            Say(block, reasoning, token);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2 || Find(block) is not { Kind: BlockKind.ToolCall, Held: { } held } call)
            return; // also arguments behind those that were whole already
        if (call.Gate is not { } gate)
        {
            held.Append(token);
            return;
        }

        held.AppendContents(gate.Take(token, _scratch));
        if (gate.IsComplete)
            Pump();
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || Find(block) is not { } owner)
            return;
        switch (attribute)
        {
            case BlockAttribute.ThoughtSignature when value[0] == (byte)'"' && value.Length > 2 && owner.Kind is not BlockKind.Opaque:
                owner.Signature = value.ToArray();
                break;
            case BlockAttribute.Encrypted:
                losses.Add(GeminiLosses.AnswerEncrypted);
                break;
            case BlockAttribute.Citation when GeminiCitations.TryRead(value, out var kind, out var metadata):
                _citations[kind] = JsonTokens.OnOneLine(metadata.Of(value)).ToArray();
                break;
            case BlockAttribute.Citation:
                losses.Add(GeminiLosses.AnswerCitations);
                _sources.Add(value);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (Find(block) is not { } ended)
            return;
        ended.IsEnded = true;
        if (block < _turn)
            Sign(ended);
        Pump();
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage)
    {
        _usage.ResetWrittenCount();
        _usage.Write(",\"usageMetadata\":"u8);
        var writer = JsonWriters.Rent(_usage);
        GeminiUsage.Write(writer, in usage);
        JsonWriters.Return(writer);
    }

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        if (!TryOpen())
            return;
        if (reason == StopReason.Error)
        {
            OnError(GeminiStopReasons.BrokenOff(nativeReason ?? "error"));
            return;
        }

        FinishBlocks();
        GeminiStopReasons.NoteLosses(reason, !stopSequence.IsNull, losses);
        (_state, _stopReason, _nativeReason) = (State.Stopped, reason, nativeReason);
    }

    /// <inheritdoc/>
    public void OnError(WireError error)
    {
        if (_state == State.Ended)
            return;
        _state = State.Ended;
        GeminiErrors.WriteStreamEvent(error, options.RequestId, output);
    }

    /// <inheritdoc/>
    public void OnEnd()
    {
        if (_state == State.Ended)
            return;
        if (TryOpen())
            FinishBlocks();
        _state = State.Ended;
        if (!_hasParts && GeminiStopReasons.BlockReason(_nativeReason) is { } blocked)
        {
            output.Write("data: {\"promptFeedback\":{\"blockReason\":"u8);
            JsonTokens.Quote(Encoding.UTF8.GetBytes(blocked), output);
            output.Write("}"u8);
        }
        else
        {
            // Usage may come behind the stop reason (Chat), which is why the last event waits for the end. An empty text is what Google ends with, too.
            output.Write(Head);
            output.Write("{\"text\":\"\"}],\"role\":\"model\"},\"finishReason\":\""u8);
            output.Write(Encoding.UTF8.GetBytes(GeminiStopReasons.Write(_stopReason, _nativeReason)));
            output.Write("\",\"index\":0"u8);
            WriteCitations();
            output.Write("}]"u8);
        }

        output.Write(_usage.WrittenSpan);
        output.Write(_tail);
    }

    private static ReadOnlySpan<byte> Head => "data: {\"candidates\":[{\"content\":{\"parts\":["u8;

    private static ReadOnlySpan<byte> PartsEnd => "],\"role\":\"model\"},\"index\":0}]"u8;

    private bool TryOpen()
    {
        if (_state == State.New)
            Begin(new StreamStart("", "", 0));
        return _state == State.Open;
    }

    private GeminiStreamBlock? Find(int block) => _state == State.Open && block >= 0 && block < _blocks.Count && !_blocks[block].IsEnded ? _blocks[block] : null;

    private void Begin(in StreamStart start)
    {
        var tail = new ArrayBufferWriter<byte>(96);
        tail.Write(",\"modelVersion\":"u8);
        JsonTokens.Quote(Encoding.UTF8.GetBytes(string.IsNullOrEmpty(start.Model) ? options.FallbackModel : start.Model), tail);
        tail.Write(",\"responseId\":"u8);
        JsonTokens.Quote(Encoding.UTF8.GetBytes(string.IsNullOrEmpty(start.Id) ? options.FallbackId : start.Id), tail);
        tail.Write("}\r\n\r\n"u8);
        (_tail, _state) = (tail.WrittenSpan.ToArray(), State.Open);
    }

    private void Say(int block, GeminiStreamBlock text, ReadOnlySpan<byte> token)
    {
        text.HasText = true;
        if (block < _turn)
            Text(text, token);
        else
            (text.Held ??= new TokenBuffer()).Append(token);
    }

    private void Text(GeminiStreamBlock text, ReadOnlySpan<byte> token) =>
        Emit("{\"text\":"u8, token, text.Kind == BlockKind.Reasoning ? ",\"thought\":true}"u8 : "}"u8);

    // One event around one part, in one go.
    private void Emit(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after)
    {
        _hasParts = true;
        var usage = _usage.WrittenSpan;
        var length = Head.Length + before.Length + value.Length + after.Length + PartsEnd.Length + usage.Length + _tail.Length;
        var span = output.GetSpan(length);
        var at = 0;
        Append(span, ref at, Head);
        Append(span, ref at, before);
        Append(span, ref at, value);
        Append(span, ref at, after);
        Append(span, ref at, PartsEnd);
        Append(span, ref at, usage);
        Append(span, ref at, _tail);
        output.Advance(length);
    }

    private static void Append(Span<byte> target, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target[at..]);
        at += bytes.Length;
    }

    // Lets blocks out in their order, up to the first call that is not whole.
    private void Pump()
    {
        while (_turn < _blocks.Count)
        {
            var block = _blocks[_turn];
            if (block.Kind == BlockKind.ToolCall)
            {
                var isWhole = block.IsEnded || block.Gate is { IsComplete: true } && _turn + 1 < _blocks.Count; // until another begins its signature may come
                if (!isWhole)
                    return;
                Call(block);
            }
            else if (block.Kind == BlockKind.Opaque)
            {
                if (block.Raw.Length > 2)
                    Emit(JsonTokens.OnOneLine(block.Raw), default, default);
            }
            else if (block.Held is { IsEmpty: false } held)
            {
                Text(block, held.AsToken());
                block.Held = null;
            }

            _turn++;
            if (block.IsEnded)
                Sign(block);
        }
    }

    // Behind a text or thoughts: the signature that came, or the mark of thoughts that came from elsewhere.
    private void Sign(GeminiStreamBlock block)
    {
        if (block.Kind is BlockKind.ToolCall or BlockKind.Opaque)
            return;
        if (block.Signature.Length == 0 && block.IsThought && block.HasText && block.Origin != Protocol.Gemini)
            block.Signature = new JsonText(ForeignSignature.Make(options.ReasoningOrigin)).ToToken().ToArray();
        if (block.Signature.Length > 0)
            Emit(block.IsThought ? "{\"text\":\"\",\"thought\":true,\"thoughtSignature\":"u8 : "{\"text\":\"\",\"thoughtSignature\":"u8, block.Signature, "}"u8);
        block.Signature = [];
    }

    private void Call(GeminiStreamBlock call)
    {
        var id = new JsonText(_callIds.Take(call.CallId.IsEmpty ? GeminiResponseWriter.MakeCallId(options, _calls) : call.CallId.ToString()));
        _calls++;
        _part.ResetWrittenCount();
        _part.Write("{\"functionCall\":{\"id\":"u8);
        _part.Write(id.ToToken().Span);
        _part.Write(",\"name\":"u8);
        _part.Write((call.Name.IsEmpty ? new JsonText("unnamed") : call.Name).ToToken().Span);
        _part.Write(",\"args\":"u8);
        WriteArguments(call);
        _part.Write("}"u8);
        if (call.Signature.Length > 0)
        {
            _part.Write(",\"thoughtSignature\":"u8);
            _part.Write(call.Signature);
        }

        Emit(_part.WrittenSpan, "}"u8, default);
        call.Held = null;
    }

    private void WriteArguments(GeminiStreamBlock call)
    {
        if (call.Gate is not { } gate)
        {
            losses.Add(GeminiLosses.AnswerCustomCall);
            _part.Write(JsonTokens.OnOneLine(GeminiResponseWriter.ArgumentsOfCustom(call.Held!.Decode())));
            return;
        }

        call.Held!.AppendContents(gate.Finish(_scratch));
        if (gate.IsRepaired)
            losses.Add(GeminiLosses.AnswerArguments);
        _part.Write(JsonTokens.OnOneLine(call.Held.Decode().AsSpan().Trim(" \t\r\n"u8)));
    }

    private void WriteCitations()
    {
        _citations[0] ??= _sources.ToGroundingMetadata();
        for (var kind = 0; kind < _citations.Length; kind++)
        {
            if (_citations[kind] is not { } metadata)
                continue;
            output.Write(",\""u8);
            output.Write(GeminiCitations.NameOf(kind));
            output.Write("\":"u8);
            output.Write(metadata);
        }
    }

    private void FinishBlocks()
    {
        for (var i = 0; i < _blocks.Count; i++)
        {
            if (_blocks[i].IsEnded)
                continue;
            _blocks[i].IsEnded = true;
            if (i < _turn)
                Sign(_blocks[i]);
        }

        Pump();
    }
}
