using Trivet.Benchmarks.Fuzz.Seeds;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>Readers that take the same inputs, and what must be true of what they make of one.</summary>
internal interface IFuzzTarget
{
    /// <summary>Its name, by which an input is made again.</summary>
    string Name { get; }

    /// <summary>The readers that take each of its inputs.</summary>
    IReadOnlyList<string> Readers { get; }

    /// <summary>What its inputs are made from.</summary>
    SeedSet Seeds { get; }

    /// <summary>Reads an input, and writes on what was read. Time and memory of this are measured.</summary>
    void Read(ReadOnlyMemory<byte> input, ref FuzzRandom random);

    /// <summary>What is wrong with what came out of the last input; null where nothing is.</summary>
    string? Check();
}
