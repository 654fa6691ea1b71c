using Microsoft.Extensions.Logging;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Audits.Rounds;

/// <summary>
/// Audits on a schedule while the server runs, and keeps routing told of what was concluded. Of several nodes one audits, the one that holds the lease in the database; all of them read how offerings stand.
/// </summary>
public sealed partial class AuditLoop
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterBug = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LeaseFor = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromHours(6);
    private static readonly TimeSpan KeepClean = TimeSpan.FromDays(30);

    private readonly SnapshotHolder _snapshots;
    private readonly IAuditStore _store;
    private readonly HealthBoard _health;
    private readonly NodeIdentity _node;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly AuditRounds _rounds;
    private readonly TrafficSigns _signs;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private bool _isHolder;
    private long _expiredMs;
    private string _lastFault = "";

    /// <summary>One per process.</summary>
    public AuditLoop(SnapshotHolder snapshots, IAuditStore store, IAuditItemStore items, IPastStore pasts, HealthBoard health, JournalRecorder journal, Bookkeeper books, NodeIdentity node, TimeProvider time, ILogger<AuditLoop> log)
    {
        (_snapshots, _store, _health, _node, _time, _log) = (snapshots, store, health, node, time, log);
        _signs = new TrafficSigns(health);
        _rounds = new AuditRounds(store, journal, prices => new UpstreamAudit(time, prices) { Book = record => books.Book(record) }, time, items, pasts);
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
                await Task.Delay(await TurnSafelyAsync(stopping), _time, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is stopping; the lease ends by itself.
        }
    }

    // A mistake in an audit must not take the gateway with it; it is told, and audits rest for a while.
    private async ValueTask<TimeSpan> TurnSafelyAsync(CancellationToken stopping)
    {
        try
        {
            await TurnAsync(stopping);
            return Pace;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogBug(exception);
            _isHolder = false; // what memory holds of the fleet is read again
            return AfterBug;
        }
    }

    /// <summary>Takes over how offerings stand, and makes a round where one is due and this node is the one that audits.</summary>
    internal async ValueTask TurnAsync(CancellationToken stopping)
    {
        var snapshot = _snapshots.Current;
        if (!snapshot.Config.Audits.IsEnabled)
        {
            Apply([]);
            _isHolder = false;
            return;
        }

        var cases = await _store.CasesAsync(stopping);
        if (cases.IsSuccess)
            Apply(cases.Value);
        var fault = cases.Fault ?? await AuditAsync(snapshot, stopping);
        if (fault is not null && fault.Message != _lastFault)
            LogAway(fault.Message);
        _lastFault = fault?.Message ?? "";
    }

    private async ValueTask<StoreFault?> AuditAsync(GatewaySnapshot snapshot, CancellationToken stopping)
    {
        var lease = await _store.TryLeaseAsync(_node.Holder, LeaseFor, stopping);
        var wasHolder = _isHolder;
        _isHolder = lease is { IsSuccess: true, Value: true };
        if (lease.Fault is { } fault || !_isHolder)
            return lease.Fault;
        if ((!wasHolder || _lastFault.Length > 0) && await _rounds.LoadAsync(stopping) is { } unread)
            return unread;
        await ExpireAsync(stopping);

        // A round may take minutes. Who loses the lease meanwhile, to a pause or to a database that was away, leaves the round.
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewing = RenewAsync(held);
        try
        {
            var subjects = AuditSubjects.Of(snapshot);
            LookAtTraffic(subjects, snapshot.Config.Audits);
            var outcome = await _rounds.StepAsync(subjects, snapshot.Config.Audits, snapshot.Prices, held.Token);
            if (outcome.Audit is { } audit)
                LogAudited(audit.Report.Observed, audit.Report.Requests, audit.Standing, audit.EValue);
            if (outcome.Changed.Count > 0)
                Apply([.. _rounds.Cases]);
            return outcome.Fault;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            _isHolder = false;
            return new StoreFault(StoreFaultKind.Unavailable, "The lease for audits was lost.");
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
        }
    }

    // Free signs from traffic: they say when to look, never what is found.
    private void LookAtTraffic(IReadOnlyList<AuditSubject> subjects, AuditsConfig config)
    {
        var nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var subject in subjects)
            _rounds.Hasten(subject.Observed.Id, _signs.IsOdd(subject, config, nowMs), config);
    }

    private async Task RenewAsync(CancellationTokenSource held)
    {
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, _time, held.Token);
                if (await _store.TryLeaseAsync(_node.Holder, LeaseFor, held.Token) is { IsSuccess: true, Value: false })
                    await held.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The round has ended.
        }
    }

    private async ValueTask ExpireAsync(CancellationToken stopping)
    {
        var nowMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        if (nowMs - _expiredMs < (long)ExpireEvery.TotalMilliseconds)
            return;
        _expiredMs = nowMs;
        await _store.ExpireAsync(nowMs - (long)KeepClean.TotalMilliseconds, stopping);
    }

    // What an earlier turn put there and nobody says any more is taken back. An action that the operator has taken away no longer holds either.
    private void Apply(IReadOnlyCollection<AuditCase> cases)
    {
        var config = _snapshots.Current.Config.Audits;
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in cases)
        {
            var standing = one.Standing;
            if (standing == AuditStanding.Quarantined && !config.Does(AuditAction.Quarantine))
                standing = AuditStanding.DownWeighted;
            if (standing == AuditStanding.DownWeighted && !config.Does(AuditAction.DownWeight))
                standing = AuditStanding.Noted;
            _health.For(one.Offering).Card.Standing = standing;
            told.Add(one.Offering);
        }

        foreach (var gone in _known.Where(offering => !told.Contains(offering)))
            _health.For(gone).Card.Standing = AuditStanding.Clean;
        _known.Clear();
        _known.UnionWith(told);
    }

    [LoggerMessage(3600, LogLevel.Information, "Audited {Offering} with {Requests} requests: it stands {Standing}, the evidence against it {EValue:0.###} to 1")]
    private partial void LogAudited(string offering, int requests, AuditStanding standing, double eValue);

    [LoggerMessage(3601, LogLevel.Warning, "Audits wait: {Message}")]
    private partial void LogAway(string message);

    [LoggerMessage(3602, LogLevel.Error, "An audit ended in an error of Trivet's own; audits go on in five minutes")]
    private partial void LogBug(Exception exception);
}
