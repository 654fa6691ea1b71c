using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Replay;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Answers;

/// <summary>Another protocol, or another attempt's stream: each event is read to canonical and written in the client's.</summary>
internal sealed class TranslatingFlow : IAnswerFlow
{
    private readonly RelayCall _call;
    private readonly Attempt _attempt;
    private readonly IStreamReader _reader;
    private readonly IStreamSink _client;
    private readonly SpliceSink? _splice;

    public TranslatingFlow(RelayCall call, Attempt attempt)
    {
        (_call, _attempt) = (call, attempt);
        IStreamSink client;
        if (call.Continuation is { } going)
        {
            going.Reopen(call, attempt);
            Released = going.Answer;
            client = _splice = new SpliceSink(going, going.Answer);
        }
        else
        {
            client = ReplayAnswers.Wrap(call, attempt, call.Format.CreateStreamWriter(call.Held, ResponseContext.For(call, attempt), attempt.Losses));
            if (Continuation.IsPossible(call))
                client = Released = new ReleasedAnswer(client, error => call.IsCommitted && Continuation.Helps(call, StreamedAnswer.InStream(attempt, error)), call.Format.WritesCallsWhole);
        }

        if (attempt.Sample is { } sample)
            client = new TeeSink(client, sample.Copy);
        if (call.Canonical is { Aliases.IsEmpty: false } request)
            client = new ToolAliasSink(client, request.Aliases);
        _client = Enforcing.Wrap(attempt, client);
        _reader = WireFormats.Upstream(attempt.Endpoint.Protocol).CreateStreamReader(new SinkTap(_client, call.Tap), attempt.Offering);
    }

    public bool ReleasesEarly => true;

    public int? Gap { get; private set; }

    public bool MayContinue => Released is { IsSound: true };

    public ReleasedAnswer? Released { get; }

    public bool IsWhole => Gap is null || !_call.Tap.HasToolCall && _call.Tap.ContentEvents == _call.Tap.Usage?.OutputTotal;

    public bool HasDiverged => _splice is { HasDiverged: true };

    public void OnEvent(in SseEvent e)
    {
        if (!e.HasData)
            return;
        _reader.SkipsMalformed = Gap is not null || MayContinue; // what comes behind a gap can be taken back only where the client's stream can be made again
        _reader.OnEvent(e);
        Note();
    }

    public void Complete()
    {
        _reader.Complete();
        Note();
        _attempt.Losses.AddUnsaid(_reader.Unsaid, _call.Format.Protocol);
    }

    public void Fail(WireError error)
    {
        if (Released is { } released)
            released.Next?.OnError(error);
        else
            _client.OnError(error);
    }

    public void Forgo() => Released?.GiveUp();

    public string ContentType(HttpResponseMessage response) => "text/event-stream";

    public void Dispose()
    {
        // It holds nothing but the call's own.
    }

    private void Note()
    {
        _call.Tap.HasContent |= _reader.HasContent;
        _call.Tap.IsComplete |= _reader.IsComplete;
        if (_call.Tap.ServiceTier.Length == 0 && !_reader.ServiceTier.IsEmpty)
            _call.Tap.TakeServiceTier(_reader.ServiceTier);
        if (_reader.MalformedEvents == 0 || Gap is not null)
            return;
        Gap = _call.Held.Length;
        Released?.Freeze();
    }
}
