using System.Text.Json;
using System.Text.Unicode;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.Sse;

namespace Trivet.Wire.OpenAIChat.Streams;

/// <summary>
/// Reads a Chat stream into a sink. Each event is parsed whole before anything of it is passed on, so that a malformed one has no half effect: it is
/// counted and ends the stream with <c>upstream_invalid_event</c>, since what it would have said is unknown and skipping it would lose a piece silently.
/// <para>
/// The answer is complete at <c>[DONE]</c>, or at a clean end of bytes after a finish reason. Only the first choice is read; others are noted in
/// <see cref="HasMoreChoices"/>. One per stream, not thread-safe.
/// </para>
/// </summary>
public sealed class OpenAIChatStreamReader : IStreamReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = OpenAIChatScan.DepthMax };

    private readonly IStreamSink _sink;
    private readonly AnswerAssembler _answer;
    private readonly UnsaidFields _unsaid = new();
    private StreamStart _start = new("", "", 0);
    private bool _started;
    private bool _ended;
    private bool _failed;
    private StopReason _reason;
    private string? _nativeReason;
    private JsonText _stopSequence;
    private byte[] _serviceTier = [];

    /// <summary>A reader that calls <paramref name="sink"/>.</summary>
    public OpenAIChatStreamReader(IStreamSink sink, OpenAIChatDialect dialect)
    {
        _sink = sink;
        _answer = new AnswerAssembler(sink, dialect, _unsaid);
    }

    /// <summary>A finish reason or the end marker has come, and no error.</summary>
    public bool IsComplete => _ended ? !_failed : _nativeReason is not null;

    /// <summary>Text, thoughts, a refusal or a tool call has come.</summary>
    public bool HasContent => _answer.HasContent;

    /// <summary>Events that were no valid JSON.</summary>
    public int MalformedEvents { get; private set; }

    /// <inheritdoc/>
    public bool SkipsMalformed { get; set; }

    /// <summary>The stream holds further choices (<c>n</c> &gt; 1), which were left out.</summary>
    public bool HasMoreChoices { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Unsaid => _unsaid.Names;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ServiceTier => _serviceTier;

    /// <inheritdoc/>
    public void OnEvent(in SseEvent e)
    {
        if (_ended || !e.HasData || e.Data.TrimStart(" \t\r\n"u8).IsEmpty)
            return;
        if (e.Data.StartsWith("[DONE]"u8))
        {
            Finish();
            return;
        }

        if (e.Name.SequenceEqual("error"u8))
        {
            Fail(ErrorReader.Read(0, e.Data));
            return;
        }

        var chunk = new ChatChunk { Unsaid = _unsaid };
        if (!TryParse(e.Data, ref chunk))
        {
            MalformedEvents++;
            if (!SkipsMalformed)
                Fail(OpenAIChatTap.NotJson(isStream: true));
            return;
        }

        Take(e.Data, ref chunk);
    }

    /// <summary>The bytes have ended cleanly.</summary>
    public void Complete()
    {
        if (_ended)
            return;
        if (_nativeReason is not null)
            Finish();
        else
            Fail(Truncated());
    }

    private static bool TryParse(ReadOnlySpan<byte> data, ref ChatChunk chunk)
    {
        try
        {
            var reader = new Utf8JsonReader(data, Options);
            return Utf8.IsValid(data) && chunk.TryRead(data, ref reader);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Take(ReadOnlySpan<byte> data, ref ChatChunk chunk)
    {
        HasMoreChoices |= chunk.HasMoreChoices;
        if (!chunk.ServiceTier.IsEmpty && !chunk.ServiceTier.SequenceEqual(_serviceTier))
            _serviceTier = chunk.ServiceTier.ToArray();
        if (!_started)
            _start = new StreamStart(_start.Id.Length > 0 ? _start.Id : Text(chunk.Id), _start.Model.Length > 0 ? _start.Model : Text(chunk.Model), _start.CreatedAt != 0 ? _start.CreatedAt : chunk.Created);
        if (chunk.HasChoice)
        {
            EnsureStarted();
            _answer.Take(in chunk);
            if (chunk.FinishReason.Length > 0)
            {
                _reason = OpenAIChatStopReasons.Read(chunk.FinishReason);
                _nativeReason = System.Text.Encoding.UTF8.GetString(chunk.FinishReason);
            }

            if (chunk.StopSequence.Length > 2)
                _stopSequence = JsonText.FromToken(chunk.StopSequence.ToArray());
        }

        if (chunk.Usage is { } usage)
        {
            EnsureStarted();
            _sink.OnUsage(in usage);
        }

        if (chunk.IsError)
            Fail(ErrorReader.Read(0, data));
        else if (_answer.Fault is { } fault)
            Fail(fault);
    }

    private void EnsureStarted()
    {
        if (_started)
            return;
        _started = true;
        _answer.Start = _start;
        _sink.OnStart(in _start);
    }

    private void Finish()
    {
        if (!_started)
        {
            Fail(Truncated());
            return;
        }

        _answer.Finish();
        if (_answer.Fault is { } fault)
        {
            Fail(fault);
            return;
        }

        if (_reason == StopReason.Error)
        {
            Fail(OpenAIChatStopReasons.BrokenOff(_nativeReason!));
            return;
        }

        var reason = _reason switch
        {
            StopReason.EndTurn or StopReason.Unknown when _answer.HasToolCalls => StopReason.ToolCalls,
            StopReason.Unknown or StopReason.ToolCalls when !_answer.HasToolCalls => StopReason.EndTurn,
            var said => said,
        };
        _ended = true;
        if (reason == StopReason.EndTurn && !_stopSequence.IsNull)
            reason = StopReason.StopSequence;
        _sink.OnStop(reason, _nativeReason, reason == StopReason.StopSequence ? _stopSequence : default);
        _sink.OnEnd();
    }

    private void Fail(WireError error)
    {
        (_ended, _failed) = (true, true);
        _sink.OnError(error);
    }

    private static WireError Truncated() => new() { Class = ErrorClass.Server, Message = "The upstream's stream ended before its answer was complete.", Code = "upstream_stream_truncated" };

    private static string Text(ReadOnlySpan<byte> token) => token.Length <= 2 ? "" : JsonText.FromToken(token.ToArray()).ToString();
}
