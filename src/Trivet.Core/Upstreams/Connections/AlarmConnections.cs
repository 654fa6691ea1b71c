namespace Trivet.Core.Upstreams.Connections;

/// <summary>Connections to where the operator wants alarms sent. The operator names the address, so private networks are as good as any.</summary>
public sealed class AlarmConnections() : HttpMessageInvoker(new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseCookies = false,
    ActivityHeadersPropagator = null,
    ConnectTimeout = TimeSpan.FromSeconds(5),
    PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
});
