using Trivet.Core.Limits;
using Trivet.Core.Routing;

namespace Trivet.Core.Audits.Rounds;

/// <summary>What may follow from an audit's evidence.</summary>
public enum AuditAction
{
    /// <summary>An entry in the journal.</summary>
    Note,

    /// <summary>An alarm, in the journal and at the webhook.</summary>
    Alarm,

    /// <summary>Requests go to other candidates first.</summary>
    DownWeight,

    /// <summary>No request goes there while another candidate is left.</summary>
    Quarantine,
}

/// <summary>Audits as a service: off unless the operator turns them on, for they cost money.</summary>
public sealed record AuditsConfig
{
    /// <summary>Rounds without anything against an offering after which what was found before no longer stands.</summary>
    public const int RecoverAfterRounds = 7;

    /// <summary>Whether anything is audited.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>How often an offering is audited that has long been clean; one that is new or suspicious up to eight times as often.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What the audits of one upstream may cost in a day (UTC), its reference's requests included, in each currency in which upstreams bill.</summary>
    public IReadOnlyList<Budget> Budgets { get; init; } = [new Budget(50_000_000, "USD", BudgetWindow.Total), new Budget(350_000_000, "CNY", BudgetWindow.Total)];

    /// <summary>Of the offerings in quarantine, at most this share are honest ones, in millionths.</summary>
    public long FalseAlarmMillionths { get; init; } = 10_000;

    /// <summary>Whom offerings are held against: a model's name or pattern, and an upstream or <c>upstream/model</c>.</summary>
    public IReadOnlyDictionary<string, string> References { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The upstreams that are audited; empty: all but the sandbox.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>Ordinary answers may be read for how they are written, so that audits come sooner where that changes.</summary>
    public bool ReadsAnswers { get; init; }

    /// <summary>What may follow.</summary>
    public IReadOnlyList<AuditAction> Actions { get; init; } = Enum.GetValues<AuditAction>();

    /// <summary>Somebody said so: in the file, or in the console.</summary>
    public bool IsWritten { get; init; }

    /// <summary>It was said in the console; the file comes before it.</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>The false discovery rate.</summary>
    public double FalseAlarmRate => FalseAlarmMillionths / 1e6;

    /// <summary>Whether something may follow.</summary>
    public bool Does(AuditAction action) => Actions.Contains(action);

    /// <summary>The reference of a model, as it is written; null for none. A name goes before a pattern, a longer pattern before a shorter.</summary>
    public string? ReferenceOf(string model) => References.TryGetValue(model, out var named)
        ? named
        : References.Where(pair => pair.Key.Contains('*', StringComparison.Ordinal) && new ModelPattern(pair.Key).IsMatch(model)).OrderByDescending(pair => pair.Key.Length).Select(pair => pair.Value).FirstOrDefault();
}
