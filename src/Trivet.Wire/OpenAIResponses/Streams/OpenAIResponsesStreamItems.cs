using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIResponses.Answers;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>
/// The items of a stream being read, told to a sink. Everything is said up to four times (delta, <c>*.done</c>, <c>output_item.done</c>, the whole answer at
/// the end) and vendors leave out any three of them, and ids and indices besides (llama.cpp, LM Studio, Ollama, vLLM, OpenRouter, Copilot): whatever
/// comes first is told, and what repeats it is not.
/// </summary>
internal sealed class OpenAIResponsesStreamItems(IStreamSink sink, UnsaidFields unsaid)
{
    private const int None = OpenAIResponsesStreamItem.None;

    private readonly List<OpenAIResponsesStreamItem> _items = [];
    private int _nextBlock;
    private int _calls;

    public StreamStart Start { get; set; }

    /// <summary>Text, thoughts, a refusal or a call has come.</summary>
    public bool HasContent { get; private set; }

    public bool HasToolCalls => _calls > 0;

    /// <summary>There are items, and all of them have come to their end.</summary>
    public bool AreDone => _items.Count > 0 && _items.TrueForAll(static item => item.IsDone);

    /// <summary>What makes the answer unusable.</summary>
    public WireError? Fault { get; private set; }

    public void Added(in OpenAIResponsesEvent e)
    {
        if (e.Body.IsEmpty)
            return;
        var raw = new RawJson(e.Body.ToArray());
        var fields = Fields(raw);
        var item = Make(fields, e.OutputIndex);
        if (_items.Exists(known => !known.IsDone && known.Kind == item.Kind && known.IsNamed(item.Id)))
            return;
        item.Added = raw;
        _items.Add(item);
        if (item.Kind == ResponsesItemKind.Call && !fields.Find(0, "name"u8).Text.IsEmpty)
            StartCall(item, fields);
    }

    /// <summary>A piece of a text or refusal, or all of it where <paramref name="isWhole"/>.</summary>
    public void Text(in OpenAIResponsesEvent e, ReadOnlySpan<byte> token, bool isRefusal, bool isWhole)
    {
        if (!IsText(token) || Ensure(e, ResponsesItemKind.Message) is not { IsDone: false } item)
            return;
        var part = item.FindPart(e.PartIndex, isRefusal);
        if (isWhole && (part is { HasText: true } || item.HasDeltas))
        {
            TellLogProbs(part, e.LogProbs, isWhole);
            return;
        }

        if (part is null)
            item.Parts.Add(part = new OpenAIResponsesStreamItem.Part(e.PartIndex, isRefusal, StartBlock(isRefusal ? BlockKind.Refusal : BlockKind.Text, item)));
        (item.HasTold, part.HasText, HasContent) = (true, true, true);
        item.HasDeltas |= !isWhole;
        TellLogProbs(part, e.LogProbs, isWhole);
        sink.OnTextDelta(part.Block, token);
    }

    /// <summary>A piece of thoughts or of their summary, or a whole part of it.</summary>
    public void Thoughts(in OpenAIResponsesEvent e, ReadOnlySpan<byte> token, bool isSummary, bool isWhole)
    {
        if (!IsText(token) || Ensure(e, ResponsesItemKind.Reasoning) is not { IsDone: false } item)
            return;
        if (item.HasTold && (item.IsSummary != isSummary || isWhole && (item.HasDeltas || item.PartIndex == e.PartIndex)))
            return;
        if (item.Block == None)
            StartThoughts(item, isSummary);
        if (item.HasTold && item.PartIndex != e.PartIndex)
            sink.OnReasoningDelta(item.Block, OpenAIResponsesOutputReader.BlankLine);
        (item.HasTold, item.PartIndex, HasContent) = (true, e.PartIndex, true);
        item.HasDeltas |= !isWhole;
        sink.OnReasoningDelta(item.Block, token);
    }

    /// <summary>A part that is done, of which nothing may have been told yet.</summary>
    public void PartDone(in OpenAIResponsesEvent e)
    {
        if (e.Body.IsEmpty || Find(e, null) is { HasTold: true, HasDeltas: true })
            return;
        var fields = Fields(new RawJson(e.Body.ToArray()));
        var type = fields.Find(0, "type"u8).Text;
        var text = fields.Find(0, "text"u8).Text.Token.Span;
        if (type.ValueEquals("refusal"u8))
            Text(e, fields.Find(0, "refusal"u8).Text.Token.Span, isRefusal: true, isWhole: true);
        else if (type.ValueEquals("output_text"u8) || type.ValueEquals("text"u8))
            Text(e, text, isRefusal: false, isWhole: true);
        else if (type.ValueEquals("summary_text"u8) || type.ValueEquals("reasoning_text"u8))
            Thoughts(e, text, isSummary: type.ValueEquals("summary_text"u8), isWhole: true);
    }

    /// <summary>A piece of a call's arguments or input, or all of it.</summary>
    public void Arguments(in OpenAIResponsesEvent e, ReadOnlySpan<byte> value, bool isWhole)
    {
        if (value.Length <= 2 && !value.SequenceEqual("{}"u8) || Find(e, null) is { Kind: ResponsesItemKind.Other })
            return;
        if (Ensure(e, ResponsesItemKind.Call) is not { IsDone: false } item || isWhole && item.HasTold)
            return;
        item.HasTold = true;
        TellArguments(item, value);
    }

    public void Annotation(in OpenAIResponsesEvent e)
    {
        if (e.Body.IsEmpty || Find(e, ResponsesItemKind.Message) is not { IsDone: false } item)
            return;
        var part = item.FindPart(e.PartIndex, isRefusal: false);
        if (part is null)
            item.Parts.Add(part = new OpenAIResponsesStreamItem.Part(e.PartIndex, isRefusal: false, StartBlock(BlockKind.Text, item)));
        part.Annotations++;
        sink.OnBlockAttribute(part.Block, BlockAttribute.Citation, e.Body);
    }

    public void Done(in OpenAIResponsesEvent e)
    {
        if (e.Body.IsEmpty)
            return;
        var raw = new RawJson(e.Body.ToArray());
        var fields = Fields(raw);
        var made = Make(fields, e.OutputIndex);
        var item = _items.FindLast(known => !known.IsDone && known.Kind == made.Kind && (known.IsNamed(made.Id) || known.IsNamed(made.CallId)))
            ?? _items.FindLast(known => !known.IsDone && known.Kind == made.Kind && IsPlaced(known, made))
            ?? made;
        if (item == made)
            _items.Add(made);
        Finish(item, raw, fields);

        // Where ids change from event to event (Copilot) the place tells; where there is none, the one of its kind that is open.
        static bool IsPlaced(OpenAIResponsesStreamItem known, OpenAIResponsesStreamItem made) => known.OutputIndex == made.OutputIndex || known.OutputIndex < 0 || made.OutputIndex < 0;
    }

    /// <summary>The items of the whole answer: those of which nothing was told come now, those that are open end.</summary>
    public void Recount(RawJson output)
    {
        if (output.IsNull || output.Utf8.Span[0] != (byte)'[')
            return;
        var reader = new Utf8JsonReader(output.Utf8.Span);
        reader.Read();
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            var raw = JsonTokens.ReadRaw(ref reader, output.Utf8);
            var fields = Fields(raw);
            var made = Make(fields, index);
            var known = _items.Find(item => !item.IsRecounted && item.Kind == made.Kind && (item.IsNamed(made.Id) || item.IsNamed(made.CallId)))
                ?? _items.Find(item => !item.IsRecounted && item.Kind == made.Kind && item.OutputIndex == index)
                ?? _items.Find(item => !item.IsRecounted && item.Kind == made.Kind);
            if (known is null)
                _items.Add(known = made);
            known.IsRecounted = true;
            if (!known.IsDone)
                Finish(known, raw, fields);
        }
    }

    /// <summary>The end: ends every block.</summary>
    public void EndAll()
    {
        foreach (var item in _items)
        {
            if (!item.IsDone)
                Finish(item, item.Added, Fields(item.Added));
        }
    }

    // Each piece of a text has its own; what tells all of them repeats them.
    private void TellLogProbs(OpenAIResponsesStreamItem.Part? part, ReadOnlySpan<byte> array, bool isWhole)
    {
        if (part is null || array.IsEmpty || isWhole && part.HasLogProbs)
            return;
        part.HasLogProbs = true;
        sink.OnBlockAttribute(part.Block, BlockAttribute.LogProbs, array);
    }

    private static bool IsText(ReadOnlySpan<byte> token) => token.Length > 2 && token[0] == (byte)'"';

    private static JsonFields Fields(RawJson item)
    {
        var fields = new JsonFields();
        fields.Push(item);
        return fields;
    }

    // What was taken for a call by its deltas may turn out to be the vendor's own when it is named.
    private OpenAIResponsesStreamItem Make(JsonFields fields, int outputIndex)
    {
        var made = new OpenAIResponsesStreamItem(OpenAIResponsesOutputReader.KindOf(fields), outputIndex) { Id = Contents(fields.Find(0, "id"u8)), CallId = Contents(fields.Find(0, "call_id"u8)) };
        if (made.Kind == ResponsesItemKind.Message && fields.Find(0, "phase"u8) is { Type: JsonTokenType.String } phase)
        {
            made.Phase = phase.Text;
            unsaid.Add(OpenAIResponsesOutputReader.MessagePrefix, "phase"u8);
        }

        if (made.Kind == ResponsesItemKind.Other)
            _items.RemoveAll(known => known is { Kind: ResponsesItemKind.Call, Block: None } && known.IsNamed(made.Id));
        return made;
    }

    private static byte[] Contents(JsonField field) => field.Type == JsonTokenType.String ? field.Value.Utf8[1..^1].ToArray() : [];

    // By id, else by place, else the one of its kind that is open: the first for calls, whose deltas llama.cpp sends one call after the other.
    private OpenAIResponsesStreamItem? Find(in OpenAIResponsesEvent e, ResponsesItemKind? kind)
    {
        for (var i = _items.Count - 1; i >= 0; i--)
        {
            if (_items[i].IsNamed(e.ItemId) && (kind is null || _items[i].Kind == kind))
                return _items[i];
        }

        for (var i = _items.Count - 1; i >= 0 && e.OutputIndex >= 0; i--)
        {
            var item = _items[i];
            if (item.OutputIndex == e.OutputIndex && (kind is null || item.Kind == kind) && !(item.IsDone && item.Id.Length > 0 && !e.ItemId.IsEmpty))
                return item;
        }

        if (e.OutputIndex >= 0 && !e.ItemId.IsEmpty)
            return null;
        foreach (var item in _items)
        {
            if (!item.IsDone && (kind is null || item.Kind == kind) && !(item.Kind == ResponsesItemKind.Call && item.HasTold && e.Delta.IsEmpty))
                return item;
        }

        return null;
    }

    private OpenAIResponsesStreamItem Ensure(in OpenAIResponsesEvent e, ResponsesItemKind kind)
    {
        if (Find(e, kind) is { } item)
            return item;
        item = new OpenAIResponsesStreamItem(kind, e.OutputIndex) { Id = e.ItemId.ToArray() };
        _items.Add(item);
        return item;
    }

    // The message's phase stands with its first part.
    private int StartBlock(BlockKind kind, OpenAIResponsesStreamItem message)
    {
        sink.OnBlockStart(_nextBlock, new BlockStart { Kind = kind, Origin = Protocol.OpenAIResponses, Phase = kind == BlockKind.Text ? message.Phase : default });
        message.Phase = default;
        return _nextBlock++;
    }

    private void StartThoughts(OpenAIResponsesStreamItem item, bool isSummary)
    {
        (item.Block, item.IsSummary) = (_nextBlock++, isSummary);
        var id = item.Id.Length == 0 ? default : JsonText.FromToken((byte[])[(byte)'"', .. item.Id, (byte)'"']);
        sink.OnBlockStart(item.Block, new BlockStart { Kind = BlockKind.Reasoning, Id = id, IsSummary = isSummary, Origin = Protocol.OpenAIResponses });
    }

    private void StartCall(OpenAIResponsesStreamItem item, JsonFields fields)
    {
        var call = OpenAIResponsesOutputReader.CallHead(fields, fields.Find(0, "type"u8).Text.ValueEquals("custom_tool_call"u8));
        if (call.Id.IsEmpty)
            call.Id = OpenAIChatIds.MakeCallId(Start.Id, Start.CreatedAt, _calls);
        (item.Block, HasContent) = (_nextBlock++, true);
        _calls++;
        sink.OnBlockStart(item.Block, new BlockStart { Kind = BlockKind.ToolCall, Id = call.Id, Name = call.Name, Namespace = call.Namespace, ToolKind = call.Kind, Origin = Protocol.OpenAIResponses });
        if (item.Held is { } held)
            sink.OnArgumentsDelta(item.Block, held.AsToken());
        item.Held = null;
    }

    private void TellArguments(OpenAIResponsesStreamItem item, ReadOnlySpan<byte> value)
    {
        if (value[0] != (byte)'"')
        {
            var token = new ArrayBufferWriter<byte>(value.Length + 16);
            JsonTokens.Quote(value, token);
            value = token.WrittenSpan; // an object where a string of one is due
        }

        if (item.Block == None)
            (item.Held ??= new TokenBuffer()).Append(value);
        else
            sink.OnArgumentsDelta(item.Block, value);
    }

    private void Finish(OpenAIResponsesStreamItem item, RawJson raw, JsonFields fields)
    {
        item.IsDone = true;
        switch (item.Kind)
        {
            case ResponsesItemKind.Message when item.Parts.Count > 0:
                FinishMessage(item, raw);
                break;
            case ResponsesItemKind.Reasoning when item.Block != None:
                var encrypted = OpenAIResponsesOutputReader.Encrypted(fields);
                if (!encrypted.IsNull)
                    sink.OnBlockAttribute(item.Block, BlockAttribute.Encrypted, encrypted.Token.Span);
                sink.OnBlockEnd(item.Block);
                break;
            case ResponsesItemKind.Call:
                FinishCall(item, fields);
                break;
            default:
                Tell(raw);
                break;
        }
    }

    // Some vendors name annotations only when the message is done, some tell the text only then.
    private void FinishMessage(OpenAIResponsesStreamItem item, RawJson raw)
    {
        var blocks = new List<Block>();
        OpenAIResponsesOutputReader.Read(raw, blocks);
        var texts = blocks.OfType<TextBlock>().ToList();
        var next = 0;
        foreach (var part in item.Parts)
        {
            if (!part.IsRefusal && next < texts.Count)
            {
                var text = texts[next++];
                TellLogProbs(part, LogProbabilities.With(text).Utf8.Span, isWhole: true);
                if (!part.HasText && !text.Text.IsEmpty)
                    sink.OnTextDelta(part.Block, text.Text.Token.Span);
                if (part.Annotations == 0)
                    Annotate(part.Block, text.Citations);
            }

            sink.OnBlockEnd(part.Block);
        }
    }

    private void FinishCall(OpenAIResponsesStreamItem item, JsonFields fields)
    {
        var hasTold = item.HasTold;
        if (item.Block == None)
        {
            if (fields.Find(0, "name"u8).Text.IsEmpty)
            {
                Fault ??= new WireError { Class = ErrorClass.Server, Message = "The upstream sent a tool call without a name.", Code = "upstream_invalid_event" };
                return;
            }

            StartCall(item, fields);
        }

        var arguments = hasTold ? default : OpenAIResponsesOutputReader.Arguments(fields);
        if (arguments.IsEmpty && !hasTold && !item.Added.IsAbsent)
            arguments = OpenAIResponsesOutputReader.Arguments(Fields(item.Added));
        if (!arguments.IsEmpty)
        {
            var token = new ArrayBufferWriter<byte>(arguments.Length + 16);
            JsonTokens.Quote(arguments.Span, token);
            sink.OnArgumentsDelta(item.Block, token.WrittenSpan);
        }

        sink.OnBlockEnd(item.Block);
    }

    private void Annotate(int block, RawJson annotations)
    {
        if (annotations.IsNull)
            return;
        var reader = new Utf8JsonReader(annotations.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            sink.OnBlockAttribute(block, BlockAttribute.Citation, JsonTokens.ReadRaw(ref reader, annotations.Utf8).Utf8.Span);
    }

    // An item of which nothing was told yet.
    private void Tell(RawJson item)
    {
        var blocks = new List<Block>();
        OpenAIResponsesOutputReader.Read(item, blocks);
        foreach (var block in blocks)
        {
            HasContent |= block is not ReasoningBlock { Text.IsEmpty: true, Encrypted.IsNull: true };
            if (ResponsePlayer.PlayBlock(block, _nextBlock, Protocol.OpenAIResponses, sink))
                _nextBlock++;
        }
    }
}
