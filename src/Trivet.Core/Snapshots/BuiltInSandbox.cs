using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;

namespace Trivet.Core.Snapshots;

/// <summary>
/// The scripted vendor that comes with Trivet, as an upstream. It is there without any configuration, and in a file by
/// <c>vendor: sandbox</c> without endpoints; only the host knows where its sandbox listens, so it puts the address in.
/// </summary>
public static class BuiltInSandbox
{
    /// <summary>Name of vendor and upstream.</summary>
    public const string Vendor = "sandbox";

    /// <summary>True where a configuration needs the host's own sandbox.</summary>
    public static bool IsWanted(GatewayConfig config) => config.Source.Path is null || config.Upstreams.Any(upstream => upstream.Enabled && IsUnplaced(upstream));

    /// <summary>The configuration with the sandbox at <paramref name="address"/>.</summary>
    public static GatewayConfig Place(GatewayConfig config, Uri address)
    {
        var upstreams = config.Upstreams.Select(upstream => IsUnplaced(upstream)
            ? upstream with { Endpoints = [.. upstream.Endpoints.Select(endpoint => EnvironmentConfig.Move(endpoint, address))], Credentials = upstream.Credentials.Count > 0 ? upstream.Credentials : [AnyKey(upstream.Name)] }
            : upstream).ToList();
        if (config.Source.Path is null && !upstreams.Exists(upstream => upstream.Name == Vendor)) upstreams.Add(Make(address));
        return config with { Upstreams = upstreams };
    }

    private static UpstreamConfig Make(Uri address)
    {
        var profile = VendorProfiles.Get(Vendor);
        return new UpstreamConfig
        {
            Name = Vendor,
            Profile = profile,
            Endpoints = [.. profile.Sites[0].Endpoints.Select(endpoint => EnvironmentConfig.Move(endpoint, address))],
            Credentials = [AnyKey(Vendor)],
            Models = profile.DefaultModels,
        };
    }

    // It takes every key, but wants one, as vendors do.
    private static Credential AnyKey(string upstream) => new($"{upstream}#1", new Secret("sandbox"));

    private static bool IsUnplaced(UpstreamConfig upstream) =>
        upstream.Vendor == Vendor && upstream.Endpoints.Any(endpoint => endpoint.BaseUri.Port == 0);
}
