using System.Text.Json.Nodes;
using Trivet.Core.Catalogue;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Yaml;
using Trivet.Wire.Json;

namespace Trivet.Core.Snapshots.Drafts;

/// <summary>A policy as written.</summary>
internal sealed record PolicyDraft
{
    public PolicyFloors Floors { get; init; } = new();

    public AimDraft? Aim { get; init; }

    public WhenNone? WhenNone { get; init; }

    public IReadOnlyList<Placed<Floor>> Relax { get; init; } = [];

    public string Currency { get; init; } = "USD";

    public int? BalancePercent { get; init; }

    public PolicyPriors Priors { get; init; } = new();

    public IReadOnlyList<string> Keys { get; init; } = [];

    public DifficultyDraft? Difficulty { get; init; }

    public IReadOnlyDictionary<RequestTask, IReadOnlyList<ModelPattern>> Tasks { get; init; } = new Dictionary<RequestTask, IReadOnlyList<ModelPattern>>();
}

/// <summary>Hard questions as written.</summary>
internal sealed record DifficultyDraft
{
    public string Table { get; init; } = "";

    public IReadOnlyList<ModelPattern> Weak { get; init; } = [];

    public IReadOnlyList<ModelPattern> Strong { get; init; } = [];

    public int StrongPercent { get; init; } = 40;
}

/// <summary>An aim as written: a word, or rates of exchange.</summary>
internal sealed record AimDraft(PolicyAim Aim, long SecondNano = 0, long QualityNano = 0);

/// <summary>The keys of one of <c>policies:</c>.</summary>
internal static class PolicyShapes
{
    private static readonly Dictionary<string, RequestFeatures> CapabilityWords = new(StringComparer.Ordinal)
    {
        ["tools"] = RequestFeatures.Tools,
        ["forced_tool"] = RequestFeatures.ForcedTool,
        ["single_tool_call"] = RequestFeatures.SingleToolCall,
        ["images"] = RequestFeatures.Images,
        ["documents"] = RequestFeatures.Documents,
        ["audio"] = RequestFeatures.Audio,
        ["video"] = RequestFeatures.Video,
        ["json_schema"] = RequestFeatures.JsonSchema,
        ["stop_sequences"] = RequestFeatures.StopSequences,
    };

    private static readonly Shape<double> Share = new ScalarShape<double>(
        "a share from 0 to 1 such as 0.95",
        text => (Shapes.TryDecimal(text, 6, out var millionths) && millionths <= PriceMath.Millionths, millionths / (double)PriceMath.Millionths),
        () => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 });

    private static readonly Shape<long> Money = Shapes.Decimal(9);

    private static readonly Shape<IReadOnlyList<ModelPattern>> Preferred =
        new MappedShape<IReadOnlyList<string>, IReadOnlyList<ModelPattern>>(new ListShape<string>(Shapes.Text), list => [.. list.Select(text => new ModelPattern(text))]);

    /// <summary>What <c>keys</c> holds.</summary>
    public static Shape<IReadOnlyList<string>> KeyNames { get; } = new ListShape<string>(Shapes.Text);

    /// <summary>All of them.</summary>
    public static ObjectShape<PolicyDraft> Keys() => new ObjectShape<PolicyDraft>(() => new PolicyDraft())
        .Key("floors", "What offerings must have.", Floors(), draft => draft.Floors, (draft, value) => draft with { Floors = value })
        .Key("aim", "What decides among those that have it: cheapest (default), fastest, best, or { second, quality }: what a second and the whole of quality are worth.", new EitherShape<AimDraft>(AimWord(), AimRates()), (draft, value) => draft with { Aim = value })
        .Key("when_none", "What happens where no offering meets the floors: refuse (503), or relax: give floors up in the order of 'relax'.", Shapes.Word<WhenNone>(), (draft, value) => draft with { WhenNone = value })
        .Key("relax", "Floors that may be given up, the first first; those that are not named never are.", new ListShape<Placed<Floor>>(new PlacedShape<Floor>(FloorWord())), (draft, value) => draft with { Relax = value })
        .Key("currency", "Of all money here. Default USD.", RateShapes.Currency, (draft, value) => draft with { Currency = value })
        .Key("balance", "How far above its fair share of the tokens of the last ten minutes an offering may be, in percent, before others go first. Default: load decides only among equals.", Shapes.Int(0, 1000), (draft, value) => draft with { BalancePercent = value })
        .Key("priors", "What is taken for true of an offering of which nothing is known.", Priors(), draft => draft.Priors, (draft, value) => draft with { Priors = value })
        .Key("tasks", "Who goes first by task: vendors, models or upstream/model, * matches; the first is the most wanted.", Tasks(), (draft, value) => draft with { Tasks = value })
        .Key("difficulty", "Hard questions to strong models, by a router trained on graded questions; it is used only where it beats prompt length on them ('trivet route evaluate').", Difficulty(), (draft, value) => draft with { Difficulty = value })
        .Key("keys", "Names or ids of client keys whose requests it decides, whatever their routes say.", KeyNames, (draft, value) => draft with { Keys = value });

    private static ObjectShape<PolicyFloors> Floors()
    {
        var vendors = new ListShape<string>(new VendorShape());
        return new ObjectShape<PolicyFloors>(() => new PolicyFloors())
            .Key("quality", "The least share of answers that pass the passive checks.", Share, (floors, value) => floors with { Quality = value })
            .Key("availability", "The least probability that an attempt is answered.", Share, (floors, value) => floors with { Availability = value })
            .Key("first_content", "The longest usual (median) time to the first content.", Shapes.Duration, (floors, value) => floors with { FirstContent = value })
            .Key("price_per_million", "The most that a million tokens of the request and its answer may be expected to cost, the warm cache counted.", Money, (floors, value) => floors with { PerMillionNano = value })
            .Key("price_per_request", "The most that the request may be expected to cost.", Money, (floors, value) => floors with { PerRequestNano = value })
            .Key("context", "The least context in tokens, by the catalogue.", Shapes.Int(1, 1_000_000_000), (floors, value) => floors with { ContextTokens = value })
            .Key("capabilities", "What offerings must be able to do: tools, forced_tool, single_tool_call, images, documents, audio, video, json_schema, stop_sequences.", new MappedShape<IReadOnlyList<RequestFeatures>, RequestFeatures>(new ListShape<RequestFeatures>(Shapes.Word(CapabilityWords)), list => list.Aggregate(RequestFeatures.None, (all, one) => all | one)), (floors, value) => floors with { Capabilities = value })
            .Key("regions", "Where data may go: the 'region' of an upstream, else its site.", new ListShape<string>(Shapes.Text), (floors, value) => floors with { Regions = value })
            .Key("vendors", "Vendors that may be asked. Default: all.", vendors, (floors, value) => floors with { Vendors = value })
            .Key("vendors_denied", "Vendors that may not.", vendors, (floors, value) => floors with { VendorsDenied = value });
    }

    private static ObjectShape<PolicyPriors> Priors() => new ObjectShape<PolicyPriors>(() => new PolicyPriors())
        .Key("availability", "Counts as five samples. Default 0.98.", Positive(), (priors, value) => priors with { Availability = value })
        .Key("quality", "Counts as ten samples. Default 0.95.", Share, (priors, value) => priors with { Quality = value })
        .Key("first_content", "Counts as three answers. Default 2s.", Shapes.Duration, (priors, value) => priors with { FirstContent = value })
        .Key("speed", "Tokens in a second, until an answer is known. Default 50.", Shapes.Int(1, 100_000), (priors, value) => priors with { TokensPerSecond = value });

    private static Shape<double> Positive() => new ScalarShape<double>(
        "a share above 0, at most 1, such as 0.98",
        text => (Shapes.TryDecimal(text, 6, out var millionths) && millionths is > 0 and <= PriceMath.Millionths, millionths / (double)PriceMath.Millionths),
        () => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0, ["maximum"] = 1 });

    private static Shape<Floor> FloorWord() => Shapes.Word(PolicyWords.Floors.ToDictionary(word => word.Key, word => word.Value, StringComparer.Ordinal));

    private static Shape<AimDraft> AimWord() => new MappedShape<PolicyAim, AimDraft>(
        Shapes.Word(Shapes.Words<PolicyAim>().Where(word => word.Value != PolicyAim.Exchange).ToDictionary(word => word.Key, word => word.Value, StringComparer.Ordinal)), aim => new AimDraft(aim));

    private static ObjectShape<AimDraft> AimRates() => new ObjectShape<AimDraft>(() => new AimDraft(PolicyAim.Exchange))
        .Key("second", "What a second less is worth.", Money, (aim, value) => aim with { SecondNano = value })
        .Key("quality", "What the whole of quality, from 0 to 1, is worth: what a useless answer costs its reader.", Money, (aim, value) => aim with { QualityNano = value });

    private static ObjectShape<DifficultyDraft> Difficulty() => new ObjectShape<DifficultyDraft>(() => new DifficultyDraft())
        .Key("table", "The graded questions: a file of question,weak is right,strong is right; relative to this file's folder.", Shapes.Text, (draft, value) => draft with { Table = value }, required: true)
        .Key("weak", "Who goes first for the others: vendors, models or upstream/model, * matches.", Preferred, (draft, value) => draft with { Weak = value }, required: true)
        .Key("strong", "Who goes first for the hard ones.", Preferred, (draft, value) => draft with { Strong = value }, required: true)
        .Key("strong_percent", "How many of a hundred questions like those of the table are taken for hard. Default 40.", Shapes.Int(1, 99), (draft, value) => draft with { StrongPercent = value });

    private static ObjectShape<IReadOnlyDictionary<RequestTask, IReadOnlyList<ModelPattern>>> Tasks()
    {
        var shape = new ObjectShape<IReadOnlyDictionary<RequestTask, IReadOnlyList<ModelPattern>>>(() => new Dictionary<RequestTask, IReadOnlyList<ModelPattern>>());
        foreach (var (word, task) in Shapes.Words<RequestTask>())
            shape.Key(word, "Who goes first.", Preferred, (tasks, value) => new Dictionary<RequestTask, IReadOnlyList<ModelPattern>>(tasks) { [task] = value });
        return shape;
    }
}
