using Trivet.Core.Routing.Difficulty;
using Trivet.Wire.Json;

namespace Trivet.Core.Routing.Policies;

/// <summary>What is minimised or maximised among the offerings that meet the floors.</summary>
public enum PolicyAim
{
    /// <summary>The expected cost of the request.</summary>
    Cheapest,

    /// <summary>The expected time until its answer is complete.</summary>
    Fastest,

    /// <summary>The measured quality; among those within a point of the best, the expected cost.</summary>
    Best,

    /// <summary>Cost, with seconds and quality at stated rates of exchange.</summary>
    Exchange,
}

/// <summary>What a policy does with a request for which no offering meets its floors.</summary>
public enum WhenNone
{
    /// <summary>It is refused (503), with what each offering lacks.</summary>
    Refuse,

    /// <summary>Floors are given up one after another, in the order that the policy states; those that it does not name never are.</summary>
    Relax,
}

/// <summary>
/// What a route must have (floors) and what it then minimises or maximises (aim). From the operator; immutable. Floors and aims are in natural units: probabilities, seconds, money.
/// </summary>
public sealed record PolicyConfig
{
    /// <summary>Its name, by which routes and clients ask for it.</summary>
    public required string Name { get; init; }

    /// <summary>What offerings must have.</summary>
    public PolicyFloors Floors { get; init; } = new();

    /// <summary>What decides among those that have it.</summary>
    public PolicyAim Aim { get; init; }

    /// <summary>What a second is worth, nano-units of <see cref="Currency"/>; under <see cref="PolicyAim.Exchange"/>.</summary>
    public long SecondNano { get; init; }

    /// <summary>What the whole of quality (from 0 to 1) is worth, nano-units: what a useless answer costs its reader.</summary>
    public long QualityNano { get; init; }

    /// <summary>Of all its money.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>What happens where nothing meets the floors.</summary>
    public WhenNone WhenNone { get; init; }

    /// <summary>Which floors are given up, the first first; under <see cref="Policies.WhenNone.Relax"/>.</summary>
    public IReadOnlyList<Floor> Relax { get; init; } = [];

    /// <summary>How far above its fair share of the tokens of the last ten minutes an offering may be, in percent, before others go first; null: load is no reason.</summary>
    public int? BalancePercent { get; init; }

    /// <summary>What is taken for true of an offering of which nothing is known.</summary>
    public PolicyPriors Priors { get; init; } = new();

    /// <summary>Names or ids of keys whose requests it decides, whatever their routes say.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Hard questions to strong models; null: difficulty is no reason.</summary>
    public DifficultyConfig? Difficulty { get; init; }

    /// <summary>By task: vendors, models or <c>upstream/model</c>s (<c>*</c> matches) that go first, the dearest to the operator first.</summary>
    public IReadOnlyDictionary<RequestTask, IReadOnlyList<ModelPattern>> Tasks { get; init; } = new Dictionary<RequestTask, IReadOnlyList<ModelPattern>>();

    /// <summary>Somebody made it in the console; the file's come before it.</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>Why it decides nothing any more; null: it is in order. Nobody may ask for it by its name then, and requests of its <see cref="Keys"/> are refused; of all keys that no other policy names where it has none, because they cannot be read.</summary>
    public string? Broken { get; init; }
}

/// <summary>What offerings must have. Null or empty: nothing is asked.</summary>
public sealed record PolicyFloors
{
    /// <summary>The least share of answers that pass the passive checks.</summary>
    public double? Quality { get; init; }

    /// <summary>The least probability that an attempt is answered.</summary>
    public double? Availability { get; init; }

    /// <summary>The longest usual (median) time to the first content.</summary>
    public TimeSpan? FirstContent { get; init; }

    /// <summary>The most that a million tokens of the request and its answer may cost, nano-units.</summary>
    public long? PerMillionNano { get; init; }

    /// <summary>The most that the request may be expected to cost, nano-units.</summary>
    public long? PerRequestNano { get; init; }

    /// <summary>The least context, in tokens.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>What offerings must be able to do, whether the request needs it or not.</summary>
    public RequestFeatures Capabilities { get; init; }

    /// <summary>Where data may go: the upstream's <c>region</c>, else its site. Empty: anywhere.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Vendors that may be asked; empty: all.</summary>
    public IReadOnlyList<string> Vendors { get; init; } = [];

    /// <summary>Vendors that may not.</summary>
    public IReadOnlyList<string> VendorsDenied { get; init; } = [];

    /// <summary>Whether any is set.</summary>
    public bool IsAny => Quality is not null || Availability is not null || FirstContent is not null || PerMillionNano is not null || PerRequestNano is not null || ContextTokens is not null
        || Capabilities != RequestFeatures.None || Regions.Count > 0 || Vendors.Count > 0 || VendorsDenied.Count > 0;
}

/// <summary>
/// What is taken for true of an offering before anything is measured. Availability, quality and the time to the first content blend into what is measured, as if so many samples had said so.
/// </summary>
public sealed record PolicyPriors
{
    /// <summary>Samples that the prior of availability counts as.</summary>
    public const double AvailabilityWeight = 5;

    /// <summary>Samples that the prior of quality counts as.</summary>
    public const double QualityWeight = 10;

    /// <summary>Answers that the prior of the time to the first content counts as.</summary>
    public const double FirstContentWeight = 3;

    /// <summary>The probability that an attempt is answered.</summary>
    public double Availability { get; init; } = 0.98;

    /// <summary>The share of answers that pass the passive checks.</summary>
    public double Quality { get; init; } = 0.95;

    /// <summary>Time to the first content.</summary>
    public TimeSpan FirstContent { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Tokens of an answer in a second.</summary>
    public int TokensPerSecond { get; init; } = 50;
}

/// <summary>One floor, or several; the words of <c>relax:</c> are these in snake case.</summary>
[Flags]
public enum Floor
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Quality.</summary>
    Quality = 1,

    /// <summary>Availability.</summary>
    Availability = 2,

    /// <summary>Time to the first content.</summary>
    FirstContent = 4,

    /// <summary>The price per million tokens.</summary>
    PricePerMillion = 8,

    /// <summary>The price per request.</summary>
    PricePerRequest = 16,

    /// <summary>The context, that of the policy and that of the request.</summary>
    Context = 32,

    /// <summary>What offerings must be able to do.</summary>
    Capabilities = 64,

    /// <summary>Where data may go.</summary>
    Regions = 128,

    /// <summary>Which vendors may be asked.</summary>
    Vendors = 256,
}
