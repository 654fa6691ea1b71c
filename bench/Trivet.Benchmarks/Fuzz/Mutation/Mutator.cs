using Trivet.Benchmarks.Fuzz.Seeds;

namespace Trivet.Benchmarks.Fuzz.Mutation;

/// <summary>
/// Makes an input out of seeds: mostly a change or two to the structure of one (a value of another type, a member twice, an event that is missing), then perhaps
/// damage to its bytes. One input at a time, into a buffer that is used again.
/// </summary>
internal sealed class Mutator(SeedSet seeds)
{
    private readonly MutationBuffer _output = new();

    /// <summary>The next input, valid until the one after it.</summary>
    public ReadOnlyMemory<byte> Make(ref FuzzRandom random)
    {
        var seed = seeds.Pick(ref random);
        _output.Clear();

        // 1. The structure.
        var changes = random.Below(4);
        if (changes == 0 || seed.Parts.Length + seed.Events.Length == 0)
            _output.Append(seed.Bytes);
        else if (seed.Events.Length > 0 && random.OneIn(2))
            EventEdits.Apply(seed, seeds, _output, ref random);
        else
            JsonEdits.Apply(seed, seeds, Math.Min(changes, 2), _output, ref random);

        // 2. The bytes. An input that nothing was done to is one, too, but a rare one.
        if (changes == 0 || random.OneIn(6))
            ByteEdits.Apply(_output, seeds, ref random);
        return _output.Memory;
    }
}
