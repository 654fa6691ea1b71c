using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue.Chips;

/// <summary>A kind of chip that models run on.</summary>
/// <param name="Id">Its name in the file.</param>
/// <param name="Name">The name for people.</param>
/// <param name="Designer">Whose design it is.</param>
/// <param name="Country">Where that company is at home, an ISO 3166 code.</param>
public sealed record Chip(string Id, string Name, string Designer, string Country);

/// <summary>What a vendor uses chips for, as far as a source says.</summary>
public enum ChipUse
{
    /// <summary>It answers requests with them.</summary>
    Serving,

    /// <summary>It has trained models on them; what it serves on is not said.</summary>
    Training,
}

/// <summary>What a source says of the chips of a vendor.</summary>
/// <param name="Vendor">As the catalogue names it.</param>
/// <param name="Chips">Which.</param>
/// <param name="Use">What for.</param>
/// <param name="Operators">Who owns the machines and runs them; empty where the source does not say.</param>
/// <param name="AsOf">When it was so.</param>
/// <param name="Source">Where it was read, and when.</param>
public sealed record ChipFact(string Vendor, IReadOnlyList<Chip> Chips, ChipUse Use, IReadOnlyList<string> Operators, DateOnly AsOf, PriceSource Source);

/// <summary>The chips that vendors run models on, from the file that comes with Trivet. A vendor of which nothing is known has no facts.</summary>
public sealed class ChipCatalogue
{
    private const string Resource = "chips/chips.yaml";

    // Before what is read by it.
    private static ObjectShape<FileDraft> File { get; } = new ObjectShape<FileDraft>(() => new FileDraft())
        .Key("chips", "Kinds of chips.", new MapShape<Chip>(new ObjectShape<Chip>(() => new Chip("", "", "", ""))
            .Key("name", "The name for people.", Shapes.Text, (chip, value) => chip with { Name = value }, required: true)
            .Key("designer", "Whose design it is.", Shapes.Text, (chip, value) => chip with { Designer = value }, required: true)
            .Key("country", "Where that company is at home.", Shapes.Text, (chip, value) => chip with { Country = value }, required: true)), (file, value) => file with { Chips = value }, required: true)
        .Key("vendors", "What sources say of vendors.", new MapShape<IReadOnlyList<FactDraft>>(new ListShape<FactDraft>(new ObjectShape<FactDraft>(() => new FactDraft())
            .Key("chips", "Which.", new ListShape<Placed<string>>(new PlacedShape<string>(Shapes.Text)), (fact, value) => fact with { Chips = value }, required: true)
            .Key("use", "serving or training.", Shapes.Word<ChipUse>(), (fact, value) => fact with { Use = value }, required: true)
            .Key("operators", "Who runs the machines.", new ListShape<string>(Shapes.Text), (fact, value) => fact with { Operators = value }, required: true)
            .Key("as_of", "When it was so.", Shapes.Date, (fact, value) => fact with { AsOf = value }, required: true)
            .Key("source", "Where it was read.", Shapes.Text, (fact, value) => fact with { Source = value }, required: true)
            .Key("checked", "When it was read.", Shapes.Date, (fact, value) => fact with { Checked = value }, required: true))), (file, value) => file with { Vendors = value }, required: true);

    private readonly ILookup<string, ChipFact> _byVendor;

    private ChipCatalogue(IReadOnlyList<Chip> chips, IReadOnlyList<ChipFact> facts) => (Chips, Facts, _byVendor) = (chips, facts, facts.ToLookup(fact => fact.Vendor, StringComparer.Ordinal));

    /// <summary>What comes with Trivet.</summary>
    public static ChipCatalogue Shipped { get; } = Load();

    /// <summary>All kinds of chips, in the order of the file.</summary>
    public IReadOnlyList<Chip> Chips { get; }

    /// <summary>All that is known.</summary>
    public IReadOnlyList<ChipFact> Facts { get; }

    /// <summary>What is known of a vendor; empty for nothing.</summary>
    public IEnumerable<ChipFact> Of(string vendor) => _byVendor[vendor];

    /// <summary>Reads a file; null, with problems, where anything in it is wrong.</summary>
    internal static ChipCatalogue? Read(string yaml, List<ConfigProblem> problems)
    {
        var context = new ReadContext(_ => null);
        ChipCatalogue? catalogue = null;
        if (YamlText.TryParse(yaml, context, out var root) && File.TryRead(context, new Place(root, ""), out var draft))
            catalogue = Build(draft, context);
        problems.AddRange(context.Problems);
        return context.Problems.Count == 0 ? catalogue : null;
    }

    private static ChipCatalogue Build(FileDraft draft, ReadContext context)
    {
        var chips = draft.Chips.ToDictionary(entry => entry.Key, entry => entry.Value with { Id = entry.Key }, StringComparer.Ordinal);
        var facts = new List<ChipFact>();
        foreach (var (vendor, written) in draft.Vendors)
        {
            foreach (var fact in written)
            {
                foreach (var unknown in fact.Chips.Where(chip => !chips.ContainsKey(chip.Value)))
                    context.Problem(unknown.Place, $"there is no chip '{unknown.Value}'{Nearest.Hint(unknown.Value, chips.Keys)}");
                facts.Add(new ChipFact(
                    vendor, [.. fact.Chips.Select(chip => chips.GetValueOrDefault(chip.Value)).OfType<Chip>()], fact.Use, fact.Operators, fact.AsOf, new PriceSource(vendor, fact.Source, fact.Checked)));
            }
        }

        return new ChipCatalogue([.. chips.Values], facts);
    }

    // An embedded file that is wrong is a defect of the build, caught by a test.
    private static ChipCatalogue Load()
    {
        using var stream = typeof(ChipCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var problems = new List<ConfigProblem>();
        return Read(reader.ReadToEnd(), problems) ?? throw new InvalidOperationException($"Chips: {string.Join("; ", problems)}");
    }

    private sealed record FileDraft
    {
        public IReadOnlyDictionary<string, Chip> Chips { get; init; } = new Dictionary<string, Chip>();

        public IReadOnlyDictionary<string, IReadOnlyList<FactDraft>> Vendors { get; init; } = new Dictionary<string, IReadOnlyList<FactDraft>>();
    }

    private sealed record FactDraft
    {
        public IReadOnlyList<Placed<string>> Chips { get; init; } = [];

        public ChipUse Use { get; init; }

        public IReadOnlyList<string> Operators { get; init; } = [];

        public DateOnly AsOf { get; init; }

        public string Source { get; init; } = "";

        public DateOnly Checked { get; init; }
    }
}
