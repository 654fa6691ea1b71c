using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>An error body, of any vendor, read as each protocol reads it and written for each client.</summary>
internal sealed class ErrorTarget : IFuzzTarget
{
    private static readonly int[] Statuses = [0, 200, 400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 504, 529];

    private readonly PooledBuffer _written = new();
    private readonly WireError?[] _errors = new WireError?[FuzzDoor.Upstreams.Count];
    private FuzzDoor _writtenFor = FuzzDoor.Chat;

    public string Name => "errors";

    public IReadOnlyList<string> Readers { get; } = [.. FuzzDoor.Upstreams.Select(door => door.Name + " error reader")];

    public SeedSet Seeds { get; } = new(
        SeedKind.Json, BuiltInSeeds.Errors(), FuzzDoor.Upstreams.SelectMany(door => SeedSet.Recorded(door.Corpus)).Where(exchange => exchange.Status >= 400).Select(exchange => exchange.Body).OfType<byte[]>());

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random)
    {
        _written.Clear();
        var status = Statuses[random.Below(Statuses.Length)];
        for (var i = 0; i < _errors.Length; i++)
            _errors[i] = FuzzDoor.Upstreams[i].ReadError(status, input.Span);
        _writtenFor = FuzzDoor.Clients[random.Below(FuzzDoor.Clients.Count)];
        _writtenFor.WriteError!(_errors[random.Below(_errors.Length)]!, _written);
    }

    public string? Check()
    {
        foreach (var error in _errors)
        {
            if (string.IsNullOrWhiteSpace(error!.Message))
                return "an error without a message";
            if (error.RetryAfter is { } wait && wait < TimeSpan.Zero)
                return "an error to wait for before it came";
        }

        return JsonCheck.Check($"the {_writtenFor.Name} error", _written.WrittenSpan);
    }
}
