using Trivet.Core.Failures;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>An audit that is about to be made: its budget is set aside of the upstream's day.</summary>
/// <param name="Id">Of the audit.</param>
/// <param name="Offering"><c>upstream/model</c>.</param>
/// <param name="Upstream">The upstream alone: whose day it is.</param>
/// <param name="StartedMs">Unix milliseconds.</param>
/// <param name="DayStartMs">Beginning of the day, Unix milliseconds.</param>
/// <param name="DayBudgetNano">What may be spent in the day.</param>
/// <param name="Currency">Of it.</param>
public sealed record AuditBeginning(string Id, string Offering, string Upstream, long StartedMs, long DayStartMs, long DayBudgetNano, string Currency);

/// <summary>One audit as it is kept.</summary>
public sealed record StoredAudit
{
    /// <summary>By which it is found.</summary>
    public required string Id { get; init; }

    /// <summary>What it found and asked; without exchanges in lists, and where they are no longer kept.</summary>
    public required AuditReport Report { get; init; }

    /// <summary>How the offering stood after it.</summary>
    public required AuditStanding Standing { get; init; }

    /// <summary>The evidence of all audits so far, this one included.</summary>
    public required double EValue { get; init; }

    /// <summary>What it comes to, plainly.</summary>
    public required string Sentence { get; init; }
}

/// <summary>Which audits are wanted; the newest come first.</summary>
public sealed record AuditQuery
{
    /// <summary>Of this upstream; null: any.</summary>
    public string? Upstream { get; init; }

    /// <summary>Of this offering; null: any.</summary>
    public string? Offering { get; init; }

    /// <summary>Only those that found something.</summary>
    public bool OnlyProblems { get; init; }

    /// <summary>Older than the audit of this id, which is the last of the page before.</summary>
    public string? After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>Where cases and audits are kept, for all nodes. Safe for concurrent use.</summary>
public interface IAuditStore
{
    /// <summary>Takes or keeps the right to audit, for a time: one node audits at a time.</summary>
    ValueTask<StoreOutcome<bool>> TryLeaseAsync(string holder, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>Everything that is known of offerings.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<AuditCase>>> CasesAsync(CancellationToken cancellationToken);

    /// <summary>Sets the rest of the upstream's day aside for an audit. Returns how much that is; at 0 nothing was begun.</summary>
    ValueTask<StoreOutcome<long>> BeginAsync(AuditBeginning beginning, CancellationToken cancellationToken);

    /// <summary>Keeps an audit that was begun, and the cases that it changed, in one transaction.</summary>
    ValueTask<StoreOutcome<int>> FinishAsync(StoredAudit audit, IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken);

    /// <summary>Keeps cases alone.</summary>
    ValueTask<StoreOutcome<int>> SaveCasesAsync(IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken);

    /// <summary>Audits without their exchanges.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<StoredAudit>>> ListAsync(AuditQuery query, CancellationToken cancellationToken);

    /// <summary>One audit with its exchanges. <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<StoredAudit>> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Drops the exchanges of audits that found nothing and ended before a time. Returns of how many.</summary>
    ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken);
}
