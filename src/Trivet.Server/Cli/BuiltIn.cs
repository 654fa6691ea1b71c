using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Server.Cli;

/// <summary>Upstreams as verbs show them, the built-in sandbox among them.</summary>
internal static class BuiltIn
{
    private const int ModelsShownMax = 4;

    // Stands in for the sandbox of a server that this process is not.
    private static readonly Uri Somewhere = new("http://127.0.0.1:1");

    /// <summary>The configuration with the sandbox in it, where the server would have one.</summary>
    public static GatewayConfig WithPlace(GatewayConfig config) => BuiltInSandbox.IsWanted(config) ? BuiltInSandbox.Place(config, Somewhere) : config;

    /// <summary>Whether it is that sandbox.</summary>
    public static bool Is(UpstreamConfig upstream) => upstream.Endpoints.Any(endpoint => endpoint.BaseUri.Authority == Somewhere.Authority);

    /// <summary>An address without user information and query, which may hold secrets.</summary>
    public static string Shown(Uri address) => $"{address.Scheme}://{address.Authority}{address.AbsolutePath.TrimEnd('/')}";

    /// <summary>The first few.</summary>
    public static string Short(IReadOnlyList<string> models) => string.Join(", ", models.Take(ModelsShownMax)) + (models.Count > ModelsShownMax ? ", …" : "");
}
