namespace Trivet.Wire.Canonical;

/// <summary>
/// Tokens in six disjoint counters, from which every protocol's view is derived. Chat, Responses and Gemini count cache reads inside the
/// prompt, Anthropic beside it; Gemini counts thoughts beside the output, the others inside it (WIRE_FACTS §3.2).
/// </summary>
public record struct Usage
{
    /// <summary>Input tokens at the full price.</summary>
    public long InputUncached { get; set; }

    /// <summary>Input tokens read from the prompt cache.</summary>
    public long CacheRead { get; set; }

    /// <summary>Input tokens written to the five-minute cache (or to one whose lifetime the vendor does not say).</summary>
    public long CacheWrite5m { get; set; }

    /// <summary>Input tokens written to the one-hour cache.</summary>
    public long CacheWrite1h { get; set; }

    /// <summary>Output tokens that the client sees: text and tool calls.</summary>
    public long OutputText { get; set; }

    /// <summary>Output tokens of thoughts.</summary>
    public long OutputReasoning { get; set; }

    /// <summary>The numbers are Trivet's own estimate, not the vendor's.</summary>
    public bool IsEstimate { get; set; }

    /// <summary>All input tokens.</summary>
    public readonly long InputTotal => InputUncached + CacheRead + CacheWrite5m + CacheWrite1h;

    /// <summary>All output tokens.</summary>
    public readonly long OutputTotal => OutputText + OutputReasoning;

    /// <summary>These tokens and others.</summary>
    public readonly Usage Plus(in Usage other) => this with
    {
        InputUncached = InputUncached + other.InputUncached,
        CacheRead = CacheRead + other.CacheRead,
        CacheWrite5m = CacheWrite5m + other.CacheWrite5m,
        CacheWrite1h = CacheWrite1h + other.CacheWrite1h,
        OutputText = OutputText + other.OutputText,
        OutputReasoning = OutputReasoning + other.OutputReasoning,
    };

    /// <summary>From a view that counts cache reads and writes inside the input and reasoning inside the output, clamped at zero.</summary>
    public static Usage FromInclusive(long input, long cacheRead, long cacheWrite, long output, long reasoning) => new()
    {
        InputUncached = Math.Max(0, input - cacheRead - cacheWrite),
        CacheRead = cacheRead,
        CacheWrite5m = cacheWrite,
        OutputText = Math.Max(0, output - reasoning),
        OutputReasoning = reasoning,
    };
}
