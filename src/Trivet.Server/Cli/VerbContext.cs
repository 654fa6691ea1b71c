using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots;
using Trivet.Server.Options;
using Trivet.Storage;

namespace Trivet.Server.Cli;

/// <summary>What a verb needs: where to write, the configuration, the database, and the ways to say no.</summary>
internal sealed class VerbContext(ParseResult result)
{
    public TextWriter Output => result.InvocationConfiguration.Output;

    public TextWriter Error => result.InvocationConfiguration.Error;

    public bool Json => result.GetValue(CommonOptions.Json);

    public TimeProvider Time => TimeProvider.System;

    public ServeOptions Options { get; } = new(null, result.GetValue(CommonOptions.Config), result.GetValue(CommonOptions.Data));

    /// <summary>False when the configuration has problems; they have been printed, and the answer is <see cref="Exit.Wrong"/>.</summary>
    public bool TryReadConfig([NotNullWhen(true)] out GatewayConfig? config, bool needsSecrets = true)
    {
        var reading = Options.ReadConfig(needsSecrets);
        foreach (var problem in reading.Problems)
            Error.WriteLine($"{Options.ConfigPath}: {problem}");
        config = reading.Config is { } read ? read with { Catalogue = ModelCatalogue.WithFolder(CatalogueFolder(read)) } : null;
        return config is not null;
    }

    /// <summary>Where the operator's own files of the catalogue are.</summary>
    public string CatalogueFolder(GatewayConfig config) => Path.Combine(Options.DataPath(config), ModelCatalogue.FolderName);

    /// <summary>Runs <paramref name="work"/> on the database of this data directory, beside a server that may be running on it.</summary>
    /// <param name="work">Returns the exit code.</param>
    /// <param name="mayCreate">Whether a database that is not there yet is made; else a mistyped directory is told as such.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> WithDatabaseAsync(Func<Database, Task<int>> work, bool mayCreate, CancellationToken cancellationToken)
    {
        if (!TryReadConfig(out var config, needsSecrets: false))
            return Exit.Wrong;
        var dataPath = Options.DataPath(config);
        if (!mayCreate && config.Database.Kind == DatabaseKind.Sqlite && !File.Exists(Path.Combine(dataPath, DatabaseOptions.SqliteFileName)))
            return No($"There is no database in {dataPath}. Name the server's directory with --data, or start the server there first.");
        await using var database = await Databases.OpenAsync(config, dataPath, cancellationToken);
        return database is null ? Exit.No : await work(database);
    }

    /// <summary>It ran, and the answer is no.</summary>
    public int No(string message)
    {
        Error.WriteLine(message);
        return Exit.No;
    }

    /// <summary>A store's fault is a no.</summary>
    public int No(StoreFault fault) => No(fault.Message);

    /// <summary>Wrong use.</summary>
    public int Wrong(string message)
    {
        Error.WriteLine(message);
        return Exit.Wrong;
    }
}
