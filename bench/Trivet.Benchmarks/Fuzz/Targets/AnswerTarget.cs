using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>An upstream's whole answer: seen by the tap, read, and written for some client, whole or played as a stream.</summary>
internal sealed class AnswerTarget(FuzzDoor door) : IFuzzTarget
{
    private readonly AnswerTap _tap = new();
    private readonly StreamCheck _streams = new();
    private readonly PooledBuffer _written = new();
    private FuzzDoor? _writtenFor;
    private bool _isStream;
    private string? _silence;

    public string Name => door.Name + "-answer";

    public IReadOnlyList<string> Readers { get; } = door.Tap is null ? [door.Name + " response reader"] : [door.Name + " response reader", door.Name + " tap of whole answers"];

    public SeedSet Seeds { get; } = new(SeedKind.Json, BuiltInSeeds.Answers(door.Name), SeedSet.Recorded(door.Corpus).Select(exchange => exchange.Body).OfType<byte[]>());

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _writtenFor = null;
        _written.Clear();
        _tap.Reset();
        door.Tap?.Invoke(input.Span, _tap);
        var isRead = door.ReadResponse(input, out var response, out var error);
        _silence = isRead || !string.IsNullOrEmpty(error?.Message) ? null : "the reader refuses and does not say why";
        if (!isRead)
            return;
        if (random.OneIn(8))
            SingleCallSink.Apply(response!);
        if (random.OneIn(8))
            response = StopSequenceSink.Apply(response!, Stops.Some);
        _writtenFor = FuzzDoor.Clients[random.Below(FuzzDoor.Clients.Count)];
        _isStream = random.OneIn(2);
        if (_isStream)
            ResponsePlayer.Play(response!, _writtenFor.StreamWriter!(_written));
        else
            _writtenFor.WriteResponse!(response!, _written);
    }

    public string? Check() =>
        _silence ?? (_writtenFor is null ? null : _isStream ? _streams.Check(_writtenFor, _written.WrittenSpan) : JsonCheck.Check($"the {_writtenFor.Name} answer", _written.WrittenSpan));
}
