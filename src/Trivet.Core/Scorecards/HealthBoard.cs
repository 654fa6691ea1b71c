using System.Collections.Concurrent;

namespace Trivet.Core.Scorecards;

/// <summary>
/// The health of every offering, by <c>upstream/model</c>, and the scorecard of every credential, by its id. Where an upstream takes any name, clients invent models: of those only so many are told apart.
/// </summary>
public sealed class HealthBoard
{
    /// <summary>Offerings that are kept: those with the most to tell.</summary>
    public const int KeptMax = 2_000;

    /// <summary>Offerings that there are room for until <see cref="Trim"/>; beyond, those of an upstream share a card.</summary>
    private const int OfferingsMax = 2 * KeptMax;

    /// <summary>With fewer attempts than this an offering has little to tell.</summary>
    private const double TellingWeight = 20;

    private readonly ConcurrentDictionary<string, OfferingHealth> _offerings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Scorecard> _credentials = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The health of an offering, made when first asked for.</summary>
    public OfferingHealth For(string offeringId) => _offerings.TryGetValue(offeringId, out var health) ? health : Make(offeringId);

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

    /// <summary>
    /// Lets offerings go of whom nobody has heard for as long as anything is kept, and, of more than are kept, those that have little to tell and then those not heard of for the longest. What is out, warned or suspicious
    /// stays: that is what others go by. Answers who went.
    /// </summary>
    internal IReadOnlyList<ScoreSubject> Trim(long nowMs)
    {
        var all = _offerings.Select(one => (Id: one.Key, Health: one.Value, HeardMs: Math.Max(one.Value.Card.LastHeardMs, one.Value.WantedMs))).Where(one => MayGo(one.Health)).ToList();
        var gone = all.Where(one => one.HeardMs > 0 && nowMs - one.HeardMs > KeptCard.KeepFor.TotalMilliseconds).ToList();
        if (Volatile.Read(ref _count) - gone.Count is > KeptMax and var left)
            gone.AddRange(all.Except(gone).OrderBy(one => one.Health.Card.Availability(nowMs).Weight >= TellingWeight).ThenBy(one => one.HeardMs).Take(left - KeptMax));
        return [.. gone.Where(one => TryRemove(one.Id)).Select(one => new ScoreSubject(ScoreSubjectKind.Offering, one.Id))];
    }

    private static bool MayGo(OfferingHealth health) => !health.IsDown && !health.Card.IsWarned && health.Card.Standing == AuditStanding.Clean;

    private bool TryRemove(string id)
    {
        if (!_offerings.TryRemove(id, out _))
            return false;
        Interlocked.Decrement(ref _count);
        return true;
    }

    private OfferingHealth Make(string offeringId)
    {
        if (Volatile.Read(ref _count) >= OfferingsMax)
            offeringId = new ScoreSubject(ScoreSubjectKind.Offering, offeringId).Upstream + "/*";
        var made = new OfferingHealth();
        if (_offerings.TryAdd(offeringId, made))
        {
            Interlocked.Increment(ref _count);
            return made;
        }

        return _offerings.TryGetValue(offeringId, out var health) ? health : made; // let go in between
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
