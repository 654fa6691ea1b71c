using Trivet.Core.Failures;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Admin.Upstreams;

/// <summary>One scorecard as all nodes together know it.</summary>
/// <param name="Subject">Whose.</param>
/// <param name="Nodes">How many nodes have counted.</param>
/// <param name="Card">What is known.</param>
public sealed record ScorecardReport(ScoreSubject Subject, int Nodes, ScorecardSnapshot Card);

/// <summary>The scorecards as they are kept in the database: what the nodes have counted, a quarter of a minute ago at most.</summary>
public sealed class ScorecardAdmin(IScorecardStore store, TimeProvider time)
{
    /// <summary>Offerings first, then credentials, each by name. Those of one upstream, or of all.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<ScorecardReport>>> ReadAsync(string? upstream, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rows = await store.LoadAsync(now - (long)KeptCard.KeepFor.TotalMilliseconds, cancellationToken);
        if (rows.Fault is { } fault)
            return fault;
        var reports = new List<ScorecardReport>();
        foreach (var subject in rows.Value.GroupBy(static row => ScoreSubject.Of(row.Kind, row.Subject)).Where(rows => upstream is null || rows.Key.Upstream == upstream))
        {
            var cards = subject.Select(static row => KeptCardJson.Read(row.Content, row.AsOfMs)).OfType<KeptCard>().ToList();
            if (KeptCard.Sum(cards, now) is not { } sum)
                continue;
            var card = new Scorecard { Standing = sum.Standing };
            card.TakePeers(sum);
            reports.Add(new ScorecardReport(subject.Key, cards.Count, card.Read(subject.Key.Id, now)));
        }

        return StoreOutcome.Of<IReadOnlyList<ScorecardReport>>([.. reports.OrderBy(static report => report.Subject.Kind).ThenBy(static report => report.Subject.Id, StringComparer.Ordinal)]);
    }
}
