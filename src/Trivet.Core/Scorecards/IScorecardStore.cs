using Trivet.Core.Failures;

namespace Trivet.Core.Scorecards;

/// <summary>One node's scorecard of one subject, as it is kept.</summary>
/// <param name="Node">Whose counts.</param>
/// <param name="Kind"><c>offering</c> or <c>credential</c>.</param>
/// <param name="Subject"><c>upstream/model</c>, or the credential's id.</param>
/// <param name="AsOfMs">When the sums stood so, Unix milliseconds.</param>
/// <param name="Content">The sums, JSON.</param>
public sealed record ScorecardRow(string Node, string Kind, string Subject, long AsOfMs, string Content);

/// <summary>Where scorecards are kept, and what nodes share of them.</summary>
public interface IScorecardStore
{
    /// <summary>Writes rows in place of those of the same node and subject.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<ScorecardRow> rows, CancellationToken cancellationToken);

    /// <summary>Rows of all nodes that stood later than <paramref name="sinceMs"/>.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<ScorecardRow>>> LoadAsync(long sinceMs, CancellationToken cancellationToken);

    /// <summary>Deletes a node's rows of these subjects.</summary>
    ValueTask<StoreOutcome<int>> DeleteAsync(string node, IReadOnlyList<ScoreSubject> subjects, CancellationToken cancellationToken);

    /// <summary>Deletes rows that stood at <paramref name="beforeMs"/> or earlier.</summary>
    ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken);
}
