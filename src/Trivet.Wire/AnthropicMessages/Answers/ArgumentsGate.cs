using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Answers;

/// <summary>
/// Lets a tool call's arguments through as they stream in, in whole members only: the bytes of a member are held until the next comma or the
/// closing brace, and then checked. So what went out can always be closed with one brace, and a call that the upstream cut off or botched becomes an
/// object of the members that were whole; a half-written command is never handed to an agent. Anthropic itself holds each member until it is
/// whole, unless asked for eager streaming. Works on escaped text, in linear time: each byte is looked at once for structure, once for validity.
/// </summary>
internal sealed class ArgumentsGate
{
    private readonly TokenBuffer _held = new();
    private readonly TokenBuffer _escapedMember = new();
    private readonly ArrayBufferWriter<byte> _member = new();
    private int _scanned;
    private int _depth;
    private bool _isInString;
    private bool _isEscape;
    private bool _isBroken;
    private bool _hasReleased;

    /// <summary>A whole object has gone through.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Something was left out or added.</summary>
    public bool IsRepaired { get; private set; }

    /// <summary>Takes a quoted fragment and returns the escaped contents that may go out now, to be sent before the next call; empty for none.</summary>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> token, TokenBuffer released)
    {
        released.Clear();
        if (IsComplete || _isBroken)
        {
            // Blanks behind the object mean nothing; anything else is a second value that no client could read.
            if (token.Length > 2 && !IsBlank(token[1..^1]))
                IsRepaired = true;
            return default;
        }

        _held.Append(token);
        Scan(released);
        return released.Contents;
    }

    /// <summary>The call has ended: returns the escaped contents that make what went out one JSON object.</summary>
    public ReadOnlySpan<byte> Finish(TokenBuffer released)
    {
        released.Clear();
        if (IsComplete)
            return default;
        if (!_hasReleased)
        {
            var whole = _held.Decode();
            if (!_isBroken && ToolArguments.TryAsObject(whole, out var json))
            {
                IsComplete = true;
                var quoted = new ArrayBufferWriter<byte>(json.Length + 16);
                JsonTokens.Quote(json.Span, quoted);
                released.Append(quoted.WrittenSpan);
                return released.Contents;
            }

            released.AppendContents("{"u8);
        }

        (IsComplete, IsRepaired) = (true, true);
        released.AppendContents("}"u8);
        return released.Contents;
    }

    /// <summary>The whole members of arguments that are no JSON object, as one.</summary>
    public static byte[] Repair(ReadOnlySpan<byte> arguments)
    {
        var token = new ArrayBufferWriter<byte>(arguments.Length + 16);
        JsonTokens.Quote(arguments, token);
        var (gate, released, all) = (new ArgumentsGate(), new TokenBuffer(), new TokenBuffer());
        gate.Take(token.WrittenSpan, released);
        all.AppendContents(released.Contents);
        gate.Finish(released);
        all.AppendContents(released.Contents);
        return all.Decode();
    }

    // Finds the ends of members on the first level. The escaped text is read as what it stands for: \" is a quote, \\ a backslash.
    private void Scan(TokenBuffer released)
    {
        var start = 0;
        var contents = _held.Contents;
        for (var i = _scanned; i < contents.Length && !_isBroken && !IsComplete;)
        {
            var length = Next(contents, i, out var unit);
            if (length == 0)
                break; // an escape that was cut in two by the vendor
            var end = Step(unit);
            if (end != MemberEnd.None)
            {
                var upTo = end == MemberEnd.Comma ? i : i + length;
                if (Check(contents[start..upTo], isLast: end == MemberEnd.Brace))
                {
                    released.AppendContents(contents[start..upTo]);
                    (start, _hasReleased) = (upTo, true);
                    IsComplete = end == MemberEnd.Brace;
                }
                else
                {
                    _isBroken = true;
                }
            }

            i += length;
            _scanned = i;
        }

        if (IsComplete && !IsBlank(contents[start..]))
            IsRepaired = true;
        if (start > 0)
        {
            _held.RemoveStart(start);
            _scanned -= start;
        }
    }

    private enum MemberEnd
    {
        None,
        Comma,
        Brace,
    }

    private MemberEnd Step(byte unit)
    {
        if (_isInString)
        {
            if (_isEscape)
                _isEscape = false;
            else if (unit == (byte)'\\')
                _isEscape = true;
            else if (unit == (byte)'"')
                _isInString = false;
            return MemberEnd.None;
        }

        switch (unit)
        {
            case (byte)'{' or (byte)'[':
                if (_depth++ == 0 && unit == (byte)'[')
                    _isBroken = true;
                return MemberEnd.None;
            case (byte)'}' or (byte)']':
                return --_depth == 0 ? MemberEnd.Brace : MemberEnd.None;
            case (byte)',':
                return _depth == 1 ? MemberEnd.Comma : MemberEnd.None;
            case (byte)'"' when _depth == 0:
                _isInString = true; // the whole object quoted once more, or a plain string: decided at the end
                return MemberEnd.None;
            case (byte)'"':
                _isInString = true;
                return MemberEnd.None;
            default:
                return MemberEnd.None;
        }
    }

    // One unit of the text that the escaped contents stand for; a byte above ASCII or a \u escape counts as a letter. 0 for one that is not whole.
    private static int Next(ReadOnlySpan<byte> contents, int at, out byte unit)
    {
        unit = contents[at];
        if (unit != (byte)'\\')
            return 1;
        if (at + 1 >= contents.Length)
            return 0;
        unit = contents[at + 1];
        switch (unit)
        {
            case (byte)'u':
                if (at + 6 > contents.Length)
                    return 0;
                unit = Unit(contents.Slice(at + 2, 4));
                return 6;
            case (byte)'n' or (byte)'r' or (byte)'t' or (byte)'b' or (byte)'f':
                unit = (byte)' ';
                return 2;
            default:
                return 2;
        }
    }

    private static byte Unit(ReadOnlySpan<byte> digits) =>
        byte.TryParse(digits[2..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var low) && digits[0] == (byte)'0' && digits[1] == (byte)'0' && low < 0x80 ? low : (byte)'x';

    // The held bytes are `{"a":1`, `,"b":2`, and at last `,"c":3}` or `{}`: each is checked as an object of its own.
    private bool Check(ReadOnlySpan<byte> escaped, bool isLast)
    {
        _member.ResetWrittenCount();
        _escapedMember.Clear();
        _escapedMember.AppendContents(escaped);
        if (_hasReleased)
            _member.Write("{"u8);
        var before = _member.WrittenCount;
        JsonTokens.Unquote(_escapedMember.AsToken(), _member);
        if (!isLast)
            _member.Write("}"u8);
        var text = _member.WrittenSpan;
        if (!_hasReleased)
            return ToolArguments.IsJson(text) && (isLast || text.TrimStart(" \t\r\n"u8)[1..].TrimStart(" \t\r\n"u8)[0] == (byte)'"'); // `{,` has no member before its comma

        // A member behind another begins with the comma; the end of the object may stand alone.
        var rest = text[before..].TrimStart(" \t\r\n"u8);
        if (rest.Length > 0 && rest[0] == (byte)'}')
            return rest.Length == 1;
        if (rest.Length == 0 || rest[0] != (byte)',')
            return false;
        var member = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_member.WrittenMemory)[(_member.WrittenCount - rest.Length)..];
        member.Span[0] = (byte)'{';
        var inner = member.Span[1..].TrimStart(" \t\r\n"u8);
        return inner.Length > 0 && inner[0] == (byte)'"' && ToolArguments.IsJson(member.Span);
    }

    private static bool IsBlank(ReadOnlySpan<byte> contents)
    {
        for (var i = 0; i < contents.Length;)
        {
            var length = Next(contents, i, out var unit);
            if (length == 0 || unit != (byte)' ')
                return false;
            i += length;
        }

        return true;
    }
}
