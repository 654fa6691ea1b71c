using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>
/// The blocks of a stream being read: keeps the sink's contract (each block starts and ends once, ids dense) whatever the vendor's indices do.
/// Blocks that only this protocol knows are held until they are whole.
/// </summary>
internal sealed class AnthropicMessagesStreamBlocks(IStreamSink sink, AnthropicMessagesDialect dialect)
{
    private readonly List<Entry> _open = [];
    private int _nextId;

    /// <summary>Something to show has come: text, thoughts, a signature, a call.</summary>
    public bool HasContent { get; private set; }

    /// <summary>A call of the client's own tools has come.</summary>
    public bool HasToolCall { get; private set; }

    /// <summary>The answer came through Trivet's answer tool.</summary>
    public bool HasAnswerTool { get; private set; }

    public void Start(int index, byte[] raw)
    {
        Stop(index);
        var fields = new JsonFields();
        fields.Push(new RawJson(raw));
        var type = fields.Find(0, "type"u8).Text;
        if (type.ValueEquals("text"u8))
            StartText(index, fields);
        else if (type.ValueEquals("thinking"u8))
            StartThinking(index, fields);
        else if (type.ValueEquals("tool_use"u8))
            StartCall(index, fields);
        else if (type.ValueEquals("redacted_thinking"u8))
            StartRedacted(index, fields);
        else if (!type.IsEmpty) // without a type it is no block, and what follows is told by the deltas' own types
            _open.Add(new Entry(index, -1, BlockKind.Opaque) { Raw = raw, Type = type.ToString() });
    }

    public void Delta(int index, ReadOnlySpan<byte> type, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        var isString = value[0] == (byte)'"';
        if (type.SequenceEqual("text_delta"u8) && isString)
            Text(index, value);
        else if (type.SequenceEqual("input_json_delta"u8) && isString)
            Arguments(index, value);
        else if (type.SequenceEqual("thinking_delta"u8) && isString)
            Thoughts(index, value);
        else if (type.SequenceEqual("signature_delta"u8) && isString)
            Signature(index, value);
        else if (type.SequenceEqual("citations_delta"u8))
            Attribute(index, BlockKind.Text, BlockAttribute.Citation, value);
        else if (type.SequenceEqual("compaction_delta"u8) && Find(index) is { Kind: BlockKind.Opaque } compaction)
            compaction.Raw = JsonFields.With(compaction.Raw, "content"u8, value);
    }

    public void Stop(int index)
    {
        if (Find(index) is not { } entry)
            return;
        _open.Remove(entry);
        if (entry.Kind == BlockKind.Opaque)
        {
            TellOpaque(entry);
            return;
        }

        if (!entry.HasArguments && entry.Input.Length > 0)
        {
            var token = new ArrayBufferWriter<byte>(entry.Input.Length + 16);
            JsonTokens.Quote(entry.Input, token);
            Tell(entry, token.WrittenSpan);
        }

        sink.OnBlockEnd(entry.Id);
    }

    public void StopAll()
    {
        while (_open.Count > 0)
            Stop(_open[0].Index);
    }

    private void StartText(int index, JsonFields fields)
    {
        var entry = Open(index, new BlockStart { Kind = BlockKind.Text, Origin = Protocol.AnthropicMessages });
        var text = fields.Find(0, "text"u8).Text;
        if (text.IsEmpty)
            return;
        HasContent = true;
        sink.OnTextDelta(entry.Id, text.Token.Span);
    }

    private void StartThinking(int index, JsonFields fields)
    {
        var entry = Open(index, new BlockStart { Kind = BlockKind.Reasoning, Origin = Protocol.AnthropicMessages });
        var text = fields.Find(0, "thinking"u8).Text;
        if (!text.IsEmpty)
        {
            HasContent = true;
            sink.OnReasoningDelta(entry.Id, text.Token.Span);
        }

        // An empty signature at the start says nothing yet: the real one is the last delta. Vendors without signatures leave it at that.
        var signature = fields.Find(0, "signature"u8).Text;
        if (!signature.IsEmpty)
            sink.OnBlockAttribute(entry.Id, BlockAttribute.Signature, signature.Token.Span);
    }

    private void StartRedacted(int index, JsonFields fields)
    {
        var entry = Open(index, new BlockStart { Kind = BlockKind.RedactedReasoning, Origin = Protocol.AnthropicMessages });
        HasContent = true;
        var data = fields.Find(0, "data"u8).Text;
        if (!data.IsNull)
            sink.OnBlockAttribute(entry.Id, BlockAttribute.Encrypted, data.Token.Span);
    }

    private void StartCall(int index, JsonFields fields)
    {
        HasContent = true;
        var name = fields.Find(0, "name"u8).Text;
        var input = fields.Find(0, "input"u8);
        var isAnswer = dialect.StructuredOutput == AnthropicStructuredOutput.ForcedTool && name.ValueEquals("trivet_answer"u8);
        var start = isAnswer
            ? new BlockStart { Kind = BlockKind.Text, Origin = Protocol.AnthropicMessages }
            : new BlockStart { Kind = BlockKind.ToolCall, Id = fields.Find(0, "id"u8).Text, Name = name, Origin = Protocol.AnthropicMessages };
        HasToolCall |= !isAnswer;
        HasAnswerTool |= isAnswer;
        var entry = Open(index, start);
        entry.IsAnswerTool = isAnswer;

        // Some vendors put the whole input here and send no deltas; Anthropic puts {} here and sends "" first.
        if (input.Type == JsonTokenType.StartObject && !input.Value.Utf8.Span[1..].TrimStart(" \t\r\n"u8).StartsWith("}"u8))
            entry.Input = input.Value.Utf8.ToArray();
    }

    private void Text(int index, ReadOnlySpan<byte> value)
    {
        var entry = Ensure(index, BlockKind.Text);
        if (value.Length <= 2)
            return;
        HasContent = true;
        sink.OnTextDelta(entry.Id, value);
    }

    private void Thoughts(int index, ReadOnlySpan<byte> value)
    {
        var entry = Ensure(index, BlockKind.Reasoning);
        if (value.Length <= 2)
            return;
        HasContent = true;
        sink.OnReasoningDelta(entry.Id, value);
    }

    private void Signature(int index, ReadOnlySpan<byte> value)
    {
        HasContent = true;
        sink.OnBlockAttribute(Ensure(index, BlockKind.Reasoning).Id, BlockAttribute.Signature, value);
    }

    private void Attribute(int index, BlockKind kind, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (Find(index) is { } entry && entry.Kind == kind)
            sink.OnBlockAttribute(entry.Id, attribute, value);
    }

    // Arguments of a call that never started have no name to go by and are left out.
    private void Arguments(int index, ReadOnlySpan<byte> value)
    {
        if (Find(index) is not { } entry || value.Length <= 2)
            return;
        if (entry.Kind == BlockKind.Opaque)
        {
            (entry.Held ??= new TokenBuffer()).Append(value);
        }
        else if (entry.Kind == BlockKind.ToolCall || entry.IsAnswerTool)
        {
            entry.HasArguments = true;
            Tell(entry, value);
        }
    }

    private void Tell(Entry entry, ReadOnlySpan<byte> token)
    {
        if (entry.IsAnswerTool)
            sink.OnTextDelta(entry.Id, token);
        else
            sink.OnArgumentsDelta(entry.Id, token);
    }

    private void TellOpaque(Entry entry)
    {
        HasContent = true;
        var raw = entry.Raw;
        if (entry.Held is { } held)
        {
            var input = held.Decode();
            if (ToolArguments.IsJson(input))
                raw = JsonFields.With(raw, "input"u8, input);
        }

        var id = _nextId++;
        sink.OnBlockStart(id, new BlockStart { Kind = BlockKind.Opaque, Raw = new RawJson(raw), Origin = Protocol.AnthropicMessages, Type = entry.Type });
        sink.OnBlockEnd(id);
    }

    private Entry Ensure(int index, BlockKind kind)
    {
        if (Find(index) is { } entry)
        {
            if (entry.Kind == kind)
                return entry;
            Stop(index);
        }

        return Open(index, new BlockStart { Kind = kind, Origin = Protocol.AnthropicMessages });
    }

    private Entry Open(int index, in BlockStart start)
    {
        var entry = new Entry(index, _nextId++, start.Kind);
        _open.Add(entry);
        sink.OnBlockStart(entry.Id, start);
        return entry;
    }

    private Entry? Find(int index)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].Index == index)
                return _open[i];
        }

        return null;
    }

    private sealed class Entry(int index, int id, BlockKind kind)
    {
        public int Index { get; } = index;

        public int Id { get; } = id;

        public BlockKind Kind { get; } = kind;

        public bool HasArguments { get; set; }

        public bool IsAnswerTool { get; set; }

        public byte[] Input { get; set; } = [];

        public byte[] Raw { get; set; } = [];

        public string Type { get; init; } = "";

        public TokenBuffer? Held { get; set; }
    }
}
