using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

// A vendor's file as written, before names in it are looked up. Null: not written.

internal sealed record VendorFileDraft
{
    public string Vendor { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Country { get; init; }

    public IReadOnlyList<string> Makes { get; init; } = [];

    public IReadOnlyDictionary<string, SourceDraft> Sources { get; init; } = new Dictionary<string, SourceDraft>();

    public IReadOnlyDictionary<string, string> Currencies { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, ScheduleDraft> Schedules { get; init; } = new Dictionary<string, ScheduleDraft>();

    public IReadOnlyDictionary<string, Placed<ModelDraft>> Models { get; init; } = new Dictionary<string, Placed<ModelDraft>>();
}

internal sealed record SourceDraft(string Url, DateOnly Checked, string Note);

internal sealed record ScheduleDraft
{
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public int Days { get; init; }

    public IReadOnlyList<DayHours> Hours { get; init; } = [];

    public Placed<string>? WithoutHolidays { get; init; }

    public bool WithMakeUpDays { get; init; }
}

internal sealed record ModelDraft
{
    public CatalogueModel Model { get; init; } = new() { Vendor = "", Id = "", Source = new PriceSource("", "", default) };

    public Placed<string>? Source { get; init; }

    public IReadOnlyList<Placed<RecordDraft>> Prices { get; init; } = [];
}

internal sealed record RecordDraft
{
    public string Currency { get; init; } = "";

    public string? Site { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public Placed<string>? When { get; init; }

    public ServiceTier Tier { get; init; }

    public bool IsPromotion { get; init; }

    public Placed<string>? Source { get; init; }

    public MeterRates? Rates { get; init; }

    public IReadOnlyList<PriceStep>? Steps { get; init; }
}
