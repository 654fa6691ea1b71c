using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Catalogue;

/// <summary>One price of one model: when and for what it holds, and its rates by length. Immutable; its version names its content for ever.</summary>
public sealed class PriceRecord
{
    private const int VersionHexChars = 12;

    /// <summary>Makes the record.</summary>
    /// <param name="currency">ISO 4217 code.</param>
    /// <param name="steps">Rates by length, the shortest first; the last one has no bound.</param>
    public PriceRecord(string currency, IReadOnlyList<PriceStep> steps)
    {
        if (steps.Count == 0 || steps[^1] is not { InputMax: null, OutputMax: null })
            throw new ArgumentException("The last step of a price has no bound.", nameof(steps));
        (Currency, Steps) = (currency, steps);
        _version = new Lazy<string>(MakeVersion);
    }

    private readonly Lazy<string> _version;

    /// <summary>ISO 4217 code, such as USD or CNY.</summary>
    public string Currency { get; }

    /// <summary>Rates by length, the shortest first.</summary>
    public IReadOnlyList<PriceStep> Steps { get; }

    /// <summary>The vendor's site it is for (a region with a list of its own); null: all.</summary>
    public string? Site { get; init; }

    /// <summary>From when it holds; null: for as long as the model is there.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when (excluded); null: until further notice.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>The hours in which it holds; null: all that no other record has.</summary>
    public PriceSchedule? Schedule { get; init; }

    /// <summary>Which tier of service it is for.</summary>
    public ServiceTier Tier { get; init; }

    /// <summary>True: a discount for a time, which goes before the price it discounts.</summary>
    public bool IsPromotion { get; init; }

    /// <summary>Where it was read, and when.</summary>
    public required PriceSource Source { get; init; }

    /// <summary>A hash of all that decides an amount: the same content has the same version, on every node and in every release.</summary>
    public string Version => _version.Value;

    /// <summary>Whether it holds for a tier at a time, its hours aside.</summary>
    public bool IsValid(DateTimeOffset when, ServiceTier tier) =>
        tier == Tier && (ValidFrom is not { } from || when >= from) && (ValidTo is not { } to || when < to);

    /// <summary>Whether it holds for a tier at a time.</summary>
    public bool Holds(DateTimeOffset when, ServiceTier tier) => IsValid(when, tier) && Schedule?.Covers(when) != false;

    /// <summary>The index of the step for a prompt and an answer of these lengths, in tokens: the first that has room for both.</summary>
    public int StepFor(long inputLength, long outputLength)
    {
        for (var i = 0; i < Steps.Count - 1; i++)
        {
            if (Steps[i].Fits(inputLength, outputLength))
                return i;
        }

        return Steps.Count - 1;
    }

    /// <summary>The same price, read elsewhere.</summary>
    internal PriceRecord From(PriceSource source) => With(Steps, source);

    /// <summary>The same conditions with other rates.</summary>
    internal PriceRecord With(IReadOnlyList<PriceStep> steps, PriceSource? source = null) => new(Currency, steps)
    {
        Site = Site,
        ValidFrom = ValidFrom,
        ValidTo = ValidTo,
        Schedule = Schedule,
        Tier = Tier,
        IsPromotion = IsPromotion,
        Source = source ?? Source,
    };

    /// <summary>The order in which records are tried: a promotion first, then the ones with hours, then the newest.</summary>
    internal static int Compare(PriceRecord left, PriceRecord right)
    {
        if (left.IsPromotion != right.IsPromotion)
            return left.IsPromotion ? -1 : 1;
        if (left.Schedule is null != right.Schedule is null)
            return left.Schedule is null ? 1 : -1;
        return Nullable.Compare(right.ValidFrom, left.ValidFrom);
    }

    // What a person may want to correct without changing an amount (source, date checked, name of the schedule) is not in it.
    private string MakeVersion()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Currency} {Tier} {(IsPromotion ? "promotion " : "")}{ValidFrom?.ToUnixTimeMilliseconds()}-{ValidTo?.ToUnixTimeMilliseconds()} ");
        if (Schedule is { } schedule)
        {
            text.Append(CultureInfo.InvariantCulture, $"{schedule.Zone.Id} {schedule.Days} {schedule.WithoutHolidays?.Name} {schedule.WithMakeUpDays} ");
            foreach (var hours in schedule.Hours)
                text.Append(CultureInfo.InvariantCulture, $"{hours.FromMinute}-{hours.ToMinute} ");
        }

        foreach (var step in Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{step.InputMax}:{step.OutputMax}] ");
            step.Rates.AppendTo(text);
        }

        return VersionOf(text.ToString());
    }

    internal static string VersionOf(string content) => "p_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..VersionHexChars];
}

/// <summary>Rates for prompts and answers up to a length.</summary>
/// <param name="InputMax">The longest prompt in tokens, cached ones included; null: any.</param>
/// <param name="OutputMax">The longest answer in tokens, thoughts included; null: any.</param>
/// <param name="Rates">The rates of the whole request, not of the part above a bound.</param>
public sealed record PriceStep(long? InputMax, long? OutputMax, MeterRates Rates)
{
    /// <summary>Whether there is room for both.</summary>
    public bool Fits(long inputLength, long outputLength) => !(inputLength > InputMax) && !(outputLength > OutputMax);
}

/// <summary>Where a fact was read.</summary>
/// <param name="Name">Its name in the vendor's file.</param>
/// <param name="Url">Its address.</param>
/// <param name="Checked">When it was read.</param>
public sealed record PriceSource(string Name, string Url, DateOnly Checked);
