namespace Trivet.WebConsole.Charts;

/// <summary>One bar, of one or more parts on top of each other.</summary>
/// <param name="Label">Below it; empty for none.</param>
/// <param name="Title">What it says, in words and exact.</param>
/// <param name="Parts">The lowest first, each in the colour of its place.</param>
/// <param name="Href">What it came from.</param>
public sealed record ChartBar(string Label, string Title, IReadOnlyList<double> Parts, string? Href = null);

/// <summary>One point of a scatter.</summary>
/// <param name="X">Across; above zero on a logarithmic axis.</param>
/// <param name="Y">Up.</param>
/// <param name="YLow">The lower end of its uncertainty; null where none is known.</param>
/// <param name="YHigh">The upper end.</param>
/// <param name="Name">Beside it.</param>
/// <param name="Title">What it says, in words and exact.</param>
/// <param name="Href">What it came from.</param>
/// <param name="Series">Which colour.</param>
public sealed record ChartPoint(double X, double Y, double? YLow, double? YHigh, string Name, string Title, string? Href = null, int Series = 0);

/// <summary>A stretch of time and how it went.</summary>
/// <param name="Tone"><c>good</c>, <c>warn</c>, <c>bad</c>; <c>none</c> where nothing was asked.</param>
/// <param name="Title">What it says, in words and exact.</param>
/// <param name="Href">What it came from.</param>
public sealed record ChartSpan(string Tone, string Title, string? Href = null);
