using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.Sse;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>
/// Reads a stream of Responses into a sink. Lenient: <c>event:</c> lines, sequence numbers, ids, indices, deltas, <c>*.added</c> and <c>*.done</c> may be
/// missing, obfuscation is ignored, and so are events that are not known. An event that is no JSON ends the stream with <c>upstream_invalid_event</c>, since
/// what it would have said is unknown.
/// <para>
/// The answer is complete at <c>response.completed</c> or <c>response.incomplete</c>, or at <c>[DONE]</c> where every item has come to its end. One per stream, not
/// thread-safe.
/// </para>
/// </summary>
public sealed class OpenAIResponsesStreamReader : IStreamReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = OpenAIChatScan.DepthMax };

    private readonly IStreamSink _sink;
    private readonly OpenAIResponsesStreamItems _items;
    private readonly UnsaidFields _unsaid = new();
    private byte[] _serviceTier = [];
    private bool _hasStarted;
    private bool _hasEnded;

    /// <summary>A reader that tells <paramref name="sink"/>.</summary>
    public OpenAIResponsesStreamReader(IStreamSink sink, OpenAIResponsesDialect dialect)
    {
        _sink = sink;
        _items = new OpenAIResponsesStreamItems(sink, _unsaid);
        _ = dialect; // what vendors leave out of an answer is seen, not configured
    }

    /// <summary>The last event has come, and no error.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Text, thoughts, a refusal or a call has come.</summary>
    public bool HasContent => _items.HasContent;

    /// <summary>Events that were no valid JSON.</summary>
    public int MalformedEvents { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Unsaid => _unsaid.Names;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ServiceTier => _serviceTier;

    /// <inheritdoc/>
    public bool SkipsMalformed { get; set; }

    /// <inheritdoc/>
    public void OnEvent(in SseEvent e)
    {
        if (_hasEnded || !e.HasData || e.Data.TrimStart(" \t\r\n"u8).IsEmpty)
            return;
        if (e.Data.StartsWith("[DONE]"u8))
        {
            Complete(isMarked: true);
            return;
        }

        var read = new OpenAIResponsesEvent();
        if (!TryParse(e.Data, ref read))
        {
            MalformedEvents++;
            if (!SkipsMalformed)
                Fail(OpenAIChatTap.NotJson(isStream: true));
            return;
        }

        if (read.Type.IsEmpty)
            read.Type = e.Name;
        if (read.HasError || read.Type.SequenceEqual("error"u8))
            Fail(ErrorReader.Read(0, e.Data));
        else if (read.Type.IsEmpty && ErrorReader.InPlaceOfAnswer(e.Data) is { } told)
            Fail(told); // a vendor's own words for a failure
        else
            Dispatch(read, e.Data);
    }

    /// <summary>The bytes have ended.</summary>
    public void Complete() => Complete(isMarked: false);

    private static bool TryParse(ReadOnlySpan<byte> data, ref OpenAIResponsesEvent read)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            return Utf8.IsValid(data) && read.TryRead(data, ref reader);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Dispatch(in OpenAIResponsesEvent e, ReadOnlySpan<byte> data)
    {
        if (!e.Type.StartsWith("response."u8))
            return; // keepalive and whatever comes to be
        var type = e.Type["response."u8.Length..];
        if (type.SequenceEqual("created"u8) || type.SequenceEqual("in_progress"u8) || type.SequenceEqual("queued"u8))
        {
            Start(e.Body);
        }
        else if (type.SequenceEqual("completed"u8) || type.SequenceEqual("incomplete"u8) || type.SequenceEqual("done"u8))
        {
            Finish(e.Body, type, data);
        }
        else if (type.SequenceEqual("failed"u8) || type.SequenceEqual("cancelled"u8) || type.SequenceEqual("error"u8))
        {
            Fail(ErrorReader.Read(0, data));
        }
        else
        {
            Start([]);
            if (!e.LogProbs.IsEmpty)
                _unsaid.Add(OpenAIResponsesOutputReader.TextPrefix, "logprobs"u8);
            Tell(e, type);
            if (_items.Fault is { } fault)
                Fail(fault);
        }
    }

    private void Tell(in OpenAIResponsesEvent e, ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("output_text.delta"u8))
            _items.Text(e, e.Delta, isRefusal: false, isWhole: false);
        else if (type.SequenceEqual("function_call_arguments.delta"u8) || type.SequenceEqual("custom_tool_call_input.delta"u8))
            _items.Arguments(e, e.Delta, isWhole: false);
        else if (type.SequenceEqual("reasoning_summary_text.delta"u8))
            _items.Thoughts(e, e.Delta, isSummary: true, isWhole: false);
        else if (type.SequenceEqual("reasoning_text.delta"u8))
            _items.Thoughts(e, e.Delta, isSummary: false, isWhole: false);
        else if (type.SequenceEqual("refusal.delta"u8))
            _items.Text(e, e.Delta, isRefusal: true, isWhole: false);
        else if (type.SequenceEqual("output_item.added"u8))
            _items.Added(e);
        else if (type.SequenceEqual("output_item.done"u8))
            _items.Done(e);
        else if (type.SequenceEqual("output_text.annotation.added"u8))
            _items.Annotation(e);
        else if (type.EndsWith("part.done"u8)) // content_part, reasoning_summary_part; Bedrock's reasoning_part
            _items.PartDone(e);
        else if (type.SequenceEqual("output_text.done"u8))
            _items.Text(e, e.Whole, isRefusal: false, isWhole: true);
        else if (type.SequenceEqual("refusal.done"u8))
            _items.Text(e, e.Whole, isRefusal: true, isWhole: true);
        else if (type.SequenceEqual("reasoning_summary_text.done"u8))
            _items.Thoughts(e, e.Whole, isSummary: true, isWhole: true);
        else if (type.SequenceEqual("reasoning_text.done"u8))
            _items.Thoughts(e, e.Whole, isSummary: false, isWhole: true);
        else if (type.SequenceEqual("function_call_arguments.done"u8) || type.SequenceEqual("custom_tool_call_input.done"u8))
            _items.Arguments(e, e.Whole, isWhole: true);
    }

    private void Start(ReadOnlySpan<byte> response)
    {
        if (!_hasStarted)
            StartWith(new OpenAIResponsesAnswer(response.ToArray()));
    }

    private void StartWith(OpenAIResponsesAnswer answer)
    {
        if (_hasStarted)
            return;
        _hasStarted = true;
        TakeServiceTier(answer);
        var start = answer.Start;
        _items.Start = start;
        _sink.OnStart(in start);
    }

    private void TakeServiceTier(OpenAIResponsesAnswer answer)
    {
        if (answer.ServiceTier.Token.Length > 2)
            _serviceTier = answer.ServiceTier.Token[1..^1].ToArray();
    }

    private void Finish(ReadOnlySpan<byte> response, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var answer = new OpenAIResponsesAnswer(response.ToArray());
        if (answer.IsFailed)
        {
            Fail(ErrorReader.Read(0, data));
            return;
        }

        StartWith(answer);
        TakeServiceTier(answer);
        _items.Recount(answer.Output);
        if (answer.Usage is { } usage)
            _sink.OnUsage(in usage);
        var status = answer.Status.Length > 0 ? answer.Status : type;
        var reason = OpenAIResponsesStopReasons.Read(status, answer.IncompleteReason, _items.HasToolCalls);
        End(reason, Encoding.UTF8.GetString(answer.IncompleteReason.Length > 0 ? answer.IncompleteReason : status));
    }

    private void Complete(bool isMarked)
    {
        if (_hasEnded)
            return;
        if (isMarked && _hasStarted && _items.AreDone)
            End(_items.HasToolCalls ? StopReason.ToolCalls : StopReason.EndTurn, "completed");
        else
            Fail(new WireError { Class = ErrorClass.Server, Message = "The upstream's stream ended before its answer was complete.", Code = "upstream_stream_truncated" });
    }

    private void End(StopReason reason, string nativeReason)
    {
        _items.EndAll();
        if (_items.Fault is { } fault)
        {
            Fail(fault);
            return;
        }

        (_hasEnded, IsComplete) = (true, true);
        _sink.OnStop(reason, nativeReason, default);
        _sink.OnEnd();
    }

    private void Fail(WireError error)
    {
        _hasEnded = true;
        _sink.OnError(error);
    }
}
