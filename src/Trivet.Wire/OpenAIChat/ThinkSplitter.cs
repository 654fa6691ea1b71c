using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// Parts the thoughts of a text that holds them inline from the answer behind them. Fed with decoded text in pieces of any size: a tag may be split
/// between two, so what might be the beginning of one is held back. Only thoughts at the very beginning count: a tag later on is text (a model that
/// writes about tags). Line breaks around the tags are not part of the text.
/// </summary>
internal sealed class ThinkSplitter(ThinkTags tags)
{
    private readonly ArrayBufferWriter<byte> _held = new();
    private State _state = tags switch { ThinkTags.Paired => State.Before, ThinkTags.OpenAtStart => State.InsideAtStart, _ => State.After };

    private static ReadOnlySpan<byte> Open => "<think>"u8;

    private static ReadOnlySpan<byte> Close => "</think>"u8;

    private enum State : byte
    {
        /// <summary>Nothing but white space yet.</summary>
        Before,

        /// <summary>In the thoughts, the opening tag or white space may follow.</summary>
        InsideAtStart,

        /// <summary>Behind the opening tag, line breaks only.</summary>
        Opened,

        /// <summary>In the thoughts.</summary>
        Inside,

        /// <summary>Behind the closing tag, white space only.</summary>
        Behind,

        /// <summary>In the answer.</summary>
        After,
    }

    /// <summary>The rest is plain text: no further piece needs splitting.</summary>
    public bool IsDone => _state == State.After && _held.WrittenCount == 0;

    /// <summary>Takes a decoded piece and appends what is certain to either side.</summary>
    public void Feed(ReadOnlySpan<byte> piece, ArrayBufferWriter<byte> thoughts, ArrayBufferWriter<byte> text)
    {
        _held.Write(piece);
        var rest = _held.WrittenSpan;
        while (Step(ref rest, thoughts, text))
        {
        }

        var keep = rest.ToArray(); // a few bytes at most
        _held.ResetWrittenCount();
        _held.Write(keep);
    }

    /// <summary>The end: what was held back is what it looks like.</summary>
    public void Complete(ArrayBufferWriter<byte> thoughts, ArrayBufferWriter<byte> text)
    {
        if (_state is State.Inside or State.InsideAtStart or State.Opened)
            thoughts.Write(_held.WrittenSpan);
        else if (_state != State.Behind)
            text.Write(_held.WrittenSpan);
        _held.ResetWrittenCount();
    }

    /// <summary>Splits a whole text into blocks.</summary>
    public static void Split(TextBlock block, ThinkTags tags, List<Block> target)
    {
        if (!MayHoldTag(block.Text.Token.Span))
        {
            target.Add(block);
            return;
        }

        var (whole, thoughts, text) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        block.Text.CopyDecodedTo(whole);
        if (whole.WrittenSpan.IndexOf(Close) < 0)
        {
            // Without a closing tag nothing tells an answer from thoughts that were cut off, but an opening tag does.
            if (!whole.WrittenSpan.TrimStart(" \t\r\n"u8).StartsWith(Open))
            {
                target.Add(block);
                return;
            }
        }

        var splitter = new ThinkSplitter(tags);
        splitter.Feed(whole.WrittenSpan, thoughts, text);
        splitter.Complete(thoughts, text);
        if (thoughts.WrittenCount > 0)
            target.Add(new ReasoningBlock { Text = Quote(thoughts), Carrier = ReasoningCarrier.InlineThink });
        block.Text = Quote(text);
        if (text.WrittenCount > 0 || thoughts.WrittenCount == 0)
            target.Add(block);
    }

    // As it stands on the wire, where any letter may be escaped. An empty token is a text that did not come from there.
    private static bool MayHoldTag(ReadOnlySpan<byte> token) => token.IsEmpty || token.IndexOf("think"u8) >= 0 || token.IndexOf("\\u00"u8) >= 0;

    private bool Step(ref ReadOnlySpan<byte> rest, ArrayBufferWriter<byte> thoughts, ArrayBufferWriter<byte> text)
    {
        switch (_state)
        {
            case State.Before or State.InsideAtStart:
                var trimmed = rest.TrimStart(" \t\r\n"u8);
                if (trimmed.StartsWith(Open))
                {
                    rest = trimmed[Open.Length..];
                    _state = State.Opened;
                    return true;
                }

                if (trimmed.IsEmpty || Open.StartsWith(trimmed))
                    return false;
                _state = _state == State.Before ? State.After : State.Inside;
                return true;
            case State.Opened:
                rest = rest.TrimStart("\r\n"u8);
                if (rest.IsEmpty)
                    return false;
                _state = State.Inside;
                return true;
            case State.Inside:
                return Inside(ref rest, thoughts);
            case State.Behind:
                rest = rest.TrimStart(" \t\r\n"u8);
                if (rest.IsEmpty)
                    return false;
                _state = State.After;
                return true;
            default:
                text.Write(rest);
                rest = default;
                return false;
        }
    }

    private bool Inside(ref ReadOnlySpan<byte> rest, ArrayBufferWriter<byte> thoughts)
    {
        var close = rest.IndexOf(Close);
        if (close >= 0)
        {
            thoughts.Write(rest[..close].TrimEnd("\r\n"u8));
            rest = rest[(close + Close.Length)..];
            _state = State.Behind;
            return true;
        }

        // Hold back line breaks and a possible beginning of the tag at the end.
        var certain = rest.Length;
        for (var length = Math.Min(Close.Length - 1, rest.Length); length > 0; length--)
        {
            if (Close.StartsWith(rest[^length..]))
            {
                certain = rest.Length - length;
                break;
            }
        }

        certain = rest[..certain].TrimEnd("\r\n"u8).Length;
        thoughts.Write(rest[..certain]);
        rest = rest[certain..];
        return false;
    }

    private static JsonText Quote(ArrayBufferWriter<byte> decoded)
    {
        var token = new ArrayBufferWriter<byte>(decoded.WrittenCount + 2);
        JsonTokens.Quote(decoded.WrittenSpan, token);
        return JsonText.FromToken(token.WrittenMemory);
    }
}
