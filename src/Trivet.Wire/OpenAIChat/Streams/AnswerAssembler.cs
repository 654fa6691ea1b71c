using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Answers;

namespace Trivet.Wire.OpenAIChat.Streams;

/// <summary>
/// Makes blocks of the deltas of a Chat stream, which has none: text and thoughts are one block each until the other begins, tool calls stay open side
/// by side until the end, as their deltas may be interleaved. Keeps the contract of <see cref="IStreamSink"/>.
/// </summary>
internal sealed class AnswerAssembler(IStreamSink sink, OpenAIChatDialect dialect, UnsaidFields unsaid)
{
    private const int None = -1;

    private readonly ToolCallAssembler _calls = new();
    private readonly ThinkSplitter? _splitter = dialect.ThinkTags == ThinkTags.None ? null : new ThinkSplitter(dialect.ThinkTags);
    private ArrayBufferWriter<byte>? _decoded;
    private ArrayBufferWriter<byte>? _thoughts;
    private ArrayBufferWriter<byte>? _text;
    private readonly ArrayBufferWriter<byte> _token = new(256);
    private int _next;
    private int _open = None;
    private BlockKind _openKind;
    private bool _isSigned;
    private bool _saysPlainly;
    private long _detailIndex = None;

    public StreamStart Start { get; set; }

    public bool HasContent { get; private set; }

    public bool HasToolCalls => _calls.Any;

    /// <summary>What makes the answer unusable.</summary>
    public WireError? Fault { get; private set; }

    /// <summary>Takes a delta: thoughts first, then text, refusal, calls, as they come in one delta only at a change.</summary>
    public void Take(in ChatChunk chunk)
    {
        if (chunk.IsWhole && HasContent)
            return;
        var thoughts = chunk.ReasoningContent.Length > 2 ? chunk.ReasoningContent : chunk.Reasoning;
        if (chunk.ReasoningDetails.Length > 2)
            Details(chunk.ReasoningDetails, thoughts);
        else if (thoughts.Length > 2)
            Plain(thoughts, Carrier(in chunk));
        if (chunk.LogProbs.Length > 2)
            LogProbs(chunk.LogProbs, chunk.Content);
        if (chunk.Content.Length > 2)
            Content(chunk.Content);
        else if (chunk.ContentParts.Length > 2)
            Parts(chunk.ContentParts);
        if (chunk.Refusal.Length > 2)
        {
            Open(BlockKind.Refusal, default);
            if (chunk.RefusalLogProbs.Length > 2)
                sink.OnBlockAttribute(_open, BlockAttribute.LogProbs, chunk.RefusalLogProbs);
            sink.OnTextDelta(_open, chunk.Refusal);
        }

        if (chunk.Images.Length > 2)
            Images(chunk.Images);
        if (chunk.ToolCalls.Length > 2)
            Calls(chunk.ToolCalls);
        if (chunk.FunctionCall.Length > 2)
            _calls.TakeFunctionCall(chunk.FunctionCall, this);
        if (chunk.Annotations.Length > 2)
            Annotations(chunk.Annotations);
        if (chunk.ExtraContent.Length > 2)
            Signature(chunk.ExtraContent);
    }

    /// <summary>The end: ends every block.</summary>
    public void Finish()
    {
        if (_splitter is not null && !_splitter.IsDone)
            Split(default, isEnd: true);
        if (!_calls.TryStartPending(this))
            Fault ??= new WireError { Class = ErrorClass.Server, Message = "The upstream sent a tool call without a name.", Code = "upstream_invalid_event" };
        Close();
        _calls.EndAll(sink);
    }

    /// <summary>Starts the block of a tool call and returns its id.</summary>
    public int StartCall(in BlockStart start)
    {
        Close();
        sink.OnBlockStart(_next, in start);
        return _next++;
    }

    /// <summary>Passes on a fragment of a call's arguments: a string token, or, from servers that send it so, the value itself.</summary>
    public void CallArguments(int block, ReadOnlySpan<byte> value)
    {
        if (value[0] == (byte)'"')
        {
            sink.OnArgumentsDelta(block, value);
            return;
        }

        _token.ResetWrittenCount();
        JsonTokens.Quote(value, _token);
        sink.OnArgumentsDelta(block, _token.WrittenSpan);
    }

    public void CallSignature(int block, ReadOnlySpan<byte> extraContent)
    {
        var signature = ToolReader.ThoughtSignature(new RawJson(extraContent.ToArray()));
        if (!signature.IsNull)
            sink.OnBlockAttribute(block, BlockAttribute.ThoughtSignature, signature.Token.Span);
    }

    /// <summary>An id for a call that came without.</summary>
    public string MakeCallId(int call) => OpenAIChatIds.MakeCallId(Start.Id, Start.CreatedAt, call);

    /// <summary>A call was named: content, though its block may start later.</summary>
    public void NoteContent() => HasContent = true;

    private static ReasoningCarrier Carrier(in ChatChunk chunk) => chunk.ReasoningContent.Length > 2 ? ReasoningCarrier.ReasoningContent : ReasoningCarrier.Reasoning;

    private void Open(BlockKind kind, ReasoningCarrier carrier)
    {
        HasContent = true;
        if (_open != None && _openKind == kind)
            return;
        Close();
        _calls.TryStartPending(this);
        (_open, _openKind, _isSigned, _saysPlainly) = (_next++, kind, false, false);
        sink.OnBlockStart(_open, new BlockStart { Kind = kind, Carrier = carrier });
    }

    private void Close()
    {
        if (_open == None)
            return;
        sink.OnBlockEnd(_open);
        _open = None;
    }

    private void Thoughts(ReadOnlySpan<byte> token, ReasoningCarrier carrier)
    {
        if (_openKind == BlockKind.Reasoning && _isSigned)
            Close(); // a signature closes its thoughts: what follows are others
        Open(BlockKind.Reasoning, carrier);
        sink.OnReasoningDelta(_open, token);
    }

    private void Plain(ReadOnlySpan<byte> token, ReasoningCarrier carrier)
    {
        Thoughts(token, carrier);
        _saysPlainly = true;
    }

    private void Content(ReadOnlySpan<byte> token)
    {
        if (_splitter is not null && !_splitter.IsDone)
        {
            Split(token, isEnd: false);
            return;
        }

        Open(BlockKind.Text, default);
        sink.OnTextDelta(_open, token);
    }

    // Before the text that they belong to; those of a chunk without text (thoughts, calls) belong to none.
    private void LogProbs(ReadOnlySpan<byte> array, ReadOnlySpan<byte> content)
    {
        if (content.Length <= 2 || _splitter is { IsDone: false })
            return;
        Open(BlockKind.Text, default);
        sink.OnBlockAttribute(_open, BlockAttribute.LogProbs, array);
    }

    private void Split(ReadOnlySpan<byte> token, bool isEnd)
    {
        (_decoded, _thoughts, _text) = (_decoded ?? new(), _thoughts ?? new(), _text ?? new());
        _decoded.ResetWrittenCount();
        _thoughts.ResetWrittenCount();
        _text.ResetWrittenCount();
        if (token.Length > 2)
            JsonTokens.Unquote(token, _decoded);
        if (isEnd)
            _splitter!.Complete(_thoughts, _text);
        else
            _splitter!.Feed(_decoded.WrittenSpan, _thoughts, _text);
        if (_thoughts.WrittenCount > 0)
            Thoughts(Quoted(_thoughts), ReasoningCarrier.InlineThink);
        if (_text.WrittenCount == 0)
            return;
        Open(BlockKind.Text, default);
        sink.OnTextDelta(_open, Quoted(_text));
    }

    private ReadOnlySpan<byte> Quoted(ArrayBufferWriter<byte> decoded)
    {
        _token.ResetWrittenCount();
        JsonTokens.Quote(decoded.WrittenSpan, _token);
        return _token.WrittenSpan;
    }

    // A plain field repeats the details' text, in the same delta or in an earlier one of the block: their own text counts only where none has come.
    private void Details(ReadOnlySpan<byte> details, ReadOnlySpan<byte> plain)
    {
        var reader = new Utf8JsonReader(details);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var raw = details[start..(int)reader.BytesConsumed];
            var memory = new RawJson(raw.ToArray());
            if (OpenAIChatReasoningDetails.Element.Read(memory) is not { } element)
                continue;
            if (element.IsEncrypted)
            {
                Encrypted(raw, in element);
                continue;
            }

            if (_openKind == BlockKind.Reasoning && _open != None && element.Index != _detailIndex && _isSigned)
                Close();
            _detailIndex = element.Index;
            if (plain.Length > 2)
                Plain(plain, ReasoningCarrier.ReasoningDetails);
            else if (!element.Text.IsEmpty && !(_open != None && _openKind == BlockKind.Reasoning && _saysPlainly && !_isSigned))
                Thoughts(element.Text.Token.Span, ReasoningCarrier.ReasoningDetails);
            else
                Open(BlockKind.Reasoning, ReasoningCarrier.ReasoningDetails);
            plain = default; // once per delta
            sink.OnBlockAttribute(_open, BlockAttribute.ReasoningDetail, raw);
            if (element.Signature.IsNull)
                continue;
            _isSigned = true;
            sink.OnBlockAttribute(_open, BlockAttribute.Signature, element.Signature.Token.Span);
        }

        if (plain.Length > 2)
            Plain(plain, ReasoningCarrier.ReasoningDetails);
    }

    private void Encrypted(ReadOnlySpan<byte> raw, in OpenAIChatReasoningDetails.Element element)
    {
        Close();
        Open(BlockKind.RedactedReasoning, ReasoningCarrier.ReasoningDetails);
        sink.OnBlockAttribute(_open, BlockAttribute.ReasoningDetail, raw);
        if (!element.Data.IsNull)
            sink.OnBlockAttribute(_open, BlockAttribute.Encrypted, element.Data.Token.Span);
        Close();
    }

    // Mistral: an array of thinking and text parts, and references, which a stream has no word for
    private void Parts(ReadOnlySpan<byte> parts)
    {
        var reader = new Utf8JsonReader(parts);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var block = ContentPartReader.Read(new RawJson(parts[start..(int)reader.BytesConsumed].ToArray()), out _, out _);
            if (block is TextBlock { Text.IsEmpty: false } text)
                Content(text.Text.ToToken().Span);
            else if (block is ReasoningBlock { Text.IsEmpty: false } thoughts)
                Thoughts(thoughts.Text.ToToken().Span, ReasoningCarrier.ContentParts);
            else if (block is not (TextBlock or ReasoningBlock or null))
                unsaid.Add("content.", block is OpaqueBlock other ? Encoding.UTF8.GetBytes(other.Type) : "media"u8);
        }
    }

    private void Images(ReadOnlySpan<byte> images)
    {
        var reader = new Utf8JsonReader(images);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            Close();
            HasContent = true;
            sink.OnBlockStart(_next, new BlockStart { Kind = BlockKind.Opaque, Origin = Protocol.OpenAIChat, Type = DrawnPicture.ChatType, Raw = new RawJson(images[start..(int)reader.BytesConsumed].ToArray()) });
            sink.OnBlockEnd(_next++);
        }
    }

    private void Calls(ReadOnlySpan<byte> calls)
    {
        if (_splitter is not null && !_splitter.IsDone)
            Split(default, isEnd: true);
        _calls.Take(calls, this);
    }

    private void Annotations(ReadOnlySpan<byte> annotations)
    {
        var reader = new Utf8JsonReader(annotations);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            Open(BlockKind.Text, default);
            sink.OnBlockAttribute(_open, BlockAttribute.Citation, annotations[start..(int)reader.BytesConsumed]);
        }
    }

    private void Signature(ReadOnlySpan<byte> extraContent)
    {
        var signature = ToolReader.ThoughtSignature(new RawJson(extraContent.ToArray()));
        if (signature.IsNull)
            return;
        if (_open == None)
            Open(BlockKind.Text, default);
        sink.OnBlockAttribute(_open, BlockAttribute.ThoughtSignature, signature.Token.Span);
    }
}
