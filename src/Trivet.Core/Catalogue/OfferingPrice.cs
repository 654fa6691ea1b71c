namespace Trivet.Core.Catalogue;

/// <summary>
/// What one offering costs, looked up and sorted when the configuration is compiled: the vendor's list price in one currency, and what the operator
/// says instead of it. Immutable; the relay's hot path sees only this.
/// </summary>
public sealed class OfferingPrice
{
    private readonly PriceRecord[] _list;

    private OfferingPrice(PriceRecord[] list) => _list = list;

    /// <summary>Nothing is known.</summary>
    public static OfferingPrice None { get; } = new([]) { Reason = "no price is known" };

    /// <summary>The model in the catalogue; null where it is not there.</summary>
    public CatalogueModel? Model { get; init; }

    /// <summary>The operator's absolute rates, which hold at all times and for all tiers; null: the list's.</summary>
    public MeterRates? Own { get; init; }

    /// <summary>Version of <see cref="Own"/>; empty without it.</summary>
    public string OwnVersion { get; private init; } = "";

    /// <summary>The operator's factor on the list price, in millionths; null: none.</summary>
    public long? FactorMillionths { get; init; }

    /// <summary>True: a flat fee pays for it, so that a request costs nothing by itself.</summary>
    public bool IsPlan { get; init; }

    /// <summary>True: the list price is only for comparing. What this upstream charges is not known (a relay whose price nobody gave).</summary>
    public bool IsListOnly { get; init; }

    /// <summary>Currency of what is billed; empty where nothing is known.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Currency of the list; empty where there is none.</summary>
    public string ListCurrency => _list.Length == 0 ? "" : _list[0].Currency;

    /// <summary>The list's records, in the order in which they are tried.</summary>
    public IReadOnlyList<PriceRecord> List => _list;

    /// <summary>Why there is no price, for people; null where there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// True: prompts and answers have a price, at some time and as usual. A request to an offering without one cannot be held to a spending limit.
    /// </summary>
    public bool IsPriced => IsPlan || (Own is { } own ? HasTokens(own) : !IsListOnly && Array.Exists(_list, record => HasTokens(record.Steps[0].Rates)));

    /// <summary>By a vendor's list, with the operator's factor where there is one.</summary>
    public static OfferingPrice OfList(CatalogueModel model, IEnumerable<PriceRecord> records, long? factorMillionths, bool isListOnly = false)
    {
        var list = Sort(records);
        return new OfferingPrice(list)
        {
            Model = model,
            FactorMillionths = factorMillionths == PriceMath.Millionths ? null : factorMillionths,
            IsListOnly = isListOnly,
            Currency = isListOnly || list.Length == 0 ? "" : list[0].Currency,
            Reason = list.Length == 0 ? $"the catalogue knows {model.Id} and no price of it" : isListOnly ? "what this upstream charges is not known; give it a 'price:'" : null,
        };
    }

    /// <summary>By the operator's own rates; the list beside them is for comparing.</summary>
    public static OfferingPrice OfRates(MeterRates rates, string currency, CatalogueModel? model = null, IEnumerable<PriceRecord>? records = null)
    {
        var text = new System.Text.StringBuilder("own ").Append(currency).Append(' ');
        rates.AppendTo(text);
        return new OfferingPrice(Sort(records ?? [])) { Model = model, Own = rates, Currency = currency, OwnVersion = PriceRecord.VersionOf(text.ToString()) };
    }

    /// <summary>Paid by a flat fee.</summary>
    public static OfferingPrice OfPlan(string currency, CatalogueModel? model = null, IEnumerable<PriceRecord>? records = null) =>
        new(Sort(records ?? [])) { Model = model, IsPlan = true, Currency = currency };

    /// <summary>Unknown, with the reason.</summary>
    public static OfferingPrice Unknown(string reason, CatalogueModel? model = null) => new([]) { Model = model, Reason = reason };

    /// <summary>The list's record that holds for a tier at a time; null where none does.</summary>
    public PriceRecord? RecordAt(DateTimeOffset when, ServiceTier tier)
    {
        foreach (var record in _list)
        {
            if (record.Holds(when, tier))
                return record;
        }

        return null;
    }

    private static PriceRecord[] Sort(IEnumerable<PriceRecord> records)
    {
        // A stable sort: of two records that nothing else tells apart the first in the file counts.
        var list = records.Order(Comparer<PriceRecord>.Create(PriceRecord.Compare)).ToArray();
        if (Array.Exists(list, record => record.Currency != list[0].Currency))
            throw new ArgumentException("The records of an offering are of one currency.", nameof(records));
        return list;
    }

    private static bool HasTokens(MeterRates rates) => rates is { InputPico: not null, OutputPico: not null };
}
