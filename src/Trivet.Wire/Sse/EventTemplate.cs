using System.Buffers;

namespace Trivet.Wire.Sse;

/// <summary>
/// Recognises events that differ from an earlier one only inside one JSON string: the content deltas that make up nearly all of a stream. An event with the
/// same beginning and the same end, and between them neither quote nor backslash, has the same tokens, so what was found out about the earlier one holds
/// for it too. Two comparisons of memory replace several searches. One per stream; not thread-safe.
/// </summary>
public sealed class EventTemplate
{
    // Vendors that put a second changing field into every event (padding, counters) never match; then learning stops.
    private const int LessonsMax = 24;
    private const int BytesMax = 4096;

    private static readonly SearchValues<byte> Structural = SearchValues.Create("\"\\"u8);

    private byte[] _last = [];
    private int _length;
    private int _prefix;
    private int _suffix;
    private int _lessons;

    /// <summary>How often an event was learned: what matched before and after may differ.</summary>
    public int Lessons => _lessons;

    /// <summary>Of an event that matches: the contents of the string in which it differs from the others.</summary>
    public ReadOnlySpan<byte> Variable(ReadOnlySpan<byte> data) => data[_prefix..^_suffix];

    /// <summary>Of an event that matches: what stands behind that string.</summary>
    public ReadOnlySpan<byte> Suffix(ReadOnlySpan<byte> data) => data[^_suffix..];

    /// <summary>Whether an event has the tokens of the one learned.</summary>
    public bool Matches(ReadOnlySpan<byte> data)
    {
        if (_prefix == 0 || data.Length < _prefix + _suffix)
            return false;
        var last = _last.AsSpan(0, _length);
        return data[.._prefix].SequenceEqual(last[.._prefix])
            && data[^_suffix..].SequenceEqual(last[^_suffix..])
            && !data[_prefix..^_suffix].ContainsAny(Structural);
    }

    /// <summary>Takes an event as the one to compare with. Call it for events of which nothing needs to be known.</summary>
    public void Learn(ReadOnlySpan<byte> data)
    {
        var last = _last.AsSpan(0, _length);
        if (_lessons >= LessonsMax || data.Length > BytesMax || data.SequenceEqual(last))
            return; // one that repeats another teaches nothing
        _lessons++;
        _prefix = last.CommonPrefixLength(data);
        _suffix = CommonSuffixLength(last[_prefix..], data[_prefix..]);
        if (_suffix == 0 || !IsInsideString(data[.._prefix]) || data[_prefix..^_suffix].ContainsAny(Structural) || last[_prefix..^_suffix].ContainsAny(Structural))
            _prefix = 0;
        else
            WidenToString(data);
        if (_last.Length < data.Length)
            _last = new byte[data.Length + 64];
        data.CopyTo(_last);
        _length = data.Length;
    }

    /// <summary>Forgets what was learned.</summary>
    public void Reset() => (_length, _prefix, _suffix, _lessons) = (0, 0, 0, 0);

    // Two texts may have begun or ended alike; the next need not. What may differ is the whole string.
    private void WidenToString(ReadOnlySpan<byte> data)
    {
        _prefix = data[.._prefix].LastIndexOf((byte)'"') + 1;
        _suffix -= Math.Max(data[^_suffix..].IndexOf((byte)'"'), 0);
    }

    private static int CommonSuffixLength(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var length = 0;
        while (length < a.Length && length < b.Length && a[^(length + 1)] == b[^(length + 1)])
            length++;
        return length;
    }

    // Whether the text so far ends within a string, and not behind a backslash.
    private static bool IsInsideString(ReadOnlySpan<byte> json)
    {
        var isInside = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] == (byte)'"')
                isInside = !isInside;
            else if (json[i] == (byte)'\\' && isInside && ++i == json.Length)
                return false;
        }

        return isInside;
    }
}
