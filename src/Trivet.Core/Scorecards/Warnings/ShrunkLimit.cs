namespace Trivet.Core.Scorecards.Warnings;

/// <summary>A limit that its vendor says is lower than it was.</summary>
/// <param name="Model">For which model.</param>
/// <param name="Meter">Of what: <c>requests</c> or <c>tokens</c>.</param>
/// <param name="Before">The highest it said before.</param>
/// <param name="Now">What it says now.</param>
internal sealed record ShrunkLimit(string Model, string Meter, double Before, double Now);
