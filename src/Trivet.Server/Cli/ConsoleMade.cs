using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Upstreams;
using Trivet.Storage;

namespace Trivet.Server.Cli;

/// <summary>What people made in the console of the server on this data directory, put beside the file as that server does. Makes nothing where there is nothing yet.</summary>
internal static class ConsoleMade
{
    /// <summary>The configuration with it; what cannot be read is told and left out.</summary>
    public static async Task<GatewayConfig> MergeAsync(VerbContext context, GatewayConfig config, CancellationToken cancellationToken)
    {
        var dataPath = context.Options.DataPath(config);
        var isThere = config.Database.Kind == DatabaseKind.Postgres || File.Exists(Path.Combine(dataPath, DatabaseOptions.SqliteFileName));
        if (!isThere || !File.Exists(Path.Combine(dataPath, SecretBox.FileName)))
            return config; // no server has run here, so nobody has made anything
        await using var database = await Databases.OpenAsync(config, dataPath, cancellationToken);
        if (database is null)
            return config;
        try
        {
            using var box = SecretBox.Open(dataPath);
            var holder = new SnapshotHolder(GatewaySnapshot.Compile(config));
            var rules = new ConsoleRules(database.ConsoleRules, context.Time);
            var upstreams = new ConsoleUpstreams(database.ConsoleUpstreams, box, context.Time, rules);
            if ((await upstreams.StartAsync(holder, cancellationToken) ?? await rules.StartAsync(holder, cancellationToken)) is { } fault)
                await context.Error.WriteLineAsync($"What the console made cannot be read: {fault.Message}");
            foreach (var state in upstreams.States.Where(state => state.Problems.Count > 0))
                await context.Error.WriteLineAsync($"{state.Upstream.Name}, made in the console, cannot be used: {string.Join(" ", state.Problems)}");
            foreach (var state in rules.States.Where(state => state.Problems.Count > 0 && !state.IsShadowed))
                await context.Error.WriteLineAsync($"{state.Rule.Name}, made in the console, is not in order: {string.Join(" ", state.Problems)}");
            return holder.Current.Config;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            await context.Error.WriteLineAsync(exception.Message); // secret.key, without which their keys stay sealed
            return config;
        }
    }
}
