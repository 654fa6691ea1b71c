namespace Trivet.Core.Scorecards;

/// <summary>What audits have concluded of an offering, the better first.</summary>
public enum AuditStanding : byte
{
    /// <summary>Nothing speaks against it.</summary>
    Clean,

    /// <summary>Something was found that a person should look at; routing does nothing.</summary>
    Noted,

    /// <summary>Suspicious: it stands behind those that are not.</summary>
    DownWeighted,

    /// <summary>Found to serve something else than it sells: no request goes there while another candidate is left.</summary>
    Quarantined,
}

/// <summary>
/// What is known of one offering from the requests that went there, in natural units and each with its uncertainty; what routing weighs and people read. Old samples count less.
/// Safe for concurrent use; reading allocates nothing.
/// </summary>
public sealed class Scorecard
{
    private readonly DecayingShare _answered = new(TimeSpan.FromHours(6));
    private readonly DecayingShare _sound = new(TimeSpan.FromDays(3));

    /// <summary>The probability that an attempt is answered.</summary>
    public Estimate Availability(long nowMs) => _answered.Read(nowMs);

    /// <summary>The probability that an answer passes the passive checks.</summary>
    public Estimate Quality(long nowMs) => _sound.Read(nowMs);

    /// <summary>What people made of its answers, by task.</summary>
    public TaskShares Tasks { get; } = new();

    /// <summary>How the last answers passed the passive checks.</summary>
    public RecentShare QualityLately { get; } = new();

    /// <summary>What audits have concluded.</summary>
    public AuditStanding Standing { get; set; }

    /// <summary>An attempt ended; <paramref name="isAnswered"/> false where the upstream failed, not where the request was bad or the client left.</summary>
    public void RecordOutcome(bool isAnswered, long nowMs) => _answered.Record(isAnswered, nowMs);

    /// <summary>A passive check looked at an answer.</summary>
    public void RecordCheck(bool isSound, long nowMs)
    {
        QualityLately.Record(isSound);
        _sound.Record(isSound, nowMs);
    }
}
