using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>A client's body: scanned, read, and written as a request of some upstream.</summary>
internal sealed class RequestTarget(FuzzDoor door) : IFuzzTarget
{
    private readonly RequestScan _scan = new();
    private readonly PooledBuffer _written = new();
    private ReadOnlyMemory<byte> _input;
    private FuzzDoor? _writtenFor;
    private bool _isScanned;
    private WireError? _scanError;
    private WireError? _readError;
    private bool _isRead;

    public string Name => door.Name + "-request";

    public IReadOnlyList<string> Readers { get; } = [door.Name + " scan", door.Name + " request reader"];

    public SeedSet Seeds { get; } = new(SeedKind.Json, BuiltInSeeds.Requests(door.Name), SeedSet.Recorded(door.Corpus).Select(exchange => exchange.Request).OfType<byte[]>());

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _input = input;
        _writtenFor = null;
        _written.Clear();
        _scan.Reset();
        _isScanned = door.Scan!(input, _scan, out _scanError);
        _isRead = door.ReadRequest!(input, out var request, out _readError);
        if (!_isRead)
            return;
        _writtenFor = FuzzDoor.Upstreams[random.Below(FuzzDoor.Upstreams.Count)];
        _writtenFor.WriteRequest(request!, _written, random.Below(8));
    }

    public string? Check()
    {
        if (!_isScanned && string.IsNullOrEmpty(_scanError?.Message))
            return "the scan refuses and does not say why";
        if (!_isRead && string.IsNullOrEmpty(_readError?.Message))
            return "the reader refuses and does not say why";
        if (_isScanned && !IsObject(_input.Span))
            return "the scan takes what is no JSON object";
        if (_isRead && !IsObject(_input.Span))
            return "the reader takes what is no JSON object";
        foreach (var field in _isScanned ? _scan.Fields : [])
        {
            if (_input.Span[field.NameStart] != (byte)'"' || field.ValueStart < field.NameStart + field.NameLength || field.ValueStart + field.ValueLength > _input.Length
                || JsonCheck.Check("a field", _input.Span.Slice(field.ValueStart, field.ValueLength)) is not null)
            {
                return $"the field at {field.NameStart} is not where the scan says";
            }
        }

        return _writtenFor is null ? null : JsonCheck.Check($"the {_writtenFor.Name} request", _written.WrittenSpan);
    }

    private static bool IsObject(ReadOnlySpan<byte> json) =>
        json.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && JsonCheck.Check("it", json) is null;
}
