using System.CommandLine;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Sockets;
using Trivet.Core.Users;
using Trivet.Sandbox;
using Trivet.Server.Composition;
using Trivet.Server.Options;

namespace Trivet.Server.Cli;

/// <summary><c>trivet serve</c>, and <c>trivet</c> alone.</summary>
internal static class ServeVerb
{
    public static Command Build()
    {
        var listen = new Option<string?>("--listen") { Description = "Address to listen on, such as http://127.0.0.1:4180", HelpName = "URL" };
        var command = new Command("serve", "Run the gateway") { listen };
        command.SetAction((result, stopping) => RunAsync(new ServeOptions(result.GetValue(listen), result.GetValue(CommonOptions.Config), result.GetValue(CommonOptions.Data)), stopping));
        return command;
    }

    /// <summary>Serves until it is stopped.</summary>
    /// <param name="options">What was typed.</param>
    /// <param name="stopping">Ends it.</param>
    /// <param name="alongside">What goes on beside it, from when it listens until it is stopped; it is given the first key where this start made it.</param>
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken stopping, Func<WebApplication, CreatedKey?, Task>? alongside = null)
    {
        var reading = options.ReadConfig();
        if (reading.Config is not { } config)
            return Exit.WrongUse(reading.Problems.Select(problem => $"{options.ConfigFile}: {problem}"));
        if (config.Database.Kind == DatabaseKind.Sqlite)
            SocketThreads.WorkOnThem(); // rows of PostgreSQL's are partly read with calls that block: on such a thread they wait for themselves
        foreach (var warning in reading.Warnings)
            await Console.Error.WriteLineAsync($"warning: {warning}");

        var dataPath = options.DataPath(config);
        await using var database = await Databases.OpenAsync(config, dataPath, stopping);
        if (database is null)
            return Exit.No;
        var first = await Databases.EnsureFirstKeyAsync(database, stopping);
        if (first.Failed)
            return Exit.WrongUse(["TRIVET_KEY cannot be used: it must have 8 to 512 characters."]);

        await using var sandbox = BuiltInSandbox.IsWanted(config) ? await SandboxServer.StartAsync(new SandboxOptions(), stopping) : null;
        await using var app = Gateway.Build(config, options.ListenAddress(config), dataPath, database, sandbox, alongside is null ? LogLevel.Information : LogLevel.Error);
        if (await app.Services.GetRequiredService<KeyRefreshLoop>().RefreshAsync(stopping) is { } fault)
        {
            await Console.Error.WriteLineAsync($"The database cannot be read: {fault.Message}");
            return Exit.No;
        }

        try
        {
            // Upstreams first: routes name them, and one that is not there yet would be told as if it were gone.
            if (await app.Services.GetRequiredService<ConsoleUpstreams>().StartAsync(app.Services.GetRequiredService<SnapshotHolder>(), stopping) is { } upstreamFault)
                await Console.Error.WriteLineAsync($"Upstreams of the console cannot be read now: {upstreamFault.Message}");
            if (await app.Services.GetRequiredService<ConsoleRules>().StartAsync(app.Services.GetRequiredService<SnapshotHolder>(), stopping) is { } ruleFault)
                await Console.Error.WriteLineAsync($"Policies and routes of the console cannot be read now: {ruleFault.Message}");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message); // secret.key, without which their keys stay sealed
            return Exit.No;
        }

        var recovered = CrashRecovery.Run(
            app.Services.GetRequiredService<InFlightSlots>(), app.Services.GetRequiredService<Bookkeeper>(), app.Services.GetRequiredService<SnapshotHolder>().Current, app.Services.GetRequiredService<KeySnapshotHolder>().Current);
        if (recovered > 0)
            await Console.Error.WriteLineAsync($"{recovered} attempts were running when this node last ended without being stopped; they are booked as recovered.");

        try
        {
            await app.StartAsync(stopping);
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"Cannot listen on {options.ListenAddress(config)}: {exception.GetBaseException().Message}");
            return Exit.No;
        }

        // Without a link the gateway runs as well: 'trivet users link' makes one.
        var welcome = await app.Services.GetRequiredService<UserAdmin>().InviteFirstAsync(stopping);
        FirstScreen.Print(
            Console.Out, app.Urls, app.Services.GetRequiredService<SnapshotHolder>().Current, first.Created, welcome.IsSuccess ? welcome.Value?.Token : null, dataPath, Environment.GetEnvironmentVariable);
        if (alongside is not null)
            await alongside(app, first.Created);
        await app.WaitForShutdownAsync(stopping);
        return Exit.Done;
    }
}
