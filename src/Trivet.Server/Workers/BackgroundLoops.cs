using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Conversations;
using Trivet.Core.Diagnostics;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;
using Trivet.Core.Replay;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.Server.Workers;

/// <summary>Runs a loop beside the requests, on threads of the pool, so that a bug in it neither stops the host nor ends it for good.</summary>
internal sealed class GuardedLoops(TimeProvider time, ILogger<GuardedLoops> log)
{
    public Task RunAsync(string name, Func<CancellationToken, Task> loop, CancellationToken stopping) =>
        Task.Run(() => LoopGuard.RunAsync(name, loop, time, log, stopping), CancellationToken.None);
}

/// <summary>Writes the journal, sends alarms, and looks once what is new in the catalogue.</summary>
internal sealed class JournalWorker(JournalWriterLoop journal, AlarmWebhook webhook, CatalogueChanges catalogue, SnapshotHolder snapshots, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        guard.RunAsync("the journal", journal.RunAsync, stoppingToken),
        guard.RunAsync("the alarms' webhook", webhook.RunAsync, stoppingToken),
        guard.RunAsync("the look at the catalogue", stopping => catalogue.LookAsync(snapshots.Current.Config.Catalogue, stopping), stoppingToken));
}

/// <summary>Puts what people said of answers before the start on the scorecards.</summary>
internal sealed class FeedbackWorker(FeedbackDesk desk, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the reading of what people said", desk.RestoreAsync, stoppingToken);
}

/// <summary>Audits upstreams, where the operator wants it.</summary>
internal sealed class AuditWorker(AuditLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("audits", loop.RunAsync, stoppingToken);
}

/// <summary>Tells routing how much of plans is used.</summary>
internal sealed class PlanWorker(PlanUseLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the look at plans", loop.RunAsync, stoppingToken);
}

/// <summary>Keeps the keys fresh while the host runs.</summary>
internal sealed class KeyRefreshWorker(KeyRefreshLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the watch over keys", loop.RunAsync, stoppingToken);
}

/// <summary>Follows upstreams that are changed in the console of another node.</summary>
internal sealed class ConsoleUpstreamsWorker(ConsoleUpstreams upstreams, SnapshotHolder holder, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the watch over the console's upstreams", stopping => upstreams.RunAsync(holder, stopping), stoppingToken);
}

/// <summary>Follows policies and routes that are changed in the console of another node.</summary>
internal sealed class ConsoleRulesWorker(ConsoleRules rules, SnapshotHolder holder, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("console rules", stopping => rules.RunAsync(holder, stopping), stoppingToken);
}

/// <summary>Keeps leases of budgets and balances.</summary>
internal sealed class LeaseWorker(LeaseLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("leases", loop.RunAsync, stoppingToken);
}

/// <summary>Lets requests end before anything else is stopped: the host asks it while the listener is still open, so that new ones get an answer.</summary>
internal sealed class DrainWorker(DrainLoop loop) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => loop.RunAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Writes kept thoughts to the database. Registered before Kestrel starts, so it stops after the last answer.</summary>
internal sealed class ReplayWorker(ReplayWriterLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the writer of thoughts", loop.RunAsync, stoppingToken);
}

/// <summary>Writes kept responses to the database.</summary>
internal sealed class ResponseWorker(ResponseWriterLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the writer of responses", loop.RunAsync, stoppingToken);
}

/// <summary>Writes recorded payloads to the database, and deletes what has expired.</summary>
internal sealed class PayloadWorker(PayloadRecorder recorder, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("payloads", recorder.RunAsync, stoppingToken);
}

/// <summary>Keeps the scorecards and shares them with other nodes.</summary>
internal sealed class ScorecardWorker(ScorecardLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("scorecards", loop.RunAsync, stoppingToken);
}

/// <summary>Folds the sums of days that are over.</summary>
internal sealed class RollupWorker(RollupLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the sums of days", loop.RunAsync, stoppingToken);
}

/// <summary>Empties the spool into the database. Registered before Kestrel starts, so it stops after the last request has been booked.</summary>
internal sealed class SpoolWorker(SpoolWriterLoop loop, GuardedLoops guard) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => guard.RunAsync("the spool", loop.RunAsync, stoppingToken);
}
