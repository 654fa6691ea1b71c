namespace Trivet.Core.Routing.Difficulty;

/// <summary>Hard questions to strong models, the others to weak ones, by a router that is trained on graded questions. From the operator; it decides nothing where it does not beat prompt length on them.</summary>
public sealed record DifficultyConfig
{
    /// <summary>Absolute path of the graded questions.</summary>
    public required string TablePath { get; init; }

    /// <summary>Vendors, models or offerings that go first for the others.</summary>
    public required IReadOnlyList<ModelPattern> Weak { get; init; }

    /// <summary>Those that go first for the hard ones.</summary>
    public required IReadOnlyList<ModelPattern> Strong { get; init; }

    /// <summary>How many of a hundred questions like those of the table are taken for hard.</summary>
    public int StrongPercent { get; init; } = 40;
}
