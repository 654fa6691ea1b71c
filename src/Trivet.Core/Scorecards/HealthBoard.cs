using System.Collections.Concurrent;

namespace Trivet.Core.Scorecards;

/// <summary>The health of every offering, by <c>upstream/model</c>, and the scorecard of every credential, by its id.</summary>
public sealed class HealthBoard
{
    private readonly ConcurrentDictionary<string, OfferingHealth> _offerings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Scorecard> _credentials = new(StringComparer.Ordinal);

    /// <summary>The health of an offering, made when first asked for.</summary>
    public OfferingHealth For(string offeringId) => _offerings.GetOrAdd(offeringId, static _ => new OfferingHealth());

    /// <summary>The scorecard of a credential, made when first asked for.</summary>
    public Scorecard ForCredential(string credentialId) => _credentials.GetOrAdd(credentialId, static _ => new Scorecard());

    /// <summary>All scorecards that there are.</summary>
    internal IEnumerable<(ScoreSubject Subject, Scorecard Card)> Cards()
    {
        foreach (var (id, health) in _offerings)
            yield return (new ScoreSubject(ScoreSubjectKind.Offering, id), health.Card);
        foreach (var (id, card) in _credentials)
            yield return (new ScoreSubject(ScoreSubjectKind.Credential, id), card);
    }

    /// <summary>The scorecard of a subject.</summary>
    internal Scorecard Card(ScoreSubject subject) => subject.Kind == ScoreSubjectKind.Offering ? For(subject.Id).Card : ForCredential(subject.Id);
}

/// <summary>What a scorecard is of.</summary>
public enum ScoreSubjectKind : byte
{
    /// <summary>A model at an upstream.</summary>
    Offering,

    /// <summary>A credential of an upstream.</summary>
    Credential,
}

/// <summary>Whose scorecard it is.</summary>
/// <param name="Kind">What it is of.</param>
/// <param name="Id"><c>upstream/model</c>, or the credential's id.</param>
public readonly record struct ScoreSubject(ScoreSubjectKind Kind, string Id)
{
    private const string Offering = "offering";
    private const string Credential = "credential";

    /// <summary>The kind as it is kept and shown.</summary>
    public string KindWord => Kind == ScoreSubjectKind.Offering ? Offering : Credential;

    /// <summary>The upstream that it belongs to.</summary>
    public string Upstream => Id[..Math.Max(Kind == ScoreSubjectKind.Offering ? Id.IndexOf('/', StringComparison.Ordinal) : Id.LastIndexOf('#'), 0)];

    /// <summary>The subject that a kept row is of.</summary>
    public static ScoreSubject Of(string kind, string id) => new(kind == Credential ? ScoreSubjectKind.Credential : ScoreSubjectKind.Offering, id);
}
