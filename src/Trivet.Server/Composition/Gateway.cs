using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Admin.Routes;
using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Catalogue;
using Trivet.Core.Conversations;
using Trivet.Core.Diagnostics;
using Trivet.Core.Diagnostics.Prometheus;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Limits;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Replay;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Warnings;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Connections;
using Trivet.Sandbox;
using Trivet.Server.Endpoints;
using Trivet.Server.Endpoints.Admin;
using Trivet.Server.Security;
using Trivet.Server.Workers;
using Trivet.Storage;
using Trivet.WebConsole;

namespace Trivet.Server.Composition;

/// <summary>Puts the gateway together: the one place that knows all parts.</summary>
internal static class Gateway
{
    internal const string SpoolFolder = "spool";

    // There is no appsettings.json. Waiting for one to change, the host would watch all folders below the working directory: with the data directory among
    // them, each write of the spool made events that cost a tenth of a request.
    private const string NoSettingsWatch = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>What stopping may take beside the time that requests are given: to end those that do not by themselves, and to empty the spool.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(30);

    /// <summary>A host, built and not yet started.</summary>
    /// <param name="config">The configuration, the sandbox's address not yet in it.</param>
    /// <param name="listen">Where to listen.</param>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="database">The database, open.</param>
    /// <param name="sandbox">The built-in sandbox; null where the configuration does not want it.</param>
    /// <param name="least">The least that the log tells.</param>
    /// <param name="time">The clock; null: the machine's.</param>
    public static WebApplication Build(GatewayConfig config, string listen, string dataPath, Database database, SandboxHost? sandbox, LogLevel least = LogLevel.Information, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, Args = [NoSettingsWatch] });
        builder.WebHost.UseUrls(listen);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, config.Limits));

        // The relay never blocks, so a request may run where its bytes arrived: two hand-overs between threads less for each.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        AddLogging(builder, least);
        AddServices(builder.Services, config, dataPath, database, sandbox, time ?? TimeProvider.System);

        var app = builder.Build();
        app.UseRelay(() => app.UseForwarded(config.TrustedProxies));
        app.MapRelay();
        app.MapResponses();
        app.MapFeedback();
        app.MapModels();
        app.MapHealth();
        app.MapMetrics();
        app.MapConsole();
        app.MapAdminApi();
        app.Services.GetService<OtlpExport>();
        app.Services.GetRequiredService<LiveBoard>(); // counts from now on
        app.Services.GetRequiredService<CatalogueWatcher>();
        app.Services.GetRequiredService<JournalHooks>();
        if (config.Source.Path is not null)
            app.Services.GetRequiredService<ConfigWatcher>();
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, LimitsConfig limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null; // the relay's own limit answers in the client's protocol
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytesMax;
        kestrel.Limits.MaxRequestHeaderCount = limits.HeaderCountMax;
        kestrel.Limits.RequestHeadersTimeout = limits.HeadersWait;
    }

    private static void AddLogging(WebApplicationBuilder builder, LogLevel least)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Default;
        });

        // A terminal that stands still must not hold up requests: what does not fit is left out, and the log says how much.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        builder.Logging.SetMinimumLevel(least);
        var leastOfOthers = least > LogLevel.Warning ? least : LogLevel.Warning;
        builder.Logging.AddFilter("Microsoft", leastOfOthers);
        builder.Logging.AddFilter("System", leastOfOthers);

        // It has nothing to say at these levels, and while somebody listens the host makes an activity and a scope for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    private static void AddServices(IServiceCollection services, GatewayConfig config, string dataPath, Database database, SandboxHost? sandbox, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        services.Replace(ServiceDescriptor.Singleton<DiagnosticSource>(RejectedRequests.Listen()));
        services.AddSingleton(database);
        services.AddSingleton(database.Keys);
        services.AddSingleton(database.SpoolSink);
        services.AddSingleton(database.Usage);
        services.AddSingleton(database.Traces);
        services.AddSingleton(database.Traffic);
        services.AddSingleton(database.Rollups);
        services.AddSingleton<RollupLoop>();
        services.AddSingleton(database.Replay);
        services.AddSingleton(database.Responses);
        services.AddSingleton(database.Users);
        services.AddSingleton(database.Settings);
        services.AddSingleton(new SnapshotHolder(GatewaySnapshot.Compile(Complete(config, sandbox, dataPath))));
        services.AddSingleton(database.ConsoleUpstreams);
        services.AddSingleton(_ => SecretBox.Open(dataPath));
        services.AddSingleton(database.ConsoleRules);
        services.AddSingleton<ConsoleRules>();
        services.AddSingleton<ConsoleUpstreams>();
        services.AddSingleton(provider => new ConfigWatcher(
            provider.GetRequiredService<SnapshotHolder>(), Environment.GetEnvironmentVariable, read => provider.GetRequiredService<ConsoleUpstreams>().Merge(Complete(read, sandbox, dataPath)),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConfigWatcher>>()));

        services.AddSingleton(provider => new CatalogueWatcher(
            Path.Combine(dataPath, ModelCatalogue.FolderName), provider.GetRequiredService<SnapshotHolder>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CatalogueWatcher>>()));

        services.AddSingleton<KeySnapshotHolder>();
        services.AddSingleton<KeyRefreshLoop>();
        services.AddSingleton(new SpoolOptions { Directory = Path.Combine(dataPath, SpoolFolder) });
        services.AddSingleton<FileSpool>();
        services.AddSingleton<ISpool>(provider => provider.GetRequiredService<FileSpool>());
        services.AddSingleton<SpoolWriterLoop>();
        services.AddSingleton(provider => new InFlightSlots(provider.GetRequiredService<SpoolOptions>().Directory, provider.GetRequiredService<ILogger<InFlightSlots>>()));
        services.AddSingleton(provider => new Bookkeeper(provider.GetRequiredService<ISpool>(), provider.GetRequiredService<InFlightSlots>()));
        services.AddSingleton<TokenLearner>();

        services.AddAdminApi(database);

        services.AddSingleton(database.Leases);
        services.AddSingleton(NodeIdentity.Load(dataPath, TimeProvider.System));
        services.AddSingleton(new LimitOptions { Reserve = config.Limits.Reserve, WaitMax = config.Limits.Wait, SharesCounts = config.Database.Kind != DatabaseKind.Sqlite });
        services.AddSingleton<LeaseBroker>();
        services.AddSingleton<LimitGate>();
        services.AddSingleton<LeaseLoop>();

        services.AddSingleton<ReplayMemory>();
        services.AddSingleton<ReplayWriterLoop>();
        services.AddSingleton<ResponseMemory>();
        services.AddSingleton<ResponseWriterLoop>();
        services.AddSingleton<ResponseQueries>();
        services.AddSingleton(database.Payloads);
        services.AddSingleton<PayloadRecorder>();

        services.AddSingleton<UpstreamStates>();
        services.AddSingleton<MediaConnections>();
        services.AddSingleton<MediaFetcher>();
        services.AddSingleton<HealthBoard>();
        services.AddSingleton(database.Scorecards);
        services.AddSingleton(new ScorecardSharing(config.Database.Kind != DatabaseKind.Sqlite));
        services.AddSingleton<EarlyWarning>();
        services.AddSingleton<ScorecardLoop>();
        services.AddSingleton<RoutingMemory>();
        services.AddSingleton(provider => new PlanUseLoop(
            () => provider.GetRequiredService<SnapshotHolder>().Current, provider.GetRequiredService<IUsageStore>(), provider.GetRequiredService<RoutingMemory>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(database.AttemptLog);
        services.AddSingleton(database.Feedback);
        services.AddSingleton<FeedbackDesk>();
        services.AddSingleton(provider => new RouteAdmin(
            () => provider.GetRequiredService<SnapshotHolder>().Current, provider.GetRequiredService<IAttemptLog>(), provider.GetRequiredService<TimeProvider>(),
            health: provider.GetRequiredService<HealthBoard>(), memory: provider.GetRequiredService<RoutingMemory>()));
        services.AddSingleton<UpstreamProbe>();
        services.AddSingleton<RecoveryLoop>();
        services.AddSingleton<TrivetMetrics>();
        services.AddSingleton<PrometheusExporter>();
        if (OtlpExport.Start(config.Telemetry, Environment.GetEnvironmentVariable) is { } otlp)
            services.AddSingleton(_ => otlp); // by a factory, and asked for in Build, so that the container disposes it
        services.AddSingleton<LoadGate>();
        services.AddSingleton<RelayPipeline>();
        services.AddSingleton(provider => new DrainLoop(
            provider.GetRequiredService<LoadGate>(), provider.GetRequiredService<RelayPipeline>(), config.Limits.Drain, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DrainLoop>>()));
        services.AddSingleton<TokenCounting>();
        AddAdmin(services, database);
        services.AddConsole();

        AddJournal(services, database);
        services.AddSingleton<GuardedLoops>();
        services.AddSingleton(database.Audits);
        services.AddSingleton(database.AuditItems);
        services.AddSingleton(database.AuditPasts);
        services.AddSingleton<AuditLoop>();
        services.AddHostedService<AuditWorker>();

        services.AddHostedService<SpoolWorker>();
        services.AddHostedService<LeaseWorker>();
        services.AddHostedService<KeyRefreshWorker>();
        services.AddHostedService<ConsoleUpstreamsWorker>();
        services.AddHostedService<ConsoleRulesWorker>();
        services.AddHostedService<ReplayWorker>();
        services.AddHostedService<ResponseWorker>();
        services.AddHostedService<PayloadWorker>();
        services.AddHostedService<ScorecardWorker>();
        services.AddHostedService<FeedbackWorker>();
        services.AddHostedService<RollupWorker>();
        services.AddHostedService<PlanWorker>();
        services.AddHostedService<DrainWorker>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = config.Limits.Drain + SettlingTime);
    }

    private static void AddJournal(IServiceCollection services, Database database)
    {
        services.AddSingleton(database.Journal);
        services.AddSingleton<JournalRecorder>();
        services.AddSingleton<IAlarmSink>(provider => provider.GetRequiredService<JournalRecorder>());
        services.AddSingleton<JournalHooks>();
        services.AddSingleton<CatalogueChanges>();
        services.AddSingleton<AlarmConnections>();
        services.AddSingleton<AlarmWebhook>();
        services.AddSingleton<IAlarmSender>(provider => provider.GetRequiredService<AlarmWebhook>());
        services.AddSingleton<JournalWriterLoop>();
        services.AddHostedService<JournalWorker>();
    }

    // What people ask: shared by the console and the admin API.
    private static void AddAdmin(IServiceCollection services, Database database)
    {
        services.AddSingleton(database.Allowances);
        services.AddSingleton<BudgetAdmin>();
        services.AddSingleton<LiveBoard>();
        services.AddSingleton<OfferingBoard>();
        services.AddSingleton<UpstreamAdmin>();
        services.AddSingleton<MarketAdmin>();
        services.AddSingleton<JournalAdmin>();
        services.AddSingleton<AuditAdmin>();
        services.AddSingleton<AuditItemAdmin>();
        services.AddSingleton<KeyAdmin>();
        services.AddSingleton<RuleAdmin>();
        services.AddSingleton<ConsoleUpstreamAdmin>();
        services.AddSingleton<TraceAdmin>();
    }

    private static GatewayConfig Complete(GatewayConfig config, SandboxHost? sandbox, string dataPath)
    {
        config = config with { Catalogue = ModelCatalogue.WithFolder(Path.Combine(dataPath, ModelCatalogue.FolderName)) };
        return sandbox is null ? config : BuiltInSandbox.Place(config, sandbox.Address);
    }
}
