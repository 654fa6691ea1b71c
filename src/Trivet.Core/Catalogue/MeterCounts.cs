using Trivet.Wire.Canonical;

namespace Trivet.Core.Catalogue;

/// <summary>What one attempt used, by meter: disjoint counts of tokens, and of calls. Never negative.</summary>
public readonly record struct MeterCounts
{
    /// <summary>Prompt tokens that no cache served.</summary>
    public long Input { get; init; }

    /// <summary>Prompt tokens read from a cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Prompt tokens written to a cache that lives five minutes.</summary>
    public long CacheWrite5m { get; init; }

    /// <summary>Prompt tokens written to a cache that lives an hour.</summary>
    public long CacheWrite1h { get; init; }

    /// <summary>Answer tokens.</summary>
    public long Output { get; init; }

    /// <summary>Thoughts.</summary>
    public long Reasoning { get; init; }

    /// <summary>Tokens of images made.</summary>
    public long Image { get; init; }

    /// <summary>Tokens of sound in the prompt.</summary>
    public long AudioIn { get; init; }

    /// <summary>Tokens of sound in the answer.</summary>
    public long AudioOut { get; init; }

    /// <summary>Requests; one for an attempt.</summary>
    public long Requests { get; init; }

    /// <summary>Searches that the vendor did.</summary>
    public long SearchCalls { get; init; }

    /// <summary>Everything that counts as the length of the prompt, cached or not: what vendors choose a tier by.</summary>
    public long InputLength => Input + CacheRead + CacheWrite5m + CacheWrite1h + AudioIn;

    /// <summary>Everything that counts as the length of the answer.</summary>
    public long OutputLength => Output + Reasoning + Image + AudioOut;

    /// <summary>The counts of one attempt.</summary>
    public static MeterCounts Of(in Usage usage) => new()
    {
        Input = usage.InputUncached,
        CacheRead = usage.CacheRead,
        CacheWrite5m = usage.CacheWrite5m,
        CacheWrite1h = usage.CacheWrite1h,
        Output = usage.OutputText,
        Reasoning = usage.OutputReasoning,
        Requests = 1,
    };

    /// <summary>The count of one meter.</summary>
    public long Of(Meter meter) => meter switch
    {
        Meter.Input => Input,
        Meter.CacheRead => CacheRead,
        Meter.CacheWrite5m => CacheWrite5m,
        Meter.CacheWrite1h => CacheWrite1h,
        Meter.Output => Output,
        Meter.Reasoning => Reasoning,
        Meter.Image => Image,
        Meter.AudioIn => AudioIn,
        Meter.AudioOut => AudioOut,
        Meter.PerRequest => Requests,
        Meter.SearchCall => SearchCalls,
        _ => throw new ArgumentOutOfRangeException(nameof(meter)),
    };
}
