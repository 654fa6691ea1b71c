using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Replay;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Answers;

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
        if (!_reader.ServiceTier.IsEmpty)
        {
            _call.Tap.TakeServiceTier(_reader.ServiceTier);
            _folder.Response.ServiceTier = JsonText.FromToken((byte[])[(byte)'"', .. _reader.ServiceTier, (byte)'"']);
        }

        var response = Enforcing.Apply(_attempt, _folder.Response);
        if (_call.Canonical is { } request)
            ToolAliasSink.Apply(response, request.Aliases);
        if (AnswerChecks.Fault(_call, _attempt, response) is { } fault)
        {
            _call.Tap.Error = AnswerChecks.Refuse(_call, response, fault);
            return;
        }

        _attempt.Sample?.Take(response);
        ReplayAnswers.Apply(_call, _attempt, response);
        HasDiverged = !WholeAnswer.Write(_call, _attempt, response);
    }

    public bool HasDiverged { get; private set; }

    public int? Gap => null;

    public bool MayContinue => false;

    public ReleasedAnswer? Released => null;

    public bool IsWhole => true;

    public void Forgo()
    {
        // It is released whole or not at all.
    }

    public void Dispose()
    {
        // It holds nothing but the call's own.
    }

    public void Fail(WireError error)
    {
        // Nothing was released: the failure is an answer of its own.
    }

    public string ContentType(HttpResponseMessage response) => _call.Scan.Stream ? "text/event-stream" : "application/json";
}
