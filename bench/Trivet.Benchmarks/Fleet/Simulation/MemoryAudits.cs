using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;

namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>Cases and the day's money in memory, with the database's rules; audits themselves are added up and not kept.</summary>
internal sealed class MemoryAudits : IAuditStore
{
    private readonly Dictionary<string, AuditCase> _cases = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Upstream, long Day), long> _spentByDay = [];
    private readonly Dictionary<string, (string Upstream, long Day, long SetAside)> _running = new(StringComparer.Ordinal);

    /// <summary>What each upstream's audits cost on each day.</summary>
    public IReadOnlyDictionary<(string Upstream, long Day), long> SpentByDay => _spentByDay;

    public long Audits { get; private set; }

    public long Requests { get; private set; }

    public ValueTask<StoreOutcome<bool>> TryLeaseAsync(string holder, TimeSpan keep, CancellationToken cancellationToken) => new(true);

    public ValueTask<StoreOutcome<IReadOnlyList<AuditCase>>> CasesAsync(CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<AuditCase>>([.. _cases.Values]));

    public ValueTask<StoreOutcome<long>> BeginAsync(AuditBeginning beginning, CancellationToken cancellationToken)
    {
        var day = (beginning.Upstream, beginning.DayStartMs);
        var rest = beginning.DayBudgetNano - _spentByDay.GetValueOrDefault(day);
        if (!AuditBudget.IsWorthwhile(rest, beginning.DayBudgetNano))
            return new(0L);
        _spentByDay[day] = _spentByDay.GetValueOrDefault(day) + rest;
        _running[beginning.Id] = (beginning.Upstream, beginning.DayStartMs, rest);
        return new(rest);
    }

    public ValueTask<StoreOutcome<int>> FinishAsync(StoredAudit audit, IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken)
    {
        _running.Remove(audit.Id, out var running);
        _spentByDay[(running.Upstream, running.Day)] += audit.Report.SpentNano - running.SetAside;
        Audits++;
        Requests += audit.Report.Requests;
        return SaveCasesAsync(changed, cancellationToken);
    }

    public ValueTask<StoreOutcome<int>> SaveCasesAsync(IReadOnlyList<AuditCase> changed, CancellationToken cancellationToken)
    {
        foreach (var one in changed)
            _cases[one.Offering] = one;
        return new(changed.Count);
    }

    public ValueTask<StoreOutcome<IReadOnlyList<StoredAudit>>> ListAsync(AuditQuery query, CancellationToken cancellationToken) => new(StoreOutcome.Of<IReadOnlyList<StoredAudit>>([]));

    public ValueTask<StoreOutcome<StoredAudit>> FindAsync(string id, CancellationToken cancellationToken) => new(new StoreFault(StoreFaultKind.NotFound, id));

    public ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken) => new(0);
}
