using System.Buffers;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// The events of a stream that passed through, kept small until somebody needs to know what was said: deltas that differ from each other in one string only are
/// one event whose string grows, of others only what differs is kept, and what has gathered is read now and then. A content delta costs a copy of its text,
/// and of a short stream that does not break off nothing is read at all.
/// </summary>
internal sealed class PassedEvents(Protocol protocol, Offering offering, Func<WireError, bool> withholds) : IDisposable
{
    private const int UnreadBytesMax = 8 * 1024;
    private const int RunBytesFirst = 1024;

    private readonly EventHistory _unread = new();
    private readonly PooledBuffer _run = new();
    private IStreamReader? _reader;
    private AnswerTap? _counted;
    private ReleasedAnswer? _answer;
    private byte[] _runEnd = [];
    private int _runLesson;
    private bool _isRun;
    private int _joined;

    /// <summary>What the events say; complete after <see cref="Read"/>.</summary>
    public ReleasedAnswer Answer => _answer ??= new ReleasedAnswer(null, withholds);

    /// <summary>How many pieces of content came; complete after <see cref="Read"/>.</summary>
    public int ContentEvents => (_counted?.ContentEvents ?? 0) + _joined;

    /// <summary>Takes an event that goes to the client.</summary>
    public void Take(ReadOnlySpan<byte> data, EventTemplate template, bool matches)
    {
        if (matches && template.Variable(data) is { IsEmpty: false } text)
        {
            if (_isRun && _runLesson == template.Lessons)
            {
                _run.Write(text);
                _joined++;
                return;
            }

            EndRun();
            (_isRun, _runLesson) = (true, template.Lessons);
            _runEnd = template.Suffix(data).ToArray();
            _run.Expect(RunBytesFirst);
            _run.Write(data[..^_runEnd.Length]);
            return;
        }

        EndRun();
        _unread.Add(JsonTokens.OnOneLine(data));
        if (_unread.Bytes > UnreadBytesMax)
            Read();
    }

    /// <summary>Reads what has gathered.</summary>
    public void Read()
    {
        EndRun();
        using var events = new PooledBuffer();
        _unread.WriteTo(events);
        if (!Answer.IsSound)
            return;
        using var reader = new SseReader();
        reader.Feed(events.WrittenSpan, _reader ??= CreateReader());
    }

    public void Dispose()
    {
        _unread.Dispose();
        _run.Dispose();
    }

    private IStreamReader CreateReader()
    {
        var reader = WireFormats.Upstream(protocol).CreateStreamReader(new SinkTap(Answer, _counted = new AnswerTap()), offering);
        reader.SkipsMalformed = true;
        return reader;
    }

    private void EndRun()
    {
        if (!_isRun)
            return;
        _isRun = false;
        _run.Write(_runEnd);
        _unread.Add(_run.WrittenSpan);
        _run.Dispose();
    }
}
