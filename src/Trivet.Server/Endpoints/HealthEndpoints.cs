using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Load;
using Trivet.Core.Relay.Metering;
using Trivet.Storage;
using Trivet.WebConsole;

namespace Trivet.Server.Endpoints;

/// <summary>Liveness, readiness, and what agents ask before they start.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var books = app.ServiceProvider.GetRequiredService<Bookkeeper>();
        var load = app.ServiceProvider.GetRequiredService<LoadGate>();
        var database = app.ServiceProvider.GetRequiredService<Database>();

        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", async (HttpContext context) =>
        {
            // A database that is away does not make the node unready: the spool keeps the books until it is back.
            var fault = await database.PingAsync(context.RequestAborted);
            if (load.IsStopping)
                return Results.Text("not ready: stopping\n", statusCode: StatusCodes.Status503ServiceUnavailable);
            return books.CanAdmit
                ? Results.Text(fault is null ? "ready\n" : "ready, database away\n")
                : Results.Text("not ready: the spool cannot be written\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });

        // Claude Code's probes (HEAD / in 2.1.197, HEAD /api/hello in 2.1.330; observed 2026-11-22).
        app.MapMethods("/api/hello", ["GET", "HEAD"], () => Results.Text("trivet\n"));
        app.MapMethods("/", ["GET", "HEAD"], (HttpContext context) => context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? Results.Redirect(ConsoleEndpoints.Path) // a browser
            : Results.Text("Trivet is running. 'trivet connect CLIENT' prints what to set.\n"));
        app.MapFallback(context => ProtocolErrors.WriteAsync(context, ModelEndpoints.ProtocolOf(context.Request), new Failure(FailureKind.ClientPathUnknown) { Detail = $"It was {context.Request.Method} {context.Request.Path}." }));
    }
}
