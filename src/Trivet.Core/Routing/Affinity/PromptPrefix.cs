namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// A prompt as a chain: entry <c>i</c> is the hash of everything up to and including piece <c>i</c>, so that two prompts share exactly the entries of the beginning that they share.
/// </summary>
/// <param name="Hashes">Chained hashes, outermost last. What a piece is (512 tokens, a message) is the caller's to say, the same one always.</param>
/// <param name="TokensEach">Tokens up to and including each piece, ascending.</param>
internal readonly record struct PromptPrefix(ReadOnlyMemory<ulong> Hashes, ReadOnlyMemory<int> TokensEach)
{
    /// <summary>Pieces.</summary>
    public int Length => Hashes.Length;

    /// <summary>All its tokens.</summary>
    public int Tokens => Length == 0 ? 0 : TokensEach.Span[^1];

    /// <summary>Tokens of the first <paramref name="pieces"/> pieces.</summary>
    public int TokensOf(int pieces) => pieces == 0 ? 0 : TokensEach.Span[pieces - 1];
}
