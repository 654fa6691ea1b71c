namespace Trivet.Core.Catalogue;

/// <summary>
/// What one attempt costs. <see cref="BilledNano"/> is what the upstream will bill us, <see cref="ListNano"/> what the vendor's list says. Amounts
/// are nano-units (10⁻⁹) and never negative. A meter that was used and has no price is named in <see cref="Missing"/>; the amounts are then those of
/// the other meters: unpriced in part.
/// </summary>
public readonly record struct PriceQuote
{
    /// <summary>Currency of <see cref="BilledNano"/>; empty where nothing is priced.</summary>
    public string Currency { get; init; }

    /// <summary>What the upstream bills; null where no meter that was used has a price.</summary>
    public long? BilledNano { get; init; }

    /// <summary>Which price it was: <see cref="PriceRecord.Version"/> of the list or of the operator's own rates; empty where there is none.</summary>
    public string Version { get; init; }

    /// <summary>The operator's factor on the list price, in millionths; null where there is none.</summary>
    public long? FactorMillionths { get; init; }

    /// <summary>What the list says, in <see cref="ListCurrency"/>; null where it is unknown, also in part.</summary>
    public long? ListNano { get; init; }

    /// <summary>Currency of <see cref="ListNano"/>; empty where it is unknown.</summary>
    public string ListCurrency { get; init; }

    /// <summary>The meters that were used and have no price, one bit each; see <see cref="Meters.Text"/>.</summary>
    public int Missing { get; init; }

    /// <summary>True: every meter that was used has a price.</summary>
    public bool IsComplete => BilledNano is not null && Missing == 0;

    /// <summary>Nothing is known.</summary>
    public static PriceQuote Unpriced { get; } = new() { Currency = "", Version = "", ListCurrency = "" };
}

/// <summary>One leg of a price: a meter, how much of it was used, and what that comes to.</summary>
/// <param name="Meter">What was counted.</param>
/// <param name="Count">Tokens or calls.</param>
/// <param name="RatePico">The list's or the operator's own rate in pico-units each, before a factor; null: unknown.</param>
/// <param name="ListNano">At that rate; null: unknown.</param>
/// <param name="BilledNano">With the factor, rounded on its own; null: unknown.</param>
public sealed record PriceLine(Meter Meter, long Count, long? RatePico, long? ListNano, long? BilledNano);

/// <summary>A price with its legs, for people.</summary>
/// <param name="Quote">The sums.</param>
/// <param name="Record">The list's record that holds; null where none does or where the operator's own rates go before it.</param>
/// <param name="StepIndex">Which of the record's steps.</param>
/// <param name="Lines">The legs, of meters that were used.</param>
/// <param name="Notes">What a person should know: an unknown price and why, a calendar that does not know the year.</param>
public sealed record PriceExplanation(PriceQuote Quote, PriceRecord? Record, int StepIndex, IReadOnlyList<PriceLine> Lines, IReadOnlyList<string> Notes);
