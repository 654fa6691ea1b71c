using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Streams;

/// <summary>
/// Makes tool calls of <c>tool_calls</c> deltas, as vendors really send them: interleaved by index, without an index, every call under index 0 with
/// ids of its own, every whole call under index 0 without any id, ids only first or repeated, names in pieces or repeated, arguments before the name. A
/// call's block starts with its first arguments, or when something else comes, so that a name in pieces is whole by then.
/// </summary>
internal sealed class ToolCallAssembler
{
    private readonly List<Slot> _slots = [];

    /// <summary>Some call was named.</summary>
    public bool Any { get; private set; }

    /// <summary>Takes the array of a delta.</summary>
    public void Take(ReadOnlySpan<byte> calls, AnswerAssembler answer)
    {
        var reader = new Utf8JsonReader(calls);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var delta = new Delta { Index = -1 };
            delta.Read(calls, ref reader);
            Take(ref delta, answer);
        }
    }

    /// <summary>Takes the legacy <c>function_call</c> of a delta.</summary>
    public void TakeFunctionCall(ReadOnlySpan<byte> call, AnswerAssembler answer)
    {
        var reader = new Utf8JsonReader(call);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        var delta = new Delta { Index = 0 };
        delta.ReadFunction(call, ref reader);
        Take(ref delta, answer);
    }

    /// <summary>Starts the blocks of calls that wait. False where one has arguments and no name.</summary>
    public bool TryStartPending(AnswerAssembler answer)
    {
        var isSound = true;
        foreach (var slot in _slots)
        {
            if (!slot.IsStarted && slot.Name.Length > 0)
                StartBlock(slot, answer);
            isSound &= slot.IsStarted || slot.Held is null;
        }

        return isSound;
    }

    /// <summary>Ends every call's block.</summary>
    public void EndAll(IStreamSink sink)
    {
        foreach (var slot in _slots)
        {
            if (slot.IsStarted)
                sink.OnBlockEnd(slot.Block);
        }
    }

    private void Take(ref Delta delta, AnswerAssembler answer)
    {
        var slot = Find(ref delta);
        if (slot is null)
        {
            TryStartPending(answer); // a new call: those before it are named by now
            slot = new Slot { Index = delta.Index, Number = _slots.Count };
            _slots.Add(slot);
        }

        slot.Kind = delta.IsCustom ? ToolKind.Custom : slot.Kind;
        if (slot.Id.Length == 0 && delta.Id.Length > 2)
            (slot.Id, slot.IsIdentified) = (Text(delta.Id), true);
        if (!slot.IsStarted && delta.Name.Length > 2)
            AddName(slot, Text(delta.Name), answer);
        if (delta.Arguments.Length > 0 && !delta.Arguments.SequenceEqual("\"\""u8))
            Arguments(slot, delta.Arguments, answer);
        if (delta.ExtraContent.Length > 0 && slot.Name.Length > 0)
        {
            if (!slot.IsStarted)
                StartBlock(slot, answer);
            answer.CallSignature(slot.Block, delta.ExtraContent);
        }
    }

    private Slot? Find(ref Delta delta)
    {
        Slot? found = null;
        for (var i = _slots.Count - 1; i >= 0 && found is null; i--)
        {
            if (delta.Index >= 0 ? _slots[i].Index == delta.Index : delta.Id.Length > 2 ? IdIs(_slots[i], delta.Id) : delta.Name.Length <= 2 || !_slots[i].IsStarted)
                found = _slots[i];
        }

        // Another id together with a name under an index that is taken is another call; another id alone is noise.
        return found is { Id.Length: > 0 } && delta.Id.Length > 2 && delta.Name.Length > 2 && !IdIs(found, delta.Id) || found is not null && IsFollowed(found, in delta) ? null : found;
    }

    // Where no ids tell calls apart, a name with more arguments behind arguments that are whole begins another call: one call has one object of them.
    private static bool IsFollowed(Slot slot, in Delta delta) =>
        slot is { IsStarted: true, Told: { } told } && delta.Id.Length <= 2 && delta.Name.Length > 2 && delta.Arguments.Length > 0 && !delta.Arguments.SequenceEqual("\"\""u8)
        && ToolArguments.TryAsObject(told.Decode(), out _);

    private void AddName(Slot slot, string name, AnswerAssembler answer)
    {
        if (slot.Name == name)
            return; // said again
        slot.Name += name;
        Any = true;
        answer.NoteContent();
    }

    private static void Arguments(Slot slot, ReadOnlySpan<byte> value, AnswerAssembler answer)
    {
        if (!slot.IsStarted && slot.Name.Length > 0)
            StartBlock(slot, answer);
        if (!slot.IsIdentified && slot.Kind == ToolKind.Function)
            Note(slot, value);
        if (slot.IsStarted)
            answer.CallArguments(slot.Block, value);
        else if (value[0] == (byte)'"')
            (slot.Held ??= new()).Write(value[1..^1]);
        else
            HoldRaw(slot, value);
    }

    private static void Note(Slot slot, ReadOnlySpan<byte> value)
    {
        slot.Told ??= new TokenBuffer();
        if (value[0] == (byte)'"')
        {
            slot.Told.Append(value);
            return;
        }

        var token = new ArrayBufferWriter<byte>();
        JsonTokens.Quote(value, token);
        slot.Told.Append(token.WrittenSpan);
    }

    private static void HoldRaw(Slot slot, ReadOnlySpan<byte> value)
    {
        var token = new ArrayBufferWriter<byte>();
        JsonTokens.Quote(value, token);
        (slot.Held ??= new()).Write(token.WrittenSpan[1..^1]);
    }

    private static void StartBlock(Slot slot, AnswerAssembler answer)
    {
        if (slot.Id.Length == 0)
            slot.Id = answer.MakeCallId(slot.Number);
        slot.Block = answer.StartCall(new BlockStart { Kind = BlockKind.ToolCall, Id = slot.Id, Name = slot.Name, ToolKind = slot.Kind });
        slot.IsStarted = true;
        if (slot.Held is null)
            return;
        answer.CallArguments(slot.Block, (byte[])[(byte)'"', .. slot.Held.WrittenSpan, (byte)'"']);
        slot.Held = null;
    }

    private static bool IdIs(Slot slot, ReadOnlySpan<byte> token) => slot.Id.Length > 0 && slot.Id == Text(token);

    private static string Text(ReadOnlySpan<byte> token) => JsonText.FromToken(token.ToArray()).ToString();

    private sealed class Slot
    {
        public long Index { get; init; }

        public int Number { get; init; }

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public ToolKind Kind { get; set; }

        public bool IsStarted { get; set; }

        public int Block { get; set; }

        public ArrayBufferWriter<byte>? Held { get; set; }

        /// <summary>The vendor gave it an id.</summary>
        public bool IsIdentified { get; set; }

        /// <summary>The arguments so far, of a call that has no id of the vendor's.</summary>
        public TokenBuffer? Told { get; set; }
    }

    private ref struct Delta
    {
        public long Index;
        public ReadOnlySpan<byte> Id;
        public ReadOnlySpan<byte> Name;
        public ReadOnlySpan<byte> Arguments;
        public ReadOnlySpan<byte> ExtraContent;
        public bool IsCustom;

        public void Read(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("index"u8) && reader.TokenType == JsonTokenType.Number)
                    Index = reader.TryGetInt64(out var index) ? index : -1;
                else if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
                    Id = Token(data, ref reader);
                else if ((name.SequenceEqual("function"u8) || name.SequenceEqual("custom"u8)) && reader.TokenType == JsonTokenType.StartObject)
                {
                    IsCustom = name.SequenceEqual("custom"u8);
                    ReadFunction(data, ref reader);
                }
                else if (name.SequenceEqual("extra_content"u8) && reader.TokenType == JsonTokenType.StartObject)
                    ExtraContent = Value(data, ref reader);
                else
                    reader.Skip();
            }
        }

        public void ReadFunction(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (name.SequenceEqual("name"u8) && reader.TokenType == JsonTokenType.String)
                    Name = Token(data, ref reader);
                else if ((name.SequenceEqual("arguments"u8) || name.SequenceEqual("input"u8)) && reader.TokenType != JsonTokenType.Null)
                    Arguments = Value(data, ref reader);
                else
                    reader.Skip();
            }
        }

        private static ReadOnlySpan<byte> Token(ReadOnlySpan<byte> data, scoped ref Utf8JsonReader reader) => data.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);

        private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> data, scoped ref Utf8JsonReader reader)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return data[start..(int)reader.BytesConsumed];
        }
    }
}
