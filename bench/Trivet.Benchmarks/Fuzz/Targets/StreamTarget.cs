using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>An upstream's stream: cut into events, seen by the tap, read, and written as some client's stream or folded to a whole answer.</summary>
internal sealed class StreamTarget(FuzzDoor door) : IFuzzTarget
{
    private readonly AnswerTap _tap = new();
    private readonly StreamCheck _streams = new();
    private readonly PooledBuffer _written = new();
    private FuzzDoor _writtenFor = FuzzDoor.Chat;
    private bool _isStream;

    public string Name => door.Name + "-stream";

    public IReadOnlyList<string> Readers { get; } = [door.Name + " stream reader", "SSE reader", .. door.Observe is null ? Array.Empty<string>() : [door.Name + " tap of streams"]];

    public SeedSet Seeds { get; } = new(SeedKind.Events, BuiltInSeeds.Streams(door.Name), RecordedStreams(door));

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _written.Clear();
        _tap.Reset();
        _writtenFor = FuzzDoor.Clients[random.Below(FuzzDoor.Clients.Count)];
        _isStream = !random.OneIn(8);
        var folder = _isStream ? null : new ResponseFolder(Protocol.OpenAIChat);
        var writer = _isStream ? _writtenFor.StreamWriter!(_written) : null;
        IStreamSink sink = writer is null ? folder! : writer;
        if (random.OneIn(8))
            sink = new SingleCallSink(sink);
        if (random.OneIn(8))
            sink = new StopSequenceSink(sink, Stops.Some);
        if (random.OneIn(8))
            sink = new ToolAliasSink(sink, Aliases.Some);
        var reader = door.StreamReader(sink, random.Below(8));
        using (var events = new SseReader())
            Feeding.Feed(events, input.Span, new Both(reader, door, _tap), writer, ref random);
        reader.Complete();
        if (folder is { Error: null })
            _writtenFor.WriteResponse!(folder.Response, _written);
    }

    public string? Check()
    {
        if (_isStream)
            return _streams.Check(_writtenFor, _written.WrittenSpan);
        return _written.Length == 0 ? null : JsonCheck.Check($"the {_writtenFor.Name} answer", _written.WrittenSpan);
    }

    // The frames of AWS stand for events; their own reader has its own test.
    private static IEnumerable<byte[]> RecordedStreams(FuzzDoor door)
    {
        var exchanges = SeedSet.Recorded(door.Corpus);
        return door == FuzzDoor.Bedrock
            ? exchanges.Select(exchange => exchange.Frames).OfType<byte[]>().Select(FrameTarget.Transcribe)
            : exchanges.Select(exchange => exchange.Events).OfType<byte[]>();
    }

    private sealed class Both(IStreamReader reader, FuzzDoor door, AnswerTap tap) : ISseHandler
    {
        public void OnEvent(in SseEvent e)
        {
            door.Observe?.Invoke(e, tap);
            reader.OnEvent(e);
        }
    }
}
