using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Keys;
using Trivet.Core.Snapshots;
using Trivet.Storage;

namespace Trivet.Server.Cli;

/// <summary>Opens the database that the configuration names, for any verb.</summary>
internal static class Databases
{
    /// <summary>Null when it cannot be opened; the reason has been printed.</summary>
    public static async Task<Database?> OpenAsync(GatewayConfig config, string dataPath, CancellationToken cancellationToken)
    {
        var url = config.Database.ConnectionUrl?.Reveal() ?? DatabaseOptions.Sqlite;
        var opened = await Database.OpenAsync(new DatabaseOptions(url, dataPath), TimeProvider.System, NullLogger<Database>.Instance, cancellationToken);
        if (opened.Fault is not { } fault)
            return opened.Value;
        await Console.Error.WriteLineAsync($"Cannot open the database ({fault.Kind}): {fault.Message}");
        return null;
    }

    /// <summary>Makes the first key where there is none: <c>TRIVET_KEY</c>, or a random one.</summary>
    public static async Task<(CreatedKey? Created, bool Failed)> EnsureFirstKeyAsync(Database database, CancellationToken cancellationToken)
    {
        try
        {
            var given = Environment.GetEnvironmentVariable("TRIVET_KEY") is { Length: > 0 } key ? key : null;
            var outcome = await new KeyAdmin(database.Keys, database.Journal, TimeProvider.System).EnsureFirstAsync(given, cancellationToken);
            return (outcome.IsSuccess ? outcome.Value : null, !outcome.IsSuccess);
        }
        catch (ArgumentException)
        {
            return (null, true);
        }
    }
}
