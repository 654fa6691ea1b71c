namespace Trivet.Benchmarks.Fuzz;

/// <summary>The chances of one input: the same number gives the same input and the same way of feeding it, on any machine.</summary>
internal struct FuzzRandom(ulong state)
{
    private ulong _state = state;

    /// <summary>The chances of an input, of its number and of where it is used.</summary>
    public static FuzzRandom For(ulong seed, string target, long number)
    {
        var state = seed * 0x9E3779B97F4A7C15UL;
        foreach (var c in target)
            state = (state ^ c) * 1099511628211UL;
        var random = new FuzzRandom(state ^ ((ulong)number * 0xD1B54A32D192ED03UL));
        random.Next();
        return random;
    }

    // SplitMix64.
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below <paramref name="end"/>; 0 where that is none.</summary>
    public int Below(int end) => end <= 1 ? 0 : (int)(((Next() >> 32) * (ulong)end) >> 32);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;
}
