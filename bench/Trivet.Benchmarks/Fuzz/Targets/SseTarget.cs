using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>The SSE reader in pieces beside the plainest reading of the whole: the same events, and their raw bytes add up to what came.</summary>
internal sealed class SseTarget : IFuzzTarget
{
    private readonly Collector _events = new();
    private ReadOnlyMemory<byte> _input;
    private bool _isFed;

    public string Name => "sse";

    public IReadOnlyList<string> Readers { get; } = ["SSE reader"];

    public SeedSet Seeds { get; } = new(SeedKind.Events, FuzzDoor.Clients.SelectMany(door => BuiltInSeeds.Streams(door.Name)), []);

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _input = input;
        _events.Reset();
        using var reader = new SseReader();
        _isFed = Feeding.Feed(reader, input.Span, _events, writer: null, ref random);
    }

    public string? Check()
    {
        if (!_isFed)
            return "an event is too large";
        if (!_events.Raw.SequenceEqual(_input.Span))
            return "the raw bytes do not add up to what came";
        if (!System.Text.Unicode.Utf8.IsValid(_input.Span))
            return null; // the plain reading is of text
        var text = System.Text.Encoding.UTF8.GetString(_input.Span);
        var plain = SseFrame.ReadAll(text.StartsWith('\uFEFF') ? text[1..] : text);
        return plain.SequenceEqual(_events.Frames) ? null : $"{_events.Frames.Count} events, and {plain.Count} in a plain reading, or others";
    }

    private sealed class Collector : ISseHandler
    {
        private byte[] _raw = new byte[4096];
        private int _length;

        public List<SseFrame> Frames { get; } = [];

        public ReadOnlySpan<byte> Raw => _raw.AsSpan(0, _length);

        public void Reset()
        {
            Frames.Clear();
            _length = 0;
        }

        public void OnEvent(in SseEvent e)
        {
            if (_length + e.Raw.Length > _raw.Length)
                Array.Resize(ref _raw, (_length + e.Raw.Length) * 2);
            e.Raw.CopyTo(_raw.AsSpan(_length));
            _length += e.Raw.Length;
            if (e.HasData)
                Frames.Add(new SseFrame(System.Text.Encoding.UTF8.GetString(e.Name), System.Text.Encoding.UTF8.GetString(e.Data)));
        }
    }
}
