namespace Trivet.Server.Cli.Doctor;

/// <summary>How bad it is.</summary>
internal enum FindingLevel
{
    Ok,

    /// <summary>The server runs, but not as somebody probably wants.</summary>
    Warn,

    /// <summary>The server would not run, or would refuse requests.</summary>
    Fail,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="About">What was looked at.</param>
/// <param name="Text">What was found; never a secret.</param>
/// <param name="Remedy">What to do; null where there is nothing to do.</param>
internal sealed record Finding(FindingLevel Level, string About, string Text, string? Remedy = null)
{
    public static Finding Ok(string about, string text) => new(FindingLevel.Ok, about, text);

    public static Finding Warn(string about, string text, string remedy) => new(FindingLevel.Warn, about, text, remedy);

    public static Finding Fail(string about, string text, string remedy) => new(FindingLevel.Fail, about, text, remedy);
}
