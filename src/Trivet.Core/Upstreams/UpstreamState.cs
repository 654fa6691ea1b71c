using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Trivet.Core.Upstreams.Connections;

namespace Trivet.Core.Upstreams;

/// <summary>One upstream while the gateway runs: its connections and its credentials. Outlives configuration changes that do not touch it.</summary>
public sealed class UpstreamState : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private int _next;

    /// <summary>Opens nothing yet; connections are made when first needed.</summary>
    public UpstreamState(UpstreamConfig config, TimeProvider time)
    {
        Config = config;
        Retries = new RetryBudget(time);
        Credentials = [.. config.Credentials.Select(credential => new CredentialState(credential))];
        _invoker = new HttpMessageInvoker(CreateHandler(config));
    }

    /// <summary>The configuration that it was made from.</summary>
    public UpstreamConfig Config { get; }

    /// <summary>Its credentials in the operator's order; empty where the vendor wants none.</summary>
    public IReadOnlyList<CredentialState> Credentials { get; }

    /// <summary>How many retries it may get.</summary>
    public RetryBudget Retries { get; }

    /// <summary>Its connections. Sending on them returns when the headers are here.</summary>
    public HttpMessageInvoker Connections => _invoker;

    /// <summary>
    /// A credential that is ready for a model: the same one for the same session, because prompt caches belong to an account; else in turn. When all rest,
    /// the one that rests the shortest, so that a recovery is noticed. Null where there are none.
    /// </summary>
    public CredentialState? PickCredential(ulong sessionHash, string model, long nowMs, CredentialState? not)
    {
        var count = Credentials.Count;
        if (count <= 1)
            return count == 0 ? null : Credentials[0];
        var first = (int)((sessionHash != 0 ? sessionHash : (uint)Interlocked.Increment(ref _next)) % (uint)count);
        CredentialState? soonest = null;
        for (var i = 0; i < count; i++)
        {
            var candidate = Credentials[(first + i) % count];
            if (candidate == not)
                continue;
            if (candidate.IsReady(model, nowMs))
                return candidate;
            if (soonest is null || candidate.ReadyMs(model) < soonest.ReadyMs(model))
                soonest = candidate;
        }

        return soonest ?? Credentials[first];
    }

    /// <summary>Whether another credential than <paramref name="not"/> is ready for a model.</summary>
    public bool HasReady(string model, long nowMs, CredentialState? not)
    {
        foreach (var credential in Credentials)
        {
            if (credential != not && credential.IsReady(model, nowMs))
                return true;
        }

        return false;
    }

    /// <summary>Whether a configuration needs other connections than this one has.</summary>
    public bool Fits(UpstreamConfig other) =>
        Equals(Config.Proxy, other.Proxy) && Config.CaFile == other.CaFile && Config.Deadlines.Connect == other.Deadlines.Connect
        && Config.Credentials.SequenceEqual(other.Credentials);

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static SocketsHttpHandler CreateHandler(UpstreamConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None, // not asked for; see UpstreamAnswer for those who compress all the same
            UseCookies = false,
            ActivityHeadersPropagator = null, // what we trace is nothing to the vendor
            ConnectTimeout = config.Deadlines.Connect,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // DNS moves
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 64,
            ConnectCallback = ConnectAsync,
        };
        if (config.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy.Address);
            handler.UseProxy = true;
            if (proxy.User is not null)
                handler.DefaultProxyCredentials = handler.Proxy.Credentials = new NetworkCredential(proxy.User, proxy.Password?.Reveal());
        }

        if (config.CaFile is not null)
            handler.SslOptions = TrustAlso(config.CaFile);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            var connection = new NetworkStream(socket, ownsSocket: true);
            return context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps ? new HandshakeStream(connection) : connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions TrustAlso(string caFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(caFile);
        return new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (errors == SslPolicyErrors.None)
                    return true;
                if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
                    return false;
                using var own = new X509Chain();
                own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                own.ChainPolicy.CustomTrustStore.AddRange(authorities);
                own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                if (chain is not null)
                {
                    foreach (var element in chain.ChainElements.Skip(1))
                        own.ChainPolicy.ExtraStore.Add(element.Certificate);
                }

                using var leaf = new X509Certificate2(certificate);
                return own.Build(leaf);
            },
        };
    }
}
