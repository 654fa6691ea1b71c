using System.Net;
using Trivet.Core.Diagnostics.Prometheus;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Server.Security;

namespace Trivet.Server.Endpoints;

/// <summary>
/// <c>GET /metrics</c> in Prometheus text. Free to whoever asks from this machine itself; from anywhere else, and through any proxy, with an admin's key:
/// metrics name upstreams, models and traffic.
/// </summary>
internal static class MetricsEndpoint
{
    // A proxy on this machine connects from loopback too; those that forward for others say so.
    private static readonly string[] ProxyHeaders = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

    public static void MapMetrics(this IEndpointRouteBuilder app)
    {
        var exporter = app.ServiceProvider.GetRequiredService<PrometheusExporter>();
        var keys = app.ServiceProvider.GetRequiredService<KeySnapshotHolder>();
        var time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        app.MapGet("/metrics", context =>
        {
            if (!IsFromHere(context) && !IsAdmin(context, keys.Current, time.GetUtcNow().ToUnixTimeMilliseconds()))
                return ProtocolErrors.WriteAsync(context, isAnthropic: false, new Failure(FailureKind.ClientKeyRefused) { Detail = "From other machines /metrics wants an admin's key." });
            context.Response.ContentType = PrometheusExporter.ContentType;
            return context.Response.WriteAsync(exporter.Write(), context.RequestAborted);
        });
    }

    private static bool IsFromHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);

    private static bool IsAdmin(HttpContext context, KeySnapshot keys, long nowMs) =>
        keys.Authenticate(PresentedKeys.Find(context.Request), nowMs, out var key) == KeyVerdict.Accepted && key!.IsAdmin;
}
