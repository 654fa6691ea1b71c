using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Limits;
using Trivet.Core.Scorecards.Warnings;

namespace Trivet.Core.Scorecards;

/// <summary>
/// Keeps the scorecards: what this node has counted goes to the database every so often and comes back with its next start, what others have counted comes in beside it. While the database is away,
/// each node knows what it has seen itself. Before that it looks for early signs of trouble, which needs no database.
/// </summary>
public sealed partial class ScorecardLoop(HealthBoard health, IScorecardStore store, NodeIdentity node, ScorecardSharing sharing, EarlyWarning warning, TimeProvider time, ILogger<ScorecardLoop> logger)
{
    private const int RowsMax = HealthBoard.KeptMax;

    /// <summary>By how much nodes' clocks may differ before one misses what another wrote.</summary>
    private const long SkewMs = 120_000;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<ScoreSubject, long> _written = [];
    private readonly Dictionary<(string Node, ScoreSubject Subject), KeptCard> _others = [];
    private readonly HashSet<ScoreSubject> _gone = [];
    private bool _isRestored;
    private bool _isAway;
    private long _loadedMs;
    private long _expiredMs;

    /// <summary>Runs until cancelled, then writes once more.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                LoopGuard.Run("the early warning", () => warning.Look(NowMs), logger);
                await TickAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was counted since is written below.
        }

        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            if (_isRestored)
                await WriteAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A quarter of a minute of counts is lost.
        }
    }

    /// <summary>Reads what there is to be read, once what was before the start, and writes what has changed.</summary>
    internal async ValueTask<StoreFault?> TickAsync(CancellationToken cancellationToken)
    {
        var fault = !_isRestored || sharing.IsShared ? await ReadAsync(cancellationToken) : null;
        if (fault is null && _isRestored)
            fault = await LetGoAsync(cancellationToken);
        if (fault is null && _isRestored) // else what was before the start would be written over
            fault = await WriteAsync(cancellationToken);
        if (fault is not null && !_isAway)
            LogAway(fault.Kind, fault.Message);
        _isAway = fault is not null;
        return fault;
    }

    private async ValueTask<StoreFault?> ReadAsync(CancellationToken cancellationToken)
    {
        var now = NowMs;
        var loaded = await store.LoadAsync(_loadedMs == 0 ? now - (long)KeptCard.KeepFor.TotalMilliseconds : _loadedMs - SkewMs, cancellationToken);
        if (loaded.Fault is { } fault)
            return fault;
        _loadedMs = now;
        foreach (var row in loaded.Value)
        {
            if (KeptCardJson.Read(row.Content, row.AsOfMs) is not { } card)
                continue;
            var subject = ScoreSubject.Of(row.Kind, row.Subject);
            if (row.Node != node.Name)
                _others[(row.Node, subject)] = card;
            else if (!_isRestored)
                health.Card(subject).Restore(card, now);
        }

        _isRestored = true;
        foreach (var of in _others.GroupBy(static other => other.Key.Subject, static other => other.Value))
            health.Card(of.Key).TakePeers(KeptCard.Sum(of.Select(static card => card.Copy()), now));
        return null;
    }

    // Names of models come from clients where an upstream takes any: who is gone from the board is gone from the database too, or would be back with the next start.
    private async ValueTask<StoreFault?> LetGoAsync(CancellationToken cancellationToken)
    {
        _gone.UnionWith(health.Trim(NowMs));
        if (_gone.Count == 0)
            return null;
        foreach (var other in _others.Keys.Where(other => _gone.Contains(other.Subject)).ToList())
            _others.Remove(other);
        foreach (var subject in _gone)
            _written.Remove(subject);
        warning.Forget(_gone);
        var deleted = await store.DeleteAsync(node.Name, [.. _gone], cancellationToken);
        if (deleted.Fault is null)
            _gone.Clear();
        return deleted.Fault;
    }

    private async ValueTask<StoreFault?> WriteAsync(CancellationToken cancellationToken)
    {
        var now = NowMs;
        var changed = health.Cards().Where(one => one.Card.Revision > _written.GetValueOrDefault(one.Subject)).OrderByDescending(static one => one.Card.LastNotedMs).Take(RowsMax).ToList();
        var revisions = changed.ConvertAll(static one => one.Card.Revision); // before the export: what comes in between is written next time
        if (changed.Count > 0)
        {
            var rows = changed.ConvertAll(one => new ScorecardRow(node.Name, one.Subject.KindWord, one.Subject.Id, now, KeptCardJson.Write(one.Card.Export(now))));
            if ((await store.SaveAsync(rows, cancellationToken)).Fault is { } fault)
                return fault;
            foreach (var (i, one) in changed.Index())
                _written[one.Subject] = revisions[i];
        }

        if (now - _expiredMs < ExpireEvery.TotalMilliseconds)
            return null;
        _expiredMs = now;
        foreach (var old in _others.Where(other => now - other.Value.Sums.AsOfMs > KeptCard.KeepFor.TotalMilliseconds).Select(static other => other.Key).ToList())
            _others.Remove(old);
        return (await store.ExpireAsync(now - (long)KeptCard.KeepFor.TotalMilliseconds, cancellationToken)).Fault;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(3700, LogLevel.Warning, "Scorecards cannot be kept ({Kind}: {Message}); this node goes by what it sees itself")]
    private partial void LogAway(StoreFaultKind kind, string message);
}

/// <summary>Whether other nodes write to the same database.</summary>
/// <param name="IsShared">They may.</param>
public sealed record ScorecardSharing(bool IsShared);
