namespace Trivet.Sandbox;

/// <summary>Six disjoint token counts, in the sandbox's own tokens; each protocol's usage is derived from them.</summary>
/// <param name="InputTokens">Input neither read from nor written to a prompt cache.</param>
/// <param name="CacheReadTokens">Input read from a prompt cache.</param>
/// <param name="CacheWrite5mTokens">Input written to a five-minute cache.</param>
/// <param name="CacheWrite1hTokens">Input written to a one-hour cache.</param>
/// <param name="OutputTokens">Output other than reasoning: text, refusals and tool calls.</param>
/// <param name="ReasoningTokens">Reasoning output, shown or hidden.</param>
public sealed record SandboxUsage(
    int InputTokens, int CacheReadTokens, int CacheWrite5mTokens, int CacheWrite1hTokens, int OutputTokens, int ReasoningTokens)
{
    /// <summary>All input, cached or not.</summary>
    public int InputTotal => InputTokens + CacheReadTokens + CacheWrite5mTokens + CacheWrite1hTokens;

    /// <summary>All output, reasoning included.</summary>
    public int OutputTotal => OutputTokens + ReasoningTokens;
}
