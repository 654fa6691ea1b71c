using System.Buffers;

namespace Trivet.Wire.Sse;

/// <summary>
/// Cuts a byte stream into whole server-sent events: LF, CRLF or CR line ends, comments, events without <c>event:</c>, several <c>data:</c>
/// lines, a byte-order mark, a last event without its blank line. Fed in pieces of any size; an event that lies whole in the piece is handed
/// on without a copy, and only an incomplete tail is kept. Not thread-safe; one per stream; <see cref="Dispose"/> returns its buffers.
/// </summary>
public sealed class SseReader : IDisposable
{
    /// <summary>Default limit of one event in bytes: 32 MiB holds any image that a vendor streams back whole.</summary>
    public const int EventBytesMaxDefault = 32 * 1024 * 1024;

    private const int CarryStepBytes = 1024;

    private readonly int _eventBytesMax;
    private byte[] _carry = [];
    private int _carried;
    private int _searched; // bytes of the carry that were searched already, so that feeding byte by byte stays linear
    private int _lineStart;
    private byte[] _joined = [];
    private int _joinedLength;
    private int _lineCount; // lines of the event being searched
    private int _firstLineEnd;
    private bool _first = true;

    /// <summary>A reader with its limit in bytes for one event.</summary>
    public SseReader(int eventBytesMax = EventBytesMaxDefault)
    {
        _eventBytesMax = eventBytesMax;
    }

    /// <summary>An incomplete event is held back.</summary>
    public bool HasTail => _carried > 0;

    /// <summary>Takes the next bytes and hands on the events that they complete. False when one event exceeds the limit.</summary>
    public bool Feed(ReadOnlySpan<byte> bytes, ISseHandler handler)
    {
        while (_carried > 0 && !bytes.IsEmpty)
        {
            if (!FeedTail(ref bytes, handler))
                return false;
        }

        if (bytes.IsEmpty)
            return true;
        var used = Cut(bytes, handler);
        return used == bytes.Length || Keep(bytes[used..]);
    }

    // Completes the event that was held back with as little as a step of the piece: the rest is cut where it stands, without a copy.
    private bool FeedTail(ref ReadOnlySpan<byte> bytes, ISseHandler handler)
    {
        var step = Math.Min(bytes.Length, CarryStepBytes);
        if (!Keep(bytes[..step]))
            return false;
        var consumed = Cut(_carry.AsSpan(0, _carried), handler);
        var left = _carried - consumed;
        if (consumed == 0)
        {
            bytes = bytes[step..];
            return true;
        }

        // What is left stands in the piece itself.
        bytes = bytes[(step - left)..];
        _carried = 0;
        (_searched, _lineStart, _lineCount) = (0, 0, 0);
        Release(ref _carry);
        return true;
    }

    /// <summary>The stream has ended: hands on a last event that stands without its blank line.</summary>
    public void Complete(ISseHandler handler)
    {
        if (_carried > 0)
            Dispatch(_carry.AsSpan(0, _carried), handler);
        _carried = 0;
        Release(ref _carry);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _carried = 0;
        Release(ref _carry);
        Release(ref _joined);
    }

    // Returns how many bytes made whole events. Leaves _searched and _lineStart relative to what remains.
    private int Cut(ReadOnlySpan<byte> bytes, ISseHandler handler)
    {
        var start = 0;
        while (true)
        {
            var rest = bytes[start..];
            var end = FindEventEnd(rest);
            if (end < 0)
                return start;
            if (_lineCount == 1 && !_first && TryValue(rest[.._firstLineEnd], "data"u8, out var data))
                handler.OnEvent(new SseEvent { Raw = rest[..end], Data = data, HasData = true });
            else
                Dispatch(rest[..end], handler);
            start += end;
            (_searched, _lineStart, _lineCount) = (0, 0, 0);
        }
    }

    private int FindEventEnd(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var next = bytes[_searched..].IndexOfAny((byte)'\n', (byte)'\r');
            if (next < 0)
            {
                _searched = bytes.Length;
                return -1;
            }

            var at = _searched + next;
            var after = at + 1;
            if (bytes[at] == (byte)'\r')
            {
                if (after == bytes.Length)
                {
                    _searched = at; // a line feed may follow: decide with the next bytes
                    return -1;
                }

                if (bytes[after] == (byte)'\n')
                    after++;
            }

            var isBlank = at == _lineStart;
            (_searched, _lineStart) = (after, after);
            if (isBlank)
                return after;
            if (++_lineCount == 1)
                _firstLineEnd = at;

            // Nearly every event ends here, with an empty line behind its one line of data: no need to search for it.
            if (after < bytes.Length && bytes[after] == (byte)'\n')
            {
                _searched = _lineStart = after + 1;
                return after + 1;
            }
        }
    }

    private void Dispatch(ReadOnlySpan<byte> raw, ISseHandler handler)
    {
        var lines = raw;
        if (_first)
        {
            _first = false;
            if (lines.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                lines = lines[3..];
        }

        ReadOnlySpan<byte> name = default, data = default;
        var dataLines = 0;
        _joinedLength = 0;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            if (line.IsEmpty || line[0] == (byte)':')
                continue;
            if (TryValue(line, "data"u8, out var value))
            {
                if (++dataLines == 1)
                    data = value;
                else
                    data = Join(data, value);
            }
            else if (TryValue(line, "event"u8, out value))
            {
                name = value;
            }
        }

        handler.OnEvent(new SseEvent { Raw = raw, Name = name, Data = data, HasData = dataLines > 0 });
    }

    private static bool TryValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith(field))
            return false;
        if (line.Length == field.Length)
            return true;
        if (line[field.Length] != (byte)':')
            return false;
        value = line[(field.Length + 1)..];
        if (!value.IsEmpty && value[0] == (byte)' ')
            value = value[1..];
        return true;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> next)
    {
        if (_joinedLength == 0)
            Append(ref _joined, ref _joinedLength, first);
        Append(ref _joined, ref _joinedLength, "\n"u8);
        Append(ref _joined, ref _joinedLength, next);
        return _joined.AsSpan(0, _joinedLength);
    }

    private bool Keep(ReadOnlySpan<byte> bytes)
    {
        if (_carried + bytes.Length > _eventBytesMax)
            return false;
        Append(ref _carry, ref _carried, bytes);
        return true;
    }

    private static void Append(ref byte[] buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        var needed = length + bytes.Length;
        if (needed > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 512));
            buffer.AsSpan(0, length).CopyTo(larger);
            Release(ref buffer);
            buffer = larger;
        }

        bytes.CopyTo(buffer.AsSpan(length));
        length = needed;
    }

    private static void Release(ref byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}
