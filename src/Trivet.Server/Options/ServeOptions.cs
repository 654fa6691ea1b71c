using Trivet.Core.Snapshots;

namespace Trivet.Server.Options;

/// <summary>What an operator typed or set: flags win over <c>TRIVET_LISTEN</c>, <c>TRIVET_CONFIG</c>, <c>TRIVET_DATA</c>, then the file, then defaults.</summary>
/// <param name="Listen">Address from the command line; null for none.</param>
/// <param name="ConfigFile">Configuration file from the command line; null for none.</param>
/// <param name="DataDirectory">Data directory from the command line; null for none.</param>
internal sealed record ServeOptions(string? Listen, string? ConfigFile, string? DataDirectory)
{
    private const string DefaultConfigFile = "trivet.yaml";

    /// <summary>The file that is read; null where there is none and the environment is.</summary>
    public string? ConfigPath => ConfigFile ?? Variable("TRIVET_CONFIG") ?? (File.Exists(DefaultConfigFile) ? DefaultConfigFile : null);

    // A legal key and a legal address, and no database.
    private const string Unset = "http://unset.invalid";

    /// <summary>The configuration, from the file or from the environment.</summary>
    /// <param name="needsSecrets">False for verbs that ask the database only: an operator's second terminal has not the upstreams' keys in its environment.</param>
    public ConfigReading ReadConfig(bool needsSecrets = true)
    {
        var file = ConfigPath;
        return file is null
            ? new ConfigReading(EnvironmentConfig.Read(Environment.GetEnvironmentVariable, Listen ?? Variable("TRIVET_LISTEN") ?? GatewayConfig.DefaultListen), [], [])
            : ConfigReader.ReadFile(file, Environment.GetEnvironmentVariable, needsSecrets ? null : Unset);
    }

    /// <summary>Where to listen.</summary>
    public string ListenAddress(GatewayConfig config) => Listen ?? Variable("TRIVET_LISTEN") ?? config.Listen ?? GatewayConfig.DefaultListen;

    /// <summary>Absolute path of the data directory.</summary>
    public string DataPath(GatewayConfig config) => Path.GetFullPath(DataDirectory ?? Variable("TRIVET_DATA") ?? config.DataDirectory ?? GatewayConfig.DefaultData);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
