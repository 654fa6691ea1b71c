using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Conversations;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Load;
using Trivet.Core.Replay;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Workers;

/// <summary>Writes the journal, sends alarms, and looks once what is new in the catalogue.</summary>
internal sealed class JournalWorker(JournalWriterLoop journal, AlarmWebhook webhook, CatalogueChanges catalogue, SnapshotHolder snapshots) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(
        async () =>
        {
            var loops = Task.WhenAll(journal.RunAsync(stoppingToken), webhook.RunAsync(stoppingToken));
            try
            {
                await catalogue.LookAsync(snapshots.Current.Config.Catalogue, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The next start looks.
            }

            await loops;
        },
        CancellationToken.None);
}

/// <summary>Puts what people said of answers before the start on the scorecards.</summary>
internal sealed class FeedbackWorker(FeedbackDesk desk) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => desk.RestoreAsync(stoppingToken);
}

/// <summary>Audits upstreams, where the operator wants it.</summary>
internal sealed class AuditWorker(AuditLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
}

/// <summary>Keeps the keys fresh while the host runs.</summary>
internal sealed class KeyRefreshWorker(KeyRefreshLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loop.RunAsync(stoppingToken);
}

/// <summary>Follows upstreams that are changed in the console of another node.</summary>
internal sealed class ConsoleUpstreamsWorker(ConsoleUpstreams upstreams, SnapshotHolder holder) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => upstreams.RunAsync(holder, stoppingToken);
}

/// <summary>Keeps leases of budgets and balances.</summary>
internal sealed class LeaseWorker(LeaseLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
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
internal sealed class ReplayWorker(ReplayWriterLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
}

/// <summary>Writes kept responses to the database.</summary>
internal sealed class ResponseWorker(ResponseWriterLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
}

/// <summary>Keeps the scorecards and shares them with other nodes.</summary>
internal sealed class ScorecardWorker(ScorecardLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
}

/// <summary>Empties the spool into the database. Registered before Kestrel starts, so it stops after the last request has been booked.</summary>
internal sealed class SpoolWorker(SpoolWriterLoop loop) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => loop.RunAsync(stoppingToken), CancellationToken.None);
}
