using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>
/// Kestrel with one handler and nothing else, for the forwarders and the fake vendor. It ends when its standard input does, so that none
/// outlives a bench that was killed.
/// </summary>
internal static class ForwarderHost
{
    public const string MetricsPath = "/bench/metrics";

    public static async Task RunAsync(int port, RequestDelegate handle)
    {
        // Otherwise it watches every folder below the working directory, and the spool of the server beside it pays for that with each write.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhostOnly(port);
        });
        await using var app = builder.Build();
        app.Run(http => http.Request.Path == MetricsPath ? WriteMetricsAsync(http) : handle(http));
        await app.StartAsync();

        using var stopped = new CancellationTokenSource();
        app.Lifetime.ApplicationStopping.Register(stopped.Cancel);
        await Task.WhenAny(Console.OpenStandardInput().CopyToAsync(Stream.Null, CancellationToken.None), Task.Delay(Timeout.Infinite, stopped.Token));
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
    }

    private static void ListenLocalhostOnly(this KestrelServerOptions kestrel, int port) => kestrel.Listen(System.Net.IPAddress.Loopback, port);

    private static Task WriteMetricsAsync(HttpContext http)
    {
        var gc = GC.GetGCMemoryInfo();
        return http.Response.WriteAsync(
            $"process_runtime_dotnet_gc_allocations_size_bytes_total {GC.GetTotalAllocatedBytes(precise: true)}\n" +
            $"process_runtime_dotnet_gc_heap_size_bytes {gc.HeapSizeBytes}\n" +
            $"process_runtime_dotnet_gc_committed_memory_size_bytes {gc.TotalCommittedBytes}\n");
    }
}
