using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>
/// Keeps the client's stop sequences where the upstream cannot or does not: ends the answer's text before the first of them and says so. The beginning of a
/// sequence at the end of what has come is held back until it is known to be none. What the upstream says afterwards is left out; its usage still counts.
/// </summary>
public sealed class StopSequenceSink : IStreamSink
{
    private readonly IStreamSink _next;
    private readonly List<(JsonText Sequence, byte[] Utf8)> _stops = [];
    private readonly HashSet<int> _open = [];
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly ArrayBufferWriter<byte> _token = new();
    private readonly TokenBuffer _halves = new();
    private JsonText _met;
    private int _block = -1;

    /// <summary>Enforces <paramref name="stops"/> on what goes to <paramref name="next"/>.</summary>
    public StopSequenceSink(IStreamSink next, IEnumerable<JsonText> stops)
    {
        _next = next;
        foreach (var stop in stops)
        {
            if (stop.IsEmpty)
                continue;
            var decoded = new ArrayBufferWriter<byte>();
            stop.CopyDecodedTo(decoded);
            _stops.Add((stop.Detach(), decoded.WrittenSpan.ToArray())); // outlives the request's buffer
        }
    }

    /// <summary>A stop sequence was met.</summary>
    public bool IsStopped => !_met.IsNull;

    /// <summary>A whole answer, ended before the first stop sequence.</summary>
    public static CanonicalResponse Apply(CanonicalResponse response, IEnumerable<JsonText> stops)
    {
        var folder = new ResponseFolder(response.Origin);
        var sink = new StopSequenceSink(folder, stops);
        ResponsePlayer.Play(response, sink);
        if (!sink.IsStopped)
            return response;
        folder.Response.ServiceTier = response.ServiceTier;
        folder.Response.Extra.AddRange(response.Extra);
        folder.Response.Echo.AddRange(response.Echo);
        return folder.Response;
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start) => _next.OnStart(start);

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        if (IsStopped)
            return;
        _open.Add(block);
        _next.OnBlockStart(block, start);
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        if (!_open.Contains(block))
            return;
        if (_block != block)
            Flush();
        _block = block;
        _halves.Append(token);
        if (JsonTokens.EndsInHalfPair(_halves.Contents))
            return;
        JsonTokens.Unquote(_halves.AsToken(), _pending);
        _halves.Clear();
        if (FindStop(out var at, out var met))
        {
            Emit(at);
            Stop(met);
        }
        else
        {
            Emit(_pending.WrittenCount - HeldBytes());
        }
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        if (_open.Contains(block))
            _next.OnReasoningDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        if (_open.Contains(block))
            _next.OnArgumentsDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        if (_open.Contains(block))
            _next.OnBlockAttribute(block, attribute, value);
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (!_open.Contains(block))
            return;
        if (_block == block)
            Flush();
        _open.Remove(block);
        _next.OnBlockEnd(block);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => _next.OnUsage(usage);

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        if (IsStopped)
            _next.OnStop(StopReason.StopSequence, null, _met);
        else
            _next.OnStop(reason, nativeReason, stopSequence);
    }

    /// <inheritdoc/>
    public void OnError(WireError error) => _next.OnError(error);

    /// <inheritdoc/>
    public void OnEnd() => _next.OnEnd();

    private void Stop(JsonText met)
    {
        _met = met;
        foreach (var open in _open.Order())
            _next.OnBlockEnd(open);
        _open.Clear();
        _pending.ResetWrittenCount();
    }

    // The block ended, or another one speaks: no sequence can be completed any more.
    private void Flush()
    {
        if (!_halves.IsEmpty)
            JsonTokens.Unquote(_halves.AsToken(), _pending);
        _halves.Clear();
        Emit(_pending.WrittenCount);
        _block = -1;
    }

    private void Emit(int bytes)
    {
        if (bytes > 0)
        {
            _token.ResetWrittenCount();
            JsonTokens.Quote(_pending.WrittenSpan[..bytes], _token);
            _next.OnTextDelta(_block, _token.WrittenSpan);
        }

        var rest = _pending.WrittenSpan[bytes..].ToArray();
        _pending.ResetWrittenCount();
        _pending.Write(rest);
    }

    private bool FindStop(out int at, out JsonText met)
    {
        (at, met) = (int.MaxValue, default);
        foreach (var (sequence, utf8) in _stops)
        {
            var found = _pending.WrittenSpan.IndexOf(utf8);
            if (found >= 0 && found < at)
                (at, met) = (found, sequence);
        }

        return !met.IsNull;
    }

    // The longest end of what has come that is the beginning of a stop sequence.
    private int HeldBytes()
    {
        var held = 0;
        var text = _pending.WrittenSpan;
        foreach (var (_, utf8) in _stops)
        {
            for (var length = Math.Min(utf8.Length - 1, text.Length); length > held; length--)
            {
                if (text.EndsWith(utf8.AsSpan(0, length)))
                    held = length;
            }
        }

        return held;
    }
}
