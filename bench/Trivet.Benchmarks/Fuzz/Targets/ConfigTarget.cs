using System.Text;
using Trivet.Benchmarks.Fuzz.Seeds;
using Trivet.Core.Snapshots;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>The configuration file: read, or refused with a line that says where.</summary>
internal sealed class ConfigTarget : IFuzzTarget
{
    private ConfigReading? _reading;

    public string Name => "config";

    public IReadOnlyList<string> Readers { get; } = ["configuration reader"];

    public SeedSet Seeds { get; } = new(SeedKind.Bytes, BuiltInSeeds.Configs(), []);

    public void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random) =>
        _reading = ConfigReader.Read(Encoding.UTF8.GetString(input.Span), new ConfigSource("/trivet.yaml"), static _ => null);

    public string? Check() => _reading!.Config is null && _reading.Problems.Count == 0 ? "refused without a reason" : null;
}
