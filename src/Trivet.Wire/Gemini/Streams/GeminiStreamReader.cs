using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.Sse;

namespace Trivet.Wire.Gemini.Streams;

/// <summary>
/// Reads a Gemini stream into a sink. Each event is parsed whole before anything of it is passed on, so that a malformed one has no half effect: it is
/// counted and ends the stream with <c>upstream_invalid_event</c>, since what it would have said is unknown and skipping it would lose a piece silently.
/// <para>
/// There is no end marker: the answer is complete at a clean end of bytes behind a finish reason, or behind a prompt that was blocked. A finish reason alone
/// is no end, as older models put one on every chunk. Only the first candidate is read; others are noted in <see cref="HasMoreChoices"/>. One per stream,
/// not thread-safe.
/// </para>
/// </summary>
public sealed class GeminiStreamReader : IStreamReader
{
    private readonly IStreamSink _sink;
    private readonly GeminiAnswerAssembler _answer;
    private readonly UnsaidFields _unsaid = new();
    private readonly GeminiChunk _chunk;
    private bool _started;
    private bool _ended;
    private bool _failed;
    private string? _nativeReason;
    private string _detail = "";
    private byte[] _serviceTier = [];

    /// <summary>A reader that calls <paramref name="sink"/>.</summary>
    public GeminiStreamReader(IStreamSink sink, GeminiDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(dialect); // answers of all vendors that speak Gemini are read alike
        (_sink, _answer, _chunk) = (sink, new GeminiAnswerAssembler(sink), new GeminiChunk { Unsaid = _unsaid });
    }

    /// <summary>A finish reason has come, or the prompt was blocked, and no error.</summary>
    public bool IsComplete => _ended ? !_failed : _nativeReason is not null;

    /// <summary>Text, thoughts, a tool call or data has come.</summary>
    public bool HasContent => _answer.HasContent;

    /// <summary>Events that were no valid JSON.</summary>
    public int MalformedEvents { get; private set; }

    /// <inheritdoc/>
    public bool SkipsMalformed { get; set; }

    /// <summary>The stream holds further candidates, which were left out.</summary>
    public bool HasMoreChoices { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Unsaid => _unsaid.Names;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ServiceTier => _serviceTier;

    /// <inheritdoc/>
    public void OnEvent(in SseEvent e)
    {
        if (_ended || !e.HasData || e.Data.TrimStart(" \t\r\n"u8).IsEmpty || e.Data.StartsWith("[DONE]"u8)) // relays end with Chat's marker
            return;
        if (!_chunk.TryRead(e.Data))
        {
            MalformedEvents++;
            if (!SkipsMalformed)
                Fail(OpenAIChatTap.NotJson(isStream: true));
            return;
        }

        if (_chunk.IsError || e.Name.SequenceEqual("error"u8))
            Fail(ErrorReader.Read(0, e.Data));
        else
            Take(e.Data);
    }

    /// <summary>The bytes have ended cleanly.</summary>
    public void Complete()
    {
        if (_ended)
            return;
        if (_nativeReason is null)
        {
            Fail(new WireError { Class = ErrorClass.Server, Message = "The upstream's stream ended before its answer was complete.", Code = "upstream_stream_truncated" });
            return;
        }

        _answer.Finish();
        var reason = GeminiStopReasons.Resolve(_nativeReason, _answer.HasToolCalls);
        if (reason == StopReason.Error)
        {
            Fail(GeminiStopReasons.BrokenOff(_nativeReason, _detail));
            return;
        }

        _ended = true;
        _sink.OnStop(reason, _nativeReason, default);
        _sink.OnEnd();
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        if (!_started)
        {
            _started = true;
            _answer.Start = new StreamStart(_chunk.Id.TextOf(data), _chunk.Model.TextOf(data), _chunk.CreatedAt);
            _sink.OnStart(_answer.Start);
        }

        HasMoreChoices |= _chunk.MoreCandidates is not null;
        _answer.Take(data, _chunk);
        if (_chunk.Usage is { } usage)
            _sink.OnUsage(in usage);
        if (_chunk.ServiceTier.Length > 2 && !_chunk.ServiceTier.Of(data)[1..^1].SequenceEqual(_serviceTier))
            _serviceTier = _chunk.ServiceTier.Of(data)[1..^1].ToArray();
        if (_chunk.FinishReason.Length > 2)
            _nativeReason = _chunk.FinishReason.Of(data).SequenceEqual("\"STOP\""u8) ? "STOP" : _chunk.FinishReason.TextOf(data);
        else if (_chunk.BlockReason.Length > 2)
            _nativeReason ??= GeminiStopReasons.BlockedPrefix + _chunk.BlockReason.TextOf(data);
        if (_chunk.FinishMessage.Length > 2)
            _detail = _chunk.FinishMessage.TextOf(data);
        if (_answer.Fault is { } fault)
            Fail(fault);
    }

    private void Fail(WireError error)
    {
        (_ended, _failed) = (true, true);
        _sink.OnError(error);
    }
}
