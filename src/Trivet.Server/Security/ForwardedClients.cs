using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Trivet.Server.Security;

/// <summary>
/// Who a client is behind proxies that the operator trusts, and whether it came over TLS: the console's cookies and the limits on signing in go by it. The relay has no use for either, so its requests do not pass here.
/// </summary>
internal static class ForwardedClients
{
    /// <summary>Believes <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> of these, from the last one back to the first that is not trusted; nobody's where there are none.</summary>
    public static void UseForwarded(this IApplicationBuilder app, IReadOnlyList<IPNetwork> trusted)
    {
        if (trusted.Count == 0)
            return;

        // Not the host: many proxies pass on what a client wrote there, and links for new people are made of it.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
