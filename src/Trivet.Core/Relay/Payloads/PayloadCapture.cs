using System.Text;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Payloads;

/// <summary>Gathers one request's payload while it is answered: the beginning of either side, up to a bound. Of a key whose payloads are recorded only.</summary>
internal sealed class PayloadCapture : IDisposable
{
    private readonly int _bytesMax;
    private readonly PooledBuffer _answer = new();
    private readonly string _request;
    private readonly long _requestBytes;
    private long _answerBytes;

    /// <param name="request">What the client sent.</param>
    /// <param name="bytesMax">What is kept of either side, bytes.</param>
    public PayloadCapture(ReadOnlySpan<byte> request, int bytesMax)
    {
        _bytesMax = bytesMax;
        _request = TextOf(request[..Math.Min(request.Length, bytesMax)]);
        _requestBytes = request.Length;
    }

    /// <summary>The client gets this.</summary>
    public void Answer(ReadOnlySpan<byte> bytes)
    {
        _answerBytes += bytes.Length;
        var room = Math.Min(bytes.Length, _bytesMax - _answer.Length);
        if (room <= 0)
            return;
        bytes[..room].CopyTo(_answer.GetSpan(room));
        _answer.Advance(room);
    }

    /// <summary>All of it.</summary>
    public RecordedPayload ToPayload(RelayCall call, TimeSpan keep) => new()
    {
        RequestId = call.RequestId,
        Organisation = call.Key!.Organisation,
        AtMs = call.StartedMs,
        ExpiresMs = call.StartedMs + (long)keep.TotalMilliseconds,
        Request = _request,
        RequestBytes = _requestBytes,
        Answer = TextOf(_answer.WrittenSpan),
        AnswerBytes = _answerBytes,
    };

    /// <inheritdoc />
    public void Dispose() => _answer.Dispose();

    // PostgreSQL takes no NUL in a text, and JSON has none but where it is broken.
    private static string TextOf(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes).Replace('\0', '\uFFFD');
}
