using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Wire.BedrockConverse.Streams;

/// <summary>
/// Reads ConverseStream, whose frames <see cref="BedrockEventStream"/> has turned into events. A text or reasoning block begins with its first delta
/// (bedrock-converse-018), a tool's with <c>contentBlockStart</c>. The stop reason comes before the tokens, so both are told at <c>metadata</c>, or at the end where
/// none came. An event that is not valid JSON fails the stream; one of an unknown kind is passed over.
/// </summary>
public sealed class BedrockConverseStreamReader(IStreamSink sink, BedrockConverseDialect dialect) : IStreamReader
{
    private readonly Dictionary<long, Open> _blocks = [];
    private readonly JsonFields _fields = new();
    private readonly UnsaidFields _unsaid = new();
    private int _count;
    private string? _stop;
    private bool _isStarted;
    private bool _isOver;
    private byte[] _serviceTier = [];
    private bool _hasToolCall;
    private JsonText _stopSequence;

    /// <inheritdoc/>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public bool HasContent { get; private set; }

    /// <summary>Events that could not be read.</summary>
    public int MalformedEvents { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Unsaid => _unsaid.Names;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ServiceTier => _serviceTier;

    /// <inheritdoc/>
    public bool SkipsMalformed { get; set; }

    /// <summary>What the model behind it takes and does.</summary>
    public BedrockConverseDialect Dialect { get; } = dialect;

    /// <inheritdoc/>
    public void OnEvent(in SseEvent e)
    {
        if (_isOver || !e.HasData)
            return;
        if (e.Name.StartsWith("exception:"u8))
        {
            Fail(BedrockConverseErrors.Read(0, e.Data, Encoding.UTF8.GetString(e.Name["exception:".Length..])));
            return;
        }

        try
        {
            if (!Utf8.IsValid(e.Data))
                throw new JsonException();
            var payload = e.Data.ToArray();
            var start = _fields.Push(new RawJson(payload));
            Take(e.Name, start);
            _fields.Pop(start);
        }
        catch (JsonException)
        {
            MalformedEvents++;
            if (!SkipsMalformed)
                Fail(new WireError { Class = ErrorClass.Server, Code = "upstream_invalid_event", Message = "The upstream sent an event that is not valid JSON." });
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_isOver)
            return;
        if (_stop is not null)
            Finish(null);
        else
            Fail(new WireError { Class = ErrorClass.Server, Code = "upstream_stream_truncated", Message = "The upstream's stream ended before its answer did." });
    }

    private void Take(ReadOnlySpan<byte> name, int start)
    {
        Start();
        if (name.SequenceEqual("contentBlockDelta"u8))
            Delta(_fields.Find(start, "contentBlockIndex"u8).Integer ?? 0, _fields.Find(start, "delta"u8).Value);
        else if (name.SequenceEqual("contentBlockStart"u8))
            Begin(_fields.Find(start, "contentBlockIndex"u8).Integer ?? 0, _fields.Find(start, "start"u8).Value);
        else if (name.SequenceEqual("contentBlockStop"u8))
            End(_fields.Find(start, "contentBlockIndex"u8).Integer ?? 0);
        else if (name.SequenceEqual("messageStop"u8))
            Stop(start);
        else if (name.SequenceEqual("metadata"u8))
            Metadata(start);
    }

    private void Metadata(int start)
    {
        var tier = BedrockConverseFields.Member(_fields.Find(start, "serviceTier"u8).Value, "type"u8).Text.Token.Span;
        if (tier.Length > 2)
            _serviceTier = tier[1..^1].ToArray();
        if (_stop is not null)
            Finish(BedrockConverseUsage.Read(_fields.Find(start, "usage"u8).Value));
    }

    private void Start()
    {
        if (_isStarted)
            return;
        _isStarted = true;
        sink.OnStart(new StreamStart("", "", 0));
    }

    private void Begin(long index, RawJson start)
    {
        var call = BedrockConverseFields.Member(start, "toolUse"u8).Value;
        if (call.IsNull)
        {
            NoteUnsaid(start);
            return;
        }

        if (BedrockConverseFields.IsServerCall(call))
        {
            OpenBlock(index, new BlockStart { Kind = BlockKind.Opaque, Type = "toolUse", Raw = new RawJson(start.Utf8.ToArray()), Origin = Protocol.BedrockConverse });
            return;
        }

        var id = BedrockConverseFields.Member(call, "toolUseId"u8).Text;
        OpenBlock(index, new BlockStart { Kind = BlockKind.ToolCall, Id = id, Name = BedrockConverseFields.Member(call, "name"u8).Text, Origin = Protocol.BedrockConverse });
        (_hasToolCall, HasContent) = (true, true);
    }

    private void Delta(long index, RawJson delta)
    {
        var start = _fields.Push(delta);
        if (_fields.Count > start)
        {
            var union = _fields[start];
            if (union.Is("text"u8) && !union.Text.IsNull)
                Text(index, union.Text);
            else if (union.Is("toolUse"u8))
                Arguments(index, BedrockConverseFields.Member(union.Value, "input"u8).Text);
            else if (union.Is("reasoningContent"u8))
                Reasoning(index, union.Value);
            else if (union.Is("citation"u8))
                Cite(index, union.Value);
            else
                NoteUnsaid(delta);
        }

        _fields.Pop(start);
    }

    private void Text(long index, JsonText text)
    {
        var id = BlockOf(index, BlockKind.Text);
        if (id < 0 || text.IsEmpty)
            return;
        HasContent = true;
        sink.OnTextDelta(id, text.Token.Span);
    }

    private void Arguments(long index, JsonText fragment)
    {
        if (_blocks.TryGetValue(index, out var open) && open is { Kind: BlockKind.ToolCall, IsClosed: false } && !fragment.IsEmpty)
            sink.OnArgumentsDelta(open.Id, fragment.Token.Span);
    }

    private void Cite(long index, RawJson citation)
    {
        var id = BlockOf(index, BlockKind.Text);
        if (id >= 0)
            sink.OnBlockAttribute(id, BlockAttribute.Citation, citation.Utf8.Span);
    }

    // The one member of a union of a kind that a stream has no word for: pictures, results of tools that Bedrock runs.
    private void NoteUnsaid(RawJson union)
    {
        var start = _fields.Push(union);
        if (_fields.Count > start)
            _unsaid.Add("content.", Encoding.UTF8.GetBytes(_fields[start].NameString));
        _fields.Pop(start);
    }

    private void Reasoning(long index, RawJson delta)
    {
        var redacted = BedrockConverseFields.Member(delta, "redactedContent"u8).Text;
        var id = BlockOf(index, redacted.IsNull ? BlockKind.Reasoning : BlockKind.RedactedReasoning);
        if (id < 0)
            return;
        HasContent = true;
        if (!redacted.IsNull)
            sink.OnBlockAttribute(id, BlockAttribute.Encrypted, redacted.Token.Span);
        if (BedrockConverseFields.Member(delta, "text"u8).Text is { IsEmpty: false } text)
            sink.OnReasoningDelta(id, text.Token.Span);
        if (BedrockConverseFields.Member(delta, "signature"u8).Text is { IsNull: false } signature)
            sink.OnBlockAttribute(id, BlockAttribute.Signature, signature.Token.Span);
    }

    // The open block at an index, made where its first delta comes; negative where another kind stands there or it has ended.
    private int BlockOf(long index, BlockKind kind)
    {
        if (!_blocks.TryGetValue(index, out var open))
            return OpenBlock(index, new BlockStart { Kind = kind, Origin = Protocol.BedrockConverse });
        return open.Kind == kind && !open.IsClosed ? open.Id : -1;
    }

    private int OpenBlock(long index, in BlockStart start)
    {
        if (_blocks.TryGetValue(index, out var open))
            return open.Id;
        var id = _count++;
        _blocks[index] = new Open(id, start.Kind, IsClosed: false);
        sink.OnBlockStart(id, start);
        return id;
    }

    private void End(long index)
    {
        if (!_blocks.TryGetValue(index, out var open) || open.IsClosed)
            return;
        _blocks[index] = open with { IsClosed = true };
        sink.OnBlockEnd(open.Id);
    }

    private void Stop(int start)
    {
        _stop = _fields.Find(start, "stopReason"u8).Text.ToString();
        _stopSequence = BedrockConverseFields.Member(_fields.Find(start, "additionalModelResponseFields"u8).Value, "stop_sequence"u8).Text;
        IsComplete = true;
    }

    private void Finish(Usage? usage)
    {
        _isOver = true;
        foreach (var index in _blocks.Keys.ToArray())
            End(index);
        if (usage is { } tokens)
            sink.OnUsage(tokens);
        sink.OnStop(BedrockConverseStopReasons.Read(_stop!, _hasToolCall), _stop, _stopSequence);
        sink.OnEnd();
    }

    private void Fail(WireError error)
    {
        _isOver = true;
        sink.OnError(error);
    }

    private readonly record struct Open(int Id, BlockKind Kind, bool IsClosed);
}
