using System.Buffers;
using System.Net.Http;
using System.Text.Json;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Replay;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay;

/// <summary>Client and upstream speak the same protocol: every event goes on as it came, and the tap reads along.</summary>
internal sealed class PassThroughFlow(RelayCall call, Attempt attempt) : IAnswerFlow
{
    private readonly bool _hidesUsage = call.Edits.AskedForUsage;
    private readonly IWireFormat _format = call.Format; // it is the endpoint's as well
    private readonly bool _watchesBlobs = ReplayAnswers.WatchesBlobs(call, attempt);
    private readonly IStreamReader? _thoughts = ReplayAnswers.ReadAlong(call, attempt);
    private int _cutOff;

    public bool ReleasesEarly => true;

    public void OnEvent(in SseEvent e)
    {
        if (e.HasData)
        {
            _format.Observe(e, call.Tap);
            if (_watchesBlobs)
                ReplayAnswers.NoteBlobs(call, attempt, e.Data);
            _thoughts?.OnEvent(e);
            if (_hidesUsage && call.Tap.IsUsageOnlyEvent)
                return; // Trivet asked for it, the client did not
        }

        if (IsTerminated(e.Raw) || call.Tap.IsComplete)
            call.Held.Write(e.Raw);
        else if (IsJson(e.Data))
            call.Held.Write((byte[])[.. e.Raw, (byte)'\n', (byte)'\n']); // the stream broke off behind it: the error that follows is an event of its own
        else
            _cutOff++;
    }

    public void Complete()
    {
        _thoughts?.Complete();
        if (call.Tap is { IsComplete: true, HasEndMarker: false, Error: null })
            call.Held.Write(_format.EndMarker.Span); // the upstream said why it ended and left the rest out: some clients wait for it
    }

    public void Fail(WireError error) => _format.WriteStreamError(error, call.RequestId, call.Tap.FirstNumber + call.Tap.EventCount - _cutOff, call.Held);

    public string ContentType(HttpResponseMessage response) => UpstreamAnswer.ContentType(response) ?? "text/event-stream";

    private static bool IsTerminated(ReadOnlySpan<byte> raw) => raw.EndsWith("\n\n"u8) || raw.EndsWith("\n\r\n"u8) || raw.EndsWith("\r\r"u8);

    private static bool IsJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            while (reader.Read())
            {
                // to its end, or to where it was cut off
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Another protocol: each event is read to canonical and written in the client's.</summary>
internal sealed class TranslatingFlow : IAnswerFlow
{
    private readonly RelayCall _call;
    private readonly Attempt _attempt;
    private readonly IStreamReader _reader;
    private readonly IStreamSink _client;

    public TranslatingFlow(RelayCall call, Attempt attempt)
    {
        (_call, _attempt) = (call, attempt);
        var writer = ReplayAnswers.Wrap(call, attempt, call.Format.CreateStreamWriter(call.Held, ResponseContext.For(call, attempt), attempt.Losses));
        IStreamSink client = call.Canonical is { Aliases.IsEmpty: false } request ? new ToolAliasSink(writer, request.Aliases) : writer;
        _client = Enforcing.Wrap(attempt, client);
        Tap = new SinkTap(_client, call.Tap);
        _reader = WireFormats.Upstream(attempt.Endpoint.Protocol).CreateStreamReader(Tap, attempt.Offering);
    }

    public SinkTap Tap { get; }

    public bool ReleasesEarly => true;

    public void OnEvent(in SseEvent e)
    {
        if (!e.HasData)
            return;
        _reader.OnEvent(e);
        Note();
    }

    public void Complete()
    {
        _reader.Complete();
        Note();
        _attempt.Losses.AddUnsaid(_reader.Unsaid, _call.Format.Protocol);
    }

    public void Fail(WireError error) => _client.OnError(error);

    public string ContentType(HttpResponseMessage response) => "text/event-stream";

    private void Note()
    {
        _call.Tap.HasContent |= _reader.HasContent;
        _call.Tap.IsComplete |= _reader.IsComplete;
    }
}

/// <summary>
/// The upstream streams and the client wants a whole answer, or one that is looked at before any of it is released: the stream is folded, and played anew
/// where the client streams.
/// </summary>
internal sealed class FoldingFlow : IAnswerFlow
{
    private readonly RelayCall _call;
    private readonly Attempt _attempt;
    private readonly ResponseFolder _folder;
    private readonly IStreamReader _reader;

    public FoldingFlow(RelayCall call, Attempt attempt)
    {
        (_call, _attempt) = (call, attempt);
        _folder = new ResponseFolder(attempt.Endpoint.Protocol);
        _reader = WireFormats.Upstream(attempt.Endpoint.Protocol).CreateStreamReader(new SinkTap(_folder, call.Tap), attempt.Offering);
    }

    public bool ReleasesEarly => false;

    public void OnEvent(in SseEvent e)
    {
        if (e.HasData)
            _reader.OnEvent(e);
        _call.Tap.HasContent |= _reader.HasContent;
    }

    public void Complete()
    {
        _reader.Complete();
        _call.Tap.IsComplete = _reader.IsComplete;
        if (_call.Tap is not { IsComplete: true, Error: null })
            return;
        _attempt.Losses.AddUnsaid(_reader.Unsaid, _call.Format.Protocol);
        var response = Enforcing.Apply(_attempt, _folder.Response);
        if (_call.Canonical is { } request)
            ToolAliasSink.Apply(response, request.Aliases);
        if (AnswerChecks.Fault(_call, _attempt, response) is { } fault)
        {
            _call.Tap.Error = AnswerChecks.Refuse(_call, response, fault);
            return;
        }

        ReplayAnswers.Apply(_call, _attempt, response);
        WholeAnswer.Write(_call, _attempt, response);
    }

    public void Fail(WireError error)
    {
        // Nothing was released: the failure is an answer of its own.
    }

    public string ContentType(HttpResponseMessage response) => _call.Scan.Stream ? "text/event-stream" : "application/json";
}

/// <summary>What writers must know of the request that they answer.</summary>
internal static class ResponseContext
{
    public static ResponseWriterOptions For(RelayCall call, Attempt attempt) => new()
    {
        FallbackId = call.RequestId[RequestIds.PrefixLength..],
        RequestId = call.RequestId,
        FallbackModel = attempt.Offering.Model,
        CreatedAt = call.StartedMs / 1000,
        IncludeUsage = call.Scan.StreamUsage,
        InputTokensEstimate = call.Scan.InputTokensEstimate,
        ReasoningOrigin = OpaqueOrigin.IssuerOf(attempt.Offering.Upstream),
        RequestEcho = new RequestEcho(call.Body.WrittenMemory, call.Scan),
    };
}
