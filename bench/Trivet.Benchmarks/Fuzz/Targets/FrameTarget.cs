using System.Buffers;
using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.BedrockConverse.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>AWS's binary frames, in pieces: what comes out are events, whatever goes in.</summary>
internal sealed class FrameTarget : IFuzzTarget
{
    private readonly PooledBuffer _events = new();
    private readonly SseReader _reader = new();
    private readonly Counter _counter = new();
    private byte[] _carry = new byte[1024];

    public string Name => "bedrock-frames";

    public IReadOnlyList<string> Readers { get; } = ["bedrock event-stream reader"];

    public SeedSet Seeds { get; } = new(SeedKind.Bytes, BuiltInSeeds.Frames(), SeedSet.Recorded("bedrock-converse").Select(exchange => exchange.Frames).OfType<byte[]>().SelectMany(Beginnings));

    /// <summary>Whole frames as the events that they stand for.</summary>
    public static byte[] Transcribe(byte[] frames)
    {
        var output = new ArrayBufferWriter<byte>();
        _ = BedrockEventStream.Transcribe(frames, output);
        return output.WrittenSpan.ToArray();
    }

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _events.Clear();
        var rest = input.Span;
        var carried = 0;
        var isWhole = random.OneIn(2);
        while (!rest.IsEmpty)
        {
            var length = isWhole ? rest.Length : Math.Min(rest.Length, 1 + random.Below(200));
            if (_carry.Length - carried < length)
                Array.Resize(ref _carry, (carried + length) * 2);
            rest[..length].CopyTo(_carry.AsSpan(carried));
            rest = rest[length..];
            carried += length;
            var taken = BedrockEventStream.Transcribe(_carry.AsSpan(0, carried), _events);
            if (taken < 0)
                break;
            _carry.AsSpan(taken, carried - taken).CopyTo(_carry);
            carried -= taken;
        }
    }

    public string? Check()
    {
        _counter.Reset();
        _reader.Feed(_events.WrittenSpan, _counter);
        return _reader.HasTail ? "the events do not end where the frames do" : _counter.Wrong;
    }

    private static IEnumerable<byte[]> Beginnings(byte[] frames)
    {
        yield return frames;
        for (var length = 200; length < Math.Min(frames.Length, 2000); length += 200)
            yield return frames[..length];
    }

    private sealed class Counter : ISseHandler
    {
        public string? Wrong { get; private set; }

        public void Reset() => Wrong = null;

        public void OnEvent(in SseEvent e)
        {
            if (!e.HasData)
                Wrong = "a frame becomes an event without data";
        }
    }
}
