namespace Trivet.Core.Yaml;

/// <summary>Something wrong, or odd, in a configuration.</summary>
/// <param name="Line">One-based line in the file; 0 when there is none.</param>
/// <param name="Column">One-based column; 0 when there is none.</param>
/// <param name="Path">Where in the tree: <c>upstreams[0].endpoints</c>.</param>
/// <param name="Message">What is wrong and what to do; never holds a secret.</param>
public sealed record ConfigProblem(int Line, int Column, string Path, string Message)
{
    /// <summary><c>line 12: …</c></summary>
    public override string ToString() => Line > 0 ? $"line {Line}: {Message}" : Message;
}
