using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Continuing;

/// <summary>
/// The data of events, each kept as what differs from the one before: how much of its beginning and of its end is the same, and what stands between. Events of one stream repeat
/// nearly all of each other, so a slow stream of 300 bytes an event holds a few dozen for each.
/// </summary>
internal sealed class EventHistory : IDisposable
{
    private const int FirstBytes = 512;

    private readonly PooledBuffer _kept = new();
    private readonly PooledBuffer _last = new();

    /// <summary>What is kept.</summary>
    public int Bytes => _kept.Length;

    /// <summary>Takes an event's data.</summary>
    public void Add(ReadOnlySpan<byte> data)
    {
        if (_kept.Length == 0)
            _kept.Expect(FirstBytes);
        var last = _last.WrittenSpan;
        var prefix = last.CommonPrefixLength(data);
        var lastRest = last[prefix..];
        var rest = data[prefix..];
        var suffix = 0;
        while (suffix < lastRest.Length && suffix < rest.Length && lastRest[^(suffix + 1)] == rest[^(suffix + 1)])
            suffix++;

        Write(prefix);
        Write(suffix);
        Write(rest.Length - suffix);
        rest[..^suffix].CopyTo(_kept.GetSpan(rest.Length));
        _kept.Advance(rest.Length - suffix);
        _last.Clear();
        _last.Expect(data.Length);
        _last.Write(data);
    }

    /// <summary>Writes all that is kept as server-sent events, and forgets it.</summary>
    public void WriteTo(PooledBuffer events)
    {
        var kept = _kept.WrittenSpan;
        var (start, length) = (0, 0); // of the event before, in what was written
        while (!kept.IsEmpty)
        {
            var (prefix, suffix, between) = (Read(ref kept), Read(ref kept), Read(ref kept));
            events.GetSpan("data: "u8.Length + prefix + between + suffix + 2);
            "data: "u8.CopyTo(events.GetSpan());
            events.Advance("data: "u8.Length);
            var (lastStart, lastLength) = (start, length);
            (start, length) = (events.Length, prefix + between + suffix);
            Copy(events, lastStart, prefix);
            kept[..between].CopyTo(events.GetSpan(between));
            events.Advance(between);
            Copy(events, lastStart + lastLength - suffix, suffix);
            "\n\n"u8.CopyTo(events.GetSpan(2));
            events.Advance(2);
            kept = kept[between..];
        }

        Dispose();
    }

    public void Dispose()
    {
        _kept.Dispose();
        _last.Dispose();
    }

    private static void Copy(PooledBuffer events, int start, int length)
    {
        var target = events.GetSpan(length);
        events.WrittenSpan.Slice(start, length).CopyTo(target);
        events.Advance(length);
    }

    // Seven bits a byte, the lowest first.
    private void Write(int value)
    {
        var target = _kept.GetSpan(5);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            target[length++] = (byte)(value | 0x80);
        target[length++] = (byte)value;
        _kept.Advance(length);
    }

    private static int Read(ref ReadOnlySpan<byte> kept)
    {
        var (value, shift) = (0, 0);
        while (true)
        {
            var part = kept[0];
            kept = kept[1..];
            value |= (part & 0x7F) << shift;
            if (part < 0x80)
                return value;
            shift += 7;
        }
    }
}
