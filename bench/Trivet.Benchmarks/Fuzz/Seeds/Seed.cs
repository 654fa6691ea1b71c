namespace Trivet.Benchmarks.Fuzz.Seeds;

/// <summary>What mutated inputs are made from, with where its parts stand.</summary>
/// <param name="Bytes">The whole input.</param>
/// <param name="Parts">Members and elements of the JSON in it.</param>
/// <param name="Events">Its events, closing blank line included; empty where it is no stream.</param>
internal sealed record Seed(byte[] Bytes, SeedPart[] Parts, SeedRange[] Events);

/// <summary>A stretch of bytes.</summary>
internal readonly record struct SeedRange(int Start, int End);

/// <summary>A member of an object, from its name's quote, or an element of an array, whose start is that of its value.</summary>
internal readonly record struct SeedPart(int Start, int ValueStart, int End)
{
    public bool IsMember => ValueStart > Start;
}
