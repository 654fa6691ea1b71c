using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses.Answers;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>
/// Writes events and numbers them, and keeps the item that is open with the items that are done. Knows their form and which of them an item needs, not
/// when it comes: that is <see cref="OpenAIResponsesStreamWriter"/>'s.
/// </summary>
internal sealed class OpenAIResponsesEvents(IBufferWriter<byte> output, string answerId)
{
    private readonly ArrayBufferWriter<byte> _done = new();
    private readonly UsedIds _ids = new();
    private readonly ArrayBufferWriter<byte> _parts = new();
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private byte[] _itemId = [];
    private byte[] _deltaHead = [];
    private byte[] _phase = [];
    private bool _isMessageOpen;
    private int _outputIndex;
    private int _partIndex;
    private int _annotations;

    /// <summary>Number of the next event.</summary>
    public int SequenceNumber { get; private set; }

    /// <summary>The items that are done, joined by commas.</summary>
    public ReadOnlySpan<byte> Done => _done.WrittenSpan;

    private ReadOnlySpan<byte> TextTail => ",\"logprobs\":[],\"sequence_number\":"u8;

    private static ReadOnlySpan<byte> Tail => ",\"sequence_number\":"u8;

    /// <summary>An event that holds the whole answer.</summary>
    public void Answer(ReadOnlySpan<byte> type, Action<System.Text.Json.Utf8JsonWriter> write)
    {
        Begin(type);
        output.Write(",\"response\":"u8);
        var writer = JsonWriters.Rent(output);
        write(writer);
        JsonWriters.Return(writer);
        End();
    }

    /// <summary>Takes over numbers, ids and finished items of a stream that others have begun.</summary>
    public void Adopt(int nextNumber, OpenAIResponsesFrame? frame)
    {
        SequenceNumber = nextNumber;
        if (frame is null)
            return;
        _done.ResetWrittenCount();
        _done.Write(frame.Done);
        _outputIndex = frame.DoneCount;
        if (frame.OpenId.IsEmpty)
            _isMessageOpen = false; // its item was done already
        else
            _itemId = frame.OpenId.ToArray();
    }

    /// <summary>Deltas of the part that is open name the item that was taken over.</summary>
    public void ReopenPart(bool isRefusal) => PrepareDelta(isRefusal ? "response.refusal.delta"u8 : "response.output_text.delta"u8, "content_index"u8);

    /// <summary>The same for a summary.</summary>
    public void ReopenSummary() => PrepareDelta("response.reasoning_summary_text.delta"u8, "summary_index"u8);

    public void Error(WireError error) => OpenAIResponsesErrors.WriteErrorEvent(error, SequenceNumber++, output);

    public void Ping() => output.Write(": ping\n\n"u8);

    /// <summary>Opens a text or refusal part, in the message that is open or in a new one.</summary>
    public void OpenPart(bool isRefusal, ReadOnlySpan<byte> phase = default)
    {
        if (!phase.IsEmpty)
            CloseMessage("completed"u8); // a message has one phase
        if (!_isMessageOpen)
        {
            _phase = phase.ToArray();
            OpenItem("msg", default);
            _isMessageOpen = true;
            OpenAIResponsesItems.Message(Item(isDone: false), _itemId, "in_progress"u8, default, _phase);
            EndItemEvent();
        }

        BeginPart("response.content_part.added"u8, "content_index"u8);
        output.Write(",\"part\":"u8);
        WritePart(output, isRefusal, "\"\""u8, default, default);
        End();
        PrepareDelta(isRefusal ? "response.refusal.delta"u8 : "response.output_text.delta"u8, "content_index"u8);
        _annotations = 0;
    }

    /// <summary>A piece of a text or refusal; <paramref name="logProbs"/> are elements joined by commas.</summary>
    public void TextDelta(ReadOnlySpan<byte> token, bool isRefusal, ReadOnlySpan<byte> logProbs = default)
    {
        if (isRefusal || logProbs.IsEmpty)
            Delta(token, isRefusal ? Tail : TextTail);
        else
            Delta(token, (byte[])[.. ",\"logprobs\":["u8, .. logProbs, .. "],\"sequence_number\":"u8]);
    }

    public void Annotation(ReadOnlySpan<byte> annotation)
    {
        BeginPart("response.output_text.annotation.added"u8, "content_index"u8);
        output.Write(",\"annotation_index\":"u8);
        Number(_annotations++);
        output.Write(",\"annotation\":"u8);
        output.Write(annotation);
        End();
    }

    public void ClosePart(bool isRefusal, ReadOnlySpan<byte> text, ReadOnlySpan<byte> annotations, ReadOnlySpan<byte> logProbs = default)
    {
        BeginPart(isRefusal ? "response.refusal.done"u8 : "response.output_text.done"u8, "content_index"u8);
        output.Write(isRefusal ? ",\"refusal\":"u8 : ",\"text\":"u8);
        output.Write(text);
        if (!isRefusal)
        {
            output.Write(",\"logprobs\":["u8);
            output.Write(logProbs);
            output.Write("]"u8);
        }

        End();
        if (_parts.WrittenCount > 0)
            _parts.Write(","u8);
        var start = _parts.WrittenCount;
        WritePart(_parts, isRefusal, text, annotations, logProbs);
        BeginPart("response.content_part.done"u8, "content_index"u8);
        output.Write(",\"part\":"u8);
        output.Write(_parts.WrittenSpan[start..]);
        End();
        _partIndex++;
    }

    /// <summary>Closes the message that is open, if any: what follows is no part of it.</summary>
    public void CloseMessage(ReadOnlySpan<byte> status)
    {
        if (!_isMessageOpen)
            return;
        _isMessageOpen = false;
        OpenAIResponsesItems.Message(Item(isDone: true), _itemId, status, _parts.WrittenSpan, _phase);
        CloseItem();
    }

    public void OpenReasoning(ReadOnlySpan<byte> id)
    {
        OpenItem("rs", id);
        OpenAIResponsesItems.Reasoning(Item(isDone: false), _itemId, default, default);
        EndItemEvent();
    }

    /// <summary>Opens the summary of the thoughts, which may have none.</summary>
    public void OpenSummary()
    {
        SummaryPart("response.reasoning_summary_part.added"u8, "\"\""u8);
        PrepareDelta("response.reasoning_summary_text.delta"u8, "summary_index"u8);
    }

    public void PlainDelta(ReadOnlySpan<byte> token) => Delta(token, Tail);

    /// <summary>Ends the thoughts; an empty <paramref name="summary"/> where none was opened.</summary>
    public void CloseReasoning(ReadOnlySpan<byte> summary, ReadOnlySpan<byte> encrypted)
    {
        if (!summary.IsEmpty)
        {
            BeginPart("response.reasoning_summary_text.done"u8, "summary_index"u8);
            output.Write(",\"text\":"u8);
            output.Write(summary);
            End();
            SummaryPart("response.reasoning_summary_part.done"u8, summary);
        }

        OpenAIResponsesItems.Reasoning(Item(isDone: true), _itemId, summary, encrypted);
        CloseItem();
    }

    public void OpenCall(in OpenAIResponsesItems.CallHead call)
    {
        OpenItem(call.IsCustom ? "ctc" : "fc", default);
        OpenAIResponsesItems.Call(Item(isDone: false), _itemId, call, isDone: false, "\"\""u8);
        EndItemEvent();
        PrepareDelta(call.IsCustom ? "response.custom_tool_call_input.delta"u8 : "response.function_call_arguments.delta"u8, default);
    }

    public void CloseCall(in OpenAIResponsesItems.CallHead call, ReadOnlySpan<byte> arguments)
    {
        BeginPart(call.IsCustom ? "response.custom_tool_call_input.done"u8 : "response.function_call_arguments.done"u8, default);
        if (!call.IsCustom)
        {
            output.Write(",\"name\":"u8);
            output.Write(call.Name);
        }

        output.Write(call.IsCustom ? ",\"input\":"u8 : ",\"arguments\":"u8);
        output.Write(arguments);
        End();
        OpenAIResponsesItems.Call(Item(isDone: true), _itemId, call, isDone: true, arguments);
        CloseItem();
    }

    /// <summary>An item that only this protocol knows, whole.</summary>
    public void Opaque(ReadOnlySpan<byte> item)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(item.ToArray()));
        var id = fields.Find(0, "id"u8).Text.Token.Span;
        OpenItem("item", id.Length <= 2 ? default : id);
        var line = JsonTokens.OnOneLine(id.SequenceEqual(_itemId) ? item : JsonFields.With(item.ToArray(), "id"u8, _itemId));
        Item(isDone: false).Write(line);
        EndItemEvent();
        Item(isDone: true).Write(line);
        CloseItem();
    }

    /// <summary>A picture, Base64 as a string token.</summary>
    public void Picture(ReadOnlySpan<byte> data)
    {
        OpenItem("ig", default);
        OpenAIResponsesItems.Picture(Item(isDone: false), _itemId, default);
        EndItemEvent();
        BeginPart("response.image_generation_call.completed"u8, default);
        End();
        OpenAIResponsesItems.Picture(Item(isDone: true), _itemId, data);
        CloseItem();
    }

    /// <summary>Makes the bytes that stand before every delta of what was opened, so that a delta is three copies and a number.</summary>
    private void PrepareDelta(ReadOnlySpan<byte> type, ReadOnlySpan<byte> indexName)
    {
        _scratch.ResetWrittenCount();
        Head(_scratch, type);
        Place(_scratch, indexName);
        _scratch.Write(",\"delta\":"u8);
        _deltaHead = _scratch.WrittenSpan.ToArray();
    }

    private void Delta(ReadOnlySpan<byte> token, ReadOnlySpan<byte> tail)
    {
        var span = output.GetSpan(_deltaHead.Length + token.Length + tail.Length + 11 + 3);
        _deltaHead.CopyTo(span);
        var at = _deltaHead.Length;
        token.CopyTo(span[at..]);
        at += token.Length;
        tail.CopyTo(span[at..]);
        at += tail.Length;
        SequenceNumber++.TryFormat(span[at..], out var digits);
        at += digits;
        "}\n\n"u8.CopyTo(span[at..]);
        output.Advance(at + 3);
    }

    private static void WritePart(IBufferWriter<byte> target, bool isRefusal, ReadOnlySpan<byte> text, ReadOnlySpan<byte> annotations, ReadOnlySpan<byte> logProbs)
    {
        if (isRefusal)
            OpenAIResponsesItems.RefusalPart(target, text);
        else
            OpenAIResponsesItems.TextPart(target, text, annotations, logProbs);
    }

    private void SummaryPart(ReadOnlySpan<byte> type, ReadOnlySpan<byte> text)
    {
        BeginPart(type, "summary_index"u8);
        output.Write(",\"part\":"u8);
        OpenAIResponsesItems.SummaryPart(output, text);
        End();
    }

    private void OpenItem(string prefix, ReadOnlySpan<byte> id)
    {
        CloseMessage("completed"u8);
        _itemId = id.IsEmpty ? OpenAIResponsesItems.MakeId(prefix, answerId, _outputIndex) : id.ToArray();
        _itemId = Encoding.UTF8.GetBytes($"\"{_ids.Take(Encoding.UTF8.GetString(_itemId.AsSpan()[1..^1]))}\"");
        _partIndex = 0;
        _parts.ResetWrittenCount();
    }

    // Begins output_item.added or .done; the caller writes the item.
    private IBufferWriter<byte> Item(bool isDone)
    {
        if (isDone)
        {
            _scratch.ResetWrittenCount();
            return _scratch;
        }

        Begin("response.output_item.added"u8);
        output.Write(",\"output_index\":"u8);
        Number(_outputIndex);
        output.Write(",\"item\":"u8);
        return output;
    }

    private void EndItemEvent() => End();

    // The item was written aside: it goes into its event and among the items that are done.
    private void CloseItem()
    {
        Begin("response.output_item.done"u8);
        output.Write(",\"output_index\":"u8);
        Number(_outputIndex++);
        output.Write(",\"item\":"u8);
        output.Write(_scratch.WrittenSpan);
        End();
        if (_done.WrittenCount > 0)
            _done.Write(","u8);
        _done.Write(_scratch.WrittenSpan);
    }

    private void BeginPart(ReadOnlySpan<byte> type, ReadOnlySpan<byte> indexName)
    {
        Begin(type);
        Place(output, indexName);
    }

    private void Place(IBufferWriter<byte> target, ReadOnlySpan<byte> indexName)
    {
        target.Write(",\"item_id\":"u8);
        target.Write(_itemId);
        target.Write(",\"output_index\":"u8);
        Number(target, _outputIndex);
        if (indexName.IsEmpty)
            return;
        target.Write(",\""u8);
        target.Write(indexName);
        target.Write("\":"u8);
        Number(target, _partIndex);
    }

    private void Begin(ReadOnlySpan<byte> type) => Head(output, type);

    private static void Head(IBufferWriter<byte> target, ReadOnlySpan<byte> type)
    {
        target.Write("event: "u8);
        target.Write(type);
        target.Write("\ndata: {\"type\":\""u8);
        target.Write(type);
        target.Write("\""u8);
    }

    private void End() => OpenAIResponsesErrors.WriteSequenceNumber(SequenceNumber++, output);

    private void Number(int value) => Number(output, value);

    private static void Number(IBufferWriter<byte> target, int value)
    {
        var span = target.GetSpan(11);
        value.TryFormat(span, out var digits);
        target.Advance(digits);
    }
}
