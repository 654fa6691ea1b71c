using System.Text;

namespace Trivet.Core.Catalogue;

/// <summary>
/// Rates in pico-units of a currency (10⁻¹²) per token; one unit per million tokens is 1,000,000. Per-call meters are in pico-units per call.
/// A rate that is null is unknown, never zero.
/// </summary>
public sealed record MeterRates
{
    /// <summary>Prompt tokens that were not served from a cache.</summary>
    public long? InputPico { get; init; }

    /// <summary>Prompt tokens read from a cache.</summary>
    public long? CacheReadPico { get; init; }

    /// <summary>Prompt tokens written to a cache that lives five minutes.</summary>
    public long? CacheWrite5mPico { get; init; }

    /// <summary>Prompt tokens written to a cache that lives an hour.</summary>
    public long? CacheWrite1hPico { get; init; }

    /// <summary>Answer tokens.</summary>
    public long? OutputPico { get; init; }

    /// <summary>Reasoning tokens; null: they are charged as output.</summary>
    public long? ReasoningPico { get; init; }

    /// <summary>Tokens of images made.</summary>
    public long? ImagePico { get; init; }

    /// <summary>Tokens of sound in the prompt.</summary>
    public long? AudioInPico { get; init; }

    /// <summary>Tokens of sound in the answer.</summary>
    public long? AudioOutPico { get; init; }

    /// <summary>For each request, beside its tokens; null: none.</summary>
    public long? PerRequestPico { get; init; }

    /// <summary>For each search that the vendor did.</summary>
    public long? SearchCallPico { get; init; }

    /// <summary>The rate by which a meter is charged; null where it is unknown. Thoughts without a rate are charged as output, a request without one costs nothing by itself.</summary>
    public long? RateOf(Meter meter) => meter switch
    {
        Meter.Reasoning => ReasoningPico ?? OutputPico,
        Meter.PerRequest => PerRequestPico ?? 0,
        _ => Written(meter),
    };

    /// <summary>The rate as it is written down; null where it is not.</summary>
    public long? Written(Meter meter) => meter switch
    {
        Meter.Input => InputPico,
        Meter.CacheRead => CacheReadPico,
        Meter.CacheWrite5m => CacheWrite5mPico,
        Meter.CacheWrite1h => CacheWrite1hPico,
        Meter.Output => OutputPico,
        Meter.Reasoning => ReasoningPico,
        Meter.Image => ImagePico,
        Meter.AudioIn => AudioInPico,
        Meter.AudioOut => AudioOutPico,
        Meter.PerRequest => PerRequestPico,
        Meter.SearchCall => SearchCallPico,
        _ => throw new ArgumentOutOfRangeException(nameof(meter)),
    };

    /// <summary>These rates with one more.</summary>
    public MeterRates With(Meter meter, long? pico) => meter switch
    {
        Meter.Input => this with { InputPico = pico },
        Meter.CacheRead => this with { CacheReadPico = pico },
        Meter.CacheWrite5m => this with { CacheWrite5mPico = pico },
        Meter.CacheWrite1h => this with { CacheWrite1hPico = pico },
        Meter.Output => this with { OutputPico = pico },
        Meter.Reasoning => this with { ReasoningPico = pico },
        Meter.Image => this with { ImagePico = pico },
        Meter.AudioIn => this with { AudioInPico = pico },
        Meter.AudioOut => this with { AudioOutPico = pico },
        Meter.PerRequest => this with { PerRequestPico = pico },
        Meter.SearchCall => this with { SearchCallPico = pico },
        _ => throw new ArgumentOutOfRangeException(nameof(meter)),
    };

    /// <summary>The written rates as text that is the same for the same rates: what a price's version is made from.</summary>
    internal void AppendTo(StringBuilder text)
    {
        foreach (var meter in Meters.All)
        {
            if (Written(meter) is { } pico)
                text.Append(Meters.NameOf(meter)).Append('=').Append(pico).Append(' ');
        }
    }
}
