using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;

namespace Trivet.Sandbox.Streaming;

/// <summary>
/// Sends server-sent events, one flush each, and is the one place where time and stream faults happen. Faults by token count apply to
/// output tokens; <c>bad-json-event</c> counts events from 1. One JSON writer and one buffer serve the whole stream.
/// </summary>
internal sealed class EventSink : IDisposable
{
    private readonly HttpContext _http;
    private readonly Staging _staging;
    private readonly Style _style;
    private readonly Waiting _waiting;
    private readonly SandboxLogEntry _log;
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private readonly Utf8JsonWriter _json;
    private readonly byte[] _lineEnd;
    private readonly Func<EventSink, ValueTask> _errorEvent;
    private readonly bool _isArray;
    private int _dataStart;
    private bool _hasWaited;
    private bool _hasStalled;

    public EventSink(HttpContext http, Staging staging, Style style, bool isArray, Waiting waiting, SandboxLogEntry log, Func<EventSink, ValueTask> errorEvent)
    {
        (_http, _staging, _style, _isArray, _waiting, _log, _errorEvent) = (http, staging, style, isArray, waiting, log, errorEvent);
        _json = new Utf8JsonWriter(_buffer, Json.Writer);
        _lineEnd = style.Crlf ? "\r\n"u8.ToArray() : "\n"u8.ToArray();
    }

    /// <summary>How many events have gone out, staged extras aside.</summary>
    public int Sent { get; private set; }

    /// <summary>Starts an event and hands out the writer for its data. <paramref name="eventName"/> empty: no <c>event:</c> line.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> eventName = default)
    {
        _buffer.ResetWrittenCount();
        if (!eventName.IsEmpty)
        {
            _buffer.Write("event: "u8);
            _buffer.Write(eventName);
            _buffer.Write(_lineEnd);
        }

        _buffer.Write(!_isArray ? "data: "u8 : Sent == 0 ? "["u8 : ",\r\n"u8);
        _dataStart = _buffer.WrittenCount;
        _json.Reset(_buffer);
        return _json;
    }

    /// <summary>Sends the event begun last; it carries <paramref name="tokens"/> output tokens (0: framing).</summary>
    public async ValueTask SendAsync(int tokens = 0, bool isPreamble = false)
    {
        _json.Flush();
        if (!_hasWaited && !(isPreamble && _staging.Preamble))
        {
            _hasWaited = true;
            await _waiting.WaitAsync(_http, _staging.FirstTokenMs, _staging.CommentEveryMs);
        }

        if (_staging.Applied.Count > 0)
        {
            await StageAsync(tokens);
        }

        if (_style.Chatter && _log.Events % 8 == 0)
        {
            await WriteAsync(": SANDBOX PROCESSING\n\n"u8.ToArray());
        }

        if (!_isArray)
        {
            _buffer.Write(_lineEnd);
            _buffer.Write(_lineEnd);
        }

        await WriteAsync(_buffer.WrittenMemory);
        Sent++;
        _log.Events++;
        _log.TokensSent += tokens;
    }

    /// <summary>Sends data that is not JSON, such as <c>[DONE]</c>.</summary>
    public ValueTask SendLiteralAsync(ReadOnlySpan<byte> data)
    {
        _ = Begin();
        _buffer.Write(data);
        return SendAsync();
    }

    /// <summary>Closes the array of a stream that is one.</summary>
    public ValueTask EndArrayAsync() => _isArray ? WriteAsync("]"u8.ToArray()) : default;

    public void Dispose() => _json.Dispose();

    private async ValueTask StageAsync(int tokens)
    {
        if (_staging.TokensPerSecond > 0 && tokens > 0)
        {
            await _waiting.WaitAsync(_http, (int)(1000 * tokens / _staging.TokensPerSecond), _staging.CommentEveryMs);
        }

        if (IsDue(_staging.CutAfterTokens, tokens))
        {
            throw new StagedEnd(isCut: true);
        }

        if (IsDue(_staging.StallAfterTokens, tokens) && !_hasStalled)
        {
            _hasStalled = true;
            await _waiting.WaitAsync(_http, _staging.StallMs, _staging.CommentEveryMs);
        }

        if (IsDue(_staging.ErrorEventAfterTokens, tokens))
        {
            _staging.ErrorEventAfterTokens = null;
            await _errorEvent(this);
            throw new StagedEnd(isCut: false);
        }

        if (_staging.BadJsonEvent == _log.Events + 1)
        {
            await BreakAsync();
        }
    }

    private bool IsDue(int? afterTokens, int tokens) => afterTokens is { } after && (_log.TokensSent >= after || _log.TokensSent + tokens > after);

    private async ValueTask BreakAsync()
    {
        var whole = _buffer.WrittenSpan.ToArray();
        var kept = _dataStart + (whole.Length - _dataStart) * 2 / 3;
        if (_staging.BadJsonIsExtra)
        {
            var broken = new ArrayBufferWriter<byte>(whole.Length);
            broken.Write(whole.AsSpan(0, kept));
            broken.Write(_lineEnd);
            broken.Write(_lineEnd);
            await WriteAsync(broken.WrittenMemory);
            _log.Events++;
            return;
        }

        _buffer.ResetWrittenCount();
        _buffer.Write(whole.AsSpan(0, kept));
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _http.Response.BodyWriter.WriteAsync(bytes, _http.RequestAborted);
        _http.RequestAborted.ThrowIfCancellationRequested();
    }
}

/// <summary>Waits on the sandbox's clock, sending comment lines meanwhile if asked to.</summary>
internal sealed class Waiting(TimeProvider time)
{
    private static readonly byte[] Comment = Encoding.UTF8.GetBytes(": keep-alive\n\n");

    public async ValueTask WaitAsync(HttpContext http, int forMs, int commentEveryMs = 0)
    {
        while (forMs > 0)
        {
            var nowMs = commentEveryMs > 0 ? Math.Min(forMs, commentEveryMs) : forMs;
            await Task.Delay(TimeSpan.FromMilliseconds(nowMs), time, http.RequestAborted);
            forMs -= nowMs;
            if (commentEveryMs > 0 && forMs > 0)
            {
                await http.Response.BodyWriter.WriteAsync(Comment, http.RequestAborted);
            }
        }
    }
}
