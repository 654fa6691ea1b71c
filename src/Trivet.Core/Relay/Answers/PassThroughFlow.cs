using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Replay;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Answers;

/// <summary>Client and upstream speak the same protocol: every event goes on as it came, and the tap reads along.</summary>
internal sealed class PassThroughFlow : IAnswerFlow
{
    private const int WordBytesMax = 15;

    private readonly RelayCall _call;
    private readonly Attempt _attempt;
    private readonly bool _hidesUsage;
    private readonly IWireFormat _format;
    private readonly bool _watchesBlobs;
    private readonly IStreamReader? _thoughts;
    private readonly IStreamReader? _sample;
    private PassedEvents? _passed;
    private bool _estimatesInput;
    private int _cutOff;
    private int _eventsBeforeGap;

    public PassThroughFlow(RelayCall call, Attempt attempt)
    {
        (_call, _attempt, _hidesUsage, _format) = (call, attempt, call.Edits.AskedForUsage, call.Format); // it is the endpoint's as well
        _estimatesInput = _format.Protocol == Protocol.AnthropicMessages && attempt.Offering.Quirks(Protocol.AnthropicMessages).MessageStartUsageZero;
        _watchesBlobs = ReplayAnswers.WatchesBlobs(call, attempt);
        _thoughts = ReplayAnswers.ReadAlong(call, attempt);
        _sample = attempt.Sample is { } sample ? _format.CreateStreamReader(sample.Copy, attempt.Offering) : null;
        if (_format.OnlyPasses)
            return;
        call.Frame = _format.Protocol == Protocol.OpenAIResponses ? new OpenAIResponsesFrame() : null;
        if (Continuation.IsPossible(call))
            _passed = new PassedEvents(attempt.Endpoint.Protocol, attempt.Offering, static _ => true);
    }

    public bool ReleasesEarly => true;

    public int? Gap { get; private set; }

    public bool MayContinue => _passed is not null;

    public ReleasedAnswer? Released
    {
        get
        {
            if (Gap is null)
                _passed?.Read();
            return _passed?.Answer;
        }
    }

    public bool IsWhole
    {
        get
        {
            _passed?.Read();
            return Gap is null || !_call.Tap.HasToolCall && _passed is { Answer.IsSound: true } passed && passed.ContentEvents == _call.Tap.Usage?.OutputTotal;
        }
    }

    /// <summary>The upstream's own error event, kept back because another attempt may go on; empty for none.</summary>
    public byte[] Aside { get; private set; } = [];

    public void OnEvent(in SseEvent e)
    {
        var tap = _call.Tap;
        if (e.HasData)
        {
            var hadError = tap.Error is not null;
            _format.Observe(e, tap);
            if (!tap.IsUneventful && IsBroken(e))
            {
                if (!hadError)
                    tap.Error = null;
                Lose();
                return;
            }

            if (!hadError && tap.Error is not null && !IsTerminated(e.Raw) && !IsJson(e.Data))
                tap.Error = null; // the stream broke off within it: that is nobody's word, and the client is told so at the end

            if (_watchesBlobs)
                ReplayAnswers.NoteBlobs(_call, _attempt, e.Data);
            _thoughts?.OnEvent(e);
            _sample?.OnEvent(e);
            if (tap.Error is { } error && MayContinue && _call.IsCommitted && Continuation.Helps(_call, StreamedAnswer.InStream(_attempt, error)))
            {
                Aside = [.. Aside, .. e.Raw];
                return;
            }

            Note(e);
            if (_hidesUsage && tap.IsUsageOnlyEvent)
                return; // Trivet asked for it, the client did not
        }

        if (_estimatesInput && e.HasData && TryEstimate(e))
            return;
        if (IsTerminated(e.Raw) || tap.IsComplete)
            _call.Held.Write(e.Raw);
        else if (IsJson(e.Data))
            _call.Held.Write((byte[])[.. e.Raw, (byte)'\n', (byte)'\n']); // the stream broke off behind it: the error that follows is an event of its own
        else
            _cutOff++;
    }

    // The first event says what the vendor counts only at the end: clients that look at it get Trivet's estimate until then.
    private bool TryEstimate(in SseEvent e)
    {
        _estimatesInput = false;
        var data = e.Raw.IndexOf(e.Data);
        if (data < 0 || !AnthropicMessagesMissingInput.TryFind(e.Data, out var start, out var length))
            return false;
        _call.Held.Write(e.Raw[..(data + start)]);
        _call.Held.Write(Encoding.UTF8.GetBytes(Math.Max(1, _call.Scan.InputTokensEstimate).ToString(CultureInfo.InvariantCulture)));
        _call.Held.Write(e.Raw[(data + start + length)..]);
        return true;
    }

    public void Complete()
    {
        _thoughts?.Complete();
        _sample?.Complete();
        if (_call.Tap is { IsComplete: true, HasEndMarker: false, Error: null })
            _call.Held.Write(_format.EndMarker.Span); // the upstream said why it ended and left the rest out: some clients wait for it
    }

    public void Fail(WireError error)
    {
        var tap = _call.Tap;
        if (Aside.Length > 0 && Gap is null)
            _call.Held.Write(Aside);
        else
            _format.WriteStreamError(error, _call.RequestId, new StreamPlace(tap.FirstNumber + (Gap is null ? tap.EventCount - _cutOff : _eventsBeforeGap), tap.Id, tap.Model, _call.Frame), _call.Held);
    }

    public string ContentType(HttpResponseMessage response) => UpstreamAnswer.ContentType(response) ?? "text/event-stream";

    public void Forgo()
    {
        _passed?.Dispose();
        _passed = null;
    }

    public void Dispose() => _passed?.Dispose();

    // What was said is kept while others could go on with it: not beyond a call. Of what stands behind a gap the client has nothing.
    private void Note(in SseEvent e)
    {
        if (!_call.Tap.IsUneventful && Gap is null)
            _call.Frame?.Observe(e.Data);
        if (_passed is null)
            return;
        if (_call.Tap.HasToolCall && Gap is null)
        {
            Forgo();
            return;
        }

        if (e.Data.StartsWith("[DONE]"u8))
            return;
        _passed.Take(e.Data, _call.Tap.Uneventful, _call.Tap.IsUneventful);
    }

    private void Lose()
    {
        if (Gap is not null)
            return;
        Gap = _call.Held.Length;
        _eventsBeforeGap = _call.Tap.EventCount - 1 - _cutOff;
        _passed?.Read();
        _passed?.Answer.Freeze();
    }

    // A short word that is no object (ping) is somebody's keep-alive; an event that was cut off is no event.
    private static bool IsBroken(in SseEvent e)
    {
        var data = e.Data.Trim(" \t\r\n"u8);
        if (data.IsEmpty || data.StartsWith("[DONE]"u8) || (data[0] != (byte)'{' && data.Length <= WordBytesMax))
            return false;
        return IsTerminated(e.Raw) && !IsJson(data);
    }

    private static bool IsTerminated(ReadOnlySpan<byte> raw) => raw.EndsWith("\n\n"u8) || raw.EndsWith("\n\r\n"u8) || raw.EndsWith("\r\r"u8);

    private static bool IsJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
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

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };
}
