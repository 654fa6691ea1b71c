using System.Buffers;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// The events of a stream that passed through, kept small until somebody needs to know what was said: deltas that differ from each other in one string only are
/// one event whose string grows, and what has gathered is read now and then. A content delta costs a copy of its text.
/// </summary>
internal sealed class PassedEvents : IDisposable
{
    private const int UnreadBytesMax = 32 * 1024;

    private readonly PooledBuffer _unread = new();
    private readonly IStreamReader _reader;
    private readonly AnswerTap _counted = new();
    private byte[] _runEnd = [];
    private int _runLesson;
    private bool _isRun;
    private int _joined;

    public PassedEvents(Protocol protocol, Offering offering, Func<WireError, bool> withholds)
    {
        Answer = new ReleasedAnswer(null, withholds);
        _reader = WireFormats.Upstream(protocol).CreateStreamReader(new SinkTap(Answer, _counted), offering);
        _reader.SkipsMalformed = true;
    }

    /// <summary>What the events say; complete after <see cref="Read"/>.</summary>
    public ReleasedAnswer Answer { get; }

    /// <summary>How many pieces of content came; complete after <see cref="Read"/>.</summary>
    public int ContentEvents => _counted.ContentEvents + _joined;

    /// <summary>Takes an event that goes to the client.</summary>
    public void Take(ReadOnlySpan<byte> data, EventTemplate template, bool matches)
    {
        if (matches && template.Variable(data) is { IsEmpty: false } text)
        {
            if (_isRun && _runLesson == template.Lessons)
            {
                _unread.Write(text);
                _joined++;
                return;
            }

            EndRun();
            (_isRun, _runLesson) = (true, template.Lessons);
            _runEnd = template.Suffix(data).ToArray();
            _unread.Write("data: "u8);
            _unread.Write(data[..^_runEnd.Length]);
            return;
        }

        EndRun();
        _unread.Write("data: "u8);
        _unread.Write(JsonTokens.OnOneLine(data));
        _unread.Write("\n\n"u8);
        if (_unread.Length > UnreadBytesMax)
            Read();
    }

    /// <summary>Reads what has gathered.</summary>
    public void Read()
    {
        EndRun();
        if (Answer.IsSound)
        {
            using var events = new SseReader();
            events.Feed(_unread.WrittenSpan, _reader);
        }

        _unread.Clear();
    }

    public void Dispose() => _unread.Dispose();

    private void EndRun()
    {
        if (!_isRun)
            return;
        _isRun = false;
        _unread.Write(_runEnd);
        _unread.Write("\n\n"u8);
    }
}
