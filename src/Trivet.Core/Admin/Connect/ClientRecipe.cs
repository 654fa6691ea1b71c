using Trivet.Wire.Canonical;

namespace Trivet.Core.Admin.Connect;

/// <summary>Where a client is to be pointed.</summary>
/// <param name="Address">Trivet's address without a path.</param>
/// <param name="Key">The client's key, or the placeholder that stands for it.</param>
/// <param name="Model">The model to ask for.</param>
public sealed record ConnectTarget(string Address, string Key, string Model)
{
    /// <summary>
    /// Whether a model's name may stand in what people paste: in five languages of configuration it must be a word and nothing else. Where a route takes any name, a link may ask for one that would end its
    /// line and begin another.
    /// </summary>
    public static bool IsPlain(string model) => model.Length > 0 && char.IsLetterOrDigit(model[0]) && model.All(character => char.IsLetterOrDigit(character) || "-_.:/@+".Contains(character, StringComparison.Ordinal));
}

/// <summary>How one client is pointed at Trivet. What each needs was observed on loopback on 2026-11-22.</summary>
public sealed record ClientRecipe
{
    /// <summary>What is typed after <c>connect</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The protocol that it speaks.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>The program that <c>--run</c> starts; null for a library.</summary>
    public string? Program { get; init; }

    /// <summary>How it is installed, where it is not there.</summary>
    public string? Install { get; init; }

    /// <summary>Arguments that always come first.</summary>
    public Func<ConnectTarget, IReadOnlyList<string>> Arguments { get; init; } = _ => [];

    /// <summary>Environment variables to set.</summary>
    public required Func<ConnectTarget, IReadOnlyList<(string Name, string Value)>> Environment { get; init; }

    /// <summary>Variables that would win over those, and must not be set.</summary>
    public IReadOnlyList<string> Unset { get; init; } = [];

    /// <summary>Only for <c>--run</c>: variables that replace a file.</summary>
    public Func<ConnectTarget, IReadOnlyList<(string Name, string Value)>> RunEnvironment { get; init; } = _ => [];

    /// <summary>Only for <c>--run</c>: a file below the home that replaces one of the user's, and the variable that names it.</summary>
    public (string Variable, string Path, string Text)? RunFile { get; init; }

    /// <summary>A file to write: its path, and its text.</summary>
    public Func<ConnectTarget, (string Path, string Text)>? File { get; init; }

    /// <summary>Lines of code that show it at work, and a line on what they are.</summary>
    public Func<ConnectTarget, (string About, string Code)>? Sample { get; init; }

    /// <summary>What else is good to know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
