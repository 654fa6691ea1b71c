using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots;

/// <summary>
/// The configuration when there is no file: an upstream of every vendor whose well-known environment variable is set, by the vendors'
/// own profiles, and the built-in sandbox (see <see cref="BuiltInSandbox"/>).
/// </summary>
public static class EnvironmentConfig
{
    /// <summary>Makes the configuration.</summary>
    /// <param name="environment">Looks up environment variables.</param>
    /// <param name="ownAddress">Where Trivet itself will listen: base addresses that lead there are not used, or it would ask itself.</param>
    public static GatewayConfig Read(Func<string, string?> environment, string ownAddress = GatewayConfig.DefaultListen)
    {
        var upstreams = new List<UpstreamConfig>();
        var warnings = new List<ConfigProblem>();
        foreach (var profile in VendorProfiles.All)
        {
            if (profile.Vendor == BuiltInSandbox.Vendor) continue;
            var variable = profile.KeyVariables.FirstOrDefault(name => Value(environment, name) is not null);
            var host = profile.HostVariable is { } hostVariable ? Value(environment, hostVariable) : null;
            if ((variable is null && host is null) || Site(profile, environment, warnings) is not { } site) continue;

            // Whoever points an agent at Trivet sets the agent's key to one of Trivet's: that key must not travel to the vendor.
            if (profile.BaseUrlVariables.FirstOrDefault(entry => LeadsTo(Value(environment, entry.Variable), ownAddress)) is { } circular)
            {
                warnings.Add(Warning($"{circular.Variable} leads to Trivet itself, so {variable} is taken for a key of Trivet's and {profile.Vendor} is left out"));
                continue;
            }

            var endpoints = site.Endpoints.Select(endpoint => At(endpoint, profile, host, environment, warnings)).ToList();
            upstreams.Add(new UpstreamConfig
            {
                Name = profile.Vendor,
                Profile = profile,
                Site = site.Name,
                Endpoints = endpoints,
                Credentials = variable is null ? [] : [new Credential($"{profile.Vendor}#1", new Secret(Value(environment, variable)!))],
                Models = profile.DefaultModels,
            });
        }

        return new GatewayConfig { Upstreams = upstreams, Source = ConfigSource.Environment, Warnings = warnings };
    }

    /// <summary>The environment variable that chooses a vendor's site: <c>TRIVET_ALIBABA_SITE=intl</c>.</summary>
    public static string SiteVariable(string vendor) => $"TRIVET_{vendor.ToUpperInvariant().Replace('-', '_')}_SITE";

    /// <summary>What a host variable says, as an address: <c>host</c>, <c>host:port</c> and whole addresses are known; null where it is none.</summary>
    internal static Uri? HostAddress(string host, int defaultPort)
    {
        var text = host.Contains("://", StringComparison.Ordinal) ? host : $"http://{host}";
        if (!Shapes.TryHttp(text, out var url)) return null;

        // "Listen on every interface" is what a server is told; a client asks the loopback.
        var builder = new UriBuilder(url!);
        if (builder.Host is "0.0.0.0" or "[::]") builder.Host = "127.0.0.1";
        if (url!.IsDefaultPort && !text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].Contains(':', StringComparison.Ordinal) && url.Scheme == "http") builder.Port = defaultPort;
        return builder.Uri;
    }

    /// <summary>The same path at another host.</summary>
    internal static EndpointConfig Move(EndpointConfig endpoint, Uri host) =>
        new(endpoint.Protocol, new Uri(new Uri(host.GetLeftPart(UriPartial.Authority)), endpoint.BaseUri.AbsolutePath), endpoint.Auth);

    private static VendorSite? Site(VendorProfile profile, Func<string, string?> environment, List<ConfigProblem> warnings)
    {
        var variable = SiteVariable(profile.Vendor);
        if (Value(environment, variable) is not { } wanted) return profile.Sites.Count > 0 ? profile.Sites[0] : null;
        var site = profile.Sites.FirstOrDefault(site => site.Name == wanted);
        if (site is null) warnings.Add(Warning($"{variable}: {profile.Vendor} has no such site, so it is left out{Nearest.Hint(wanted, [.. profile.Sites.Select(known => known.Name)])}"));
        return site;
    }

    private static EndpointConfig At(EndpointConfig endpoint, VendorProfile profile, string? host, Func<string, string?> environment, List<ConfigProblem> warnings)
    {
        if (host is not null)
        {
            if (HostAddress(host, endpoint.BaseUri.Port) is { } address) return Move(endpoint, address);
            warnings.Add(Warning($"{profile.HostVariable} is no address; {endpoint.BaseUri} is used"));
        }

        foreach (var variable in profile.BaseUrlVariables.Where(variable => variable.Protocols.Contains(endpoint.Protocol)))
        {
            if (Value(environment, variable.Variable) is not { } text) continue;
            if (!Shapes.TryHttp(text, out var url)) warnings.Add(Warning($"{variable.Variable} is no http address; {endpoint.BaseUri} is used"));
            else return new EndpointConfig(endpoint.Protocol, new Uri(url!.GetLeftPart(UriPartial.Path).TrimEnd('/')), endpoint.Auth);
        }

        return endpoint;
    }

    private static bool LeadsTo(string? text, string ownAddress) =>
        text is not null && Shapes.TryHttp(text, out var url)
        && Uri.TryCreate(ownAddress.Replace("://*", "://127.0.0.1", StringComparison.Ordinal).Replace("://+", "://127.0.0.1", StringComparison.Ordinal), UriKind.Absolute, out var own)
        && url!.Port == own.Port && (url.Host == own.Host || ListenAddress.IsLoopback(url));

    private static string? Value(Func<string, string?> environment, string name) => environment(name)?.Trim() is { Length: > 0 } value ? value : null;

    private static ConfigProblem Warning(string message) => new(0, 0, "", message);
}
