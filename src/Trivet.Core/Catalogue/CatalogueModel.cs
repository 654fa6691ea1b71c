namespace Trivet.Core.Catalogue;

/// <summary>What a vendor offers under one name: what it is, what it can do, what it costs. Null is unknown. Immutable and shared.</summary>
public sealed record CatalogueModel
{
    /// <summary>The vendor, as in the name of its file.</summary>
    public required string Vendor { get; init; }

    /// <summary>The vendor's name for it.</summary>
    public required string Id { get; init; }

    /// <summary>The name for people.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Other names that the vendor takes for it; <c>*</c> stands for any run of characters (dated names of the same model).</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The longest prompt and answer together, in tokens.</summary>
    public long? ContextTokensMax { get; init; }

    /// <summary>The longest answer, in tokens.</summary>
    public long? OutputTokensMax { get; init; }

    /// <summary>What it reads: text, image, audio, video, pdf.</summary>
    public IReadOnlyList<string> InputModalities { get; init; } = [];

    /// <summary>What it writes.</summary>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];

    /// <summary>How its thinking is steered; empty where it does not think, null where that is unknown.</summary>
    public IReadOnlyList<string>? Reasoning { get; init; }

    /// <summary>Whether it calls tools.</summary>
    public bool? Tools { get; init; }

    /// <summary>Whether its answers can be held to a JSON schema.</summary>
    public bool? StructuredOutput { get; init; }

    /// <summary>Whether anybody may run it.</summary>
    public bool? OpenWeights { get; init; }

    /// <summary>When it came out.</summary>
    public DateOnly? Released { get; init; }

    /// <summary>Until when its training data reaches, as the vendor says it: a year, a month or a day.</summary>
    public string? Knowledge { get; init; }

    /// <summary>True: the vendor advises against it, or has said when it goes.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>When it goes, or went.</summary>
    public DateOnly? RetiredOn { get; init; }

    /// <summary>Where all this was read.</summary>
    public required PriceSource Source { get; init; }

    /// <summary>Its prices.</summary>
    public IReadOnlyList<PriceRecord> Prices { get; init; } = [];

    /// <summary><c>vendor/model</c>.</summary>
    public string QualifiedId => $"{Vendor}/{Id}";
}
