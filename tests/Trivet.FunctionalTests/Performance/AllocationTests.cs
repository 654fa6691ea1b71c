using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Performance;

/// <summary>The allocation gate of the pass-through path, on the Release build that operators run.</summary>
public sealed class AllocationTests
{
    // What a bare forwarder allocates per request (Kestrel and SocketsHttpHandler, bytes copied): 3,320 to 3,340 bytes, measured by
    // `bench load --scenarios plain --targets raw` on 2026-11-22. The rest is ours: relay, booking, and writing the books to the database.
    private const long FrameworksBytes = 3_340;
    private const long OurBytesMax = 6_000;
    private const string Key = "sk-trivet-allocation-gate";

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"TEXT"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}"""
            .Replace("TEXT", new string('x', 800), StringComparison.Ordinal));

    [Fact]
    public async Task A_request_that_passes_through_allocates_less_than_six_kilobytes_of_ours()
    {
        var release = Path.Combine(Repository.Root, "src", "Trivet.Server", "bin", "Release", "net10.0", "trivet.dll");
        if (!File.Exists(release))
            Requirement.Missing("the Release build of the server (dotnet build -c Release)");

        using var folder = new TempFolder();
        await using var vendor = await StartVendorAsync();
        var config = new TrivetYaml().Chat("lab", new Uri(vendor.Urls.First()), "dummy", "models: [m]").WriteTo(folder);
        var address = new Uri($"http://127.0.0.1:{TrivetProcess.FreePort()}");
        await using var trivet = ChildProcess.Start(
            "dotnet", [release, "serve", "--listen", address.GetLeftPart(UriPartial.Authority), "--data", folder.File("data"), "--config", config],
            new Dictionary<string, string?> { ["TRIVET_KEY"] = Key });
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        await UntilReadyAsync(http);

        await AskAsync(http, 6_000); // until the JIT has little left to do
        var least = long.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            const int Requests = 3_000;
            var before = await AllocatedAsync(http);
            await AskAsync(http, Requests);
            least = Math.Min(least, (await AllocatedAsync(http) - before) / Requests);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{least} bytes per request, {least - FrameworksBytes} of them ours");
        Assert.InRange(least - FrameworksBytes, 1, OurBytesMax);
    }

    private static async Task<WebApplication> StartVendorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/chat/completions", (RequestDelegate)(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Answer.Length;
            await context.Response.Body.WriteAsync(Answer);
        }));
        await app.StartAsync();
        return app;
    }

    private static async Task UntilReadyAsync(HttpClient http)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                if ((await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }

            await Task.Delay(100);
        }

        Assert.Fail("the gateway did not become ready");
    }

    private static async Task AskAsync(HttpClient http, int requests)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"{{new string('y', 900)}}"}]}""");
        await Parallel.ForEachAsync(Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellation) =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, cancellation);
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
            await response.Content.ReadAsByteArrayAsync(cancellation);
        });
        await Task.Delay(1_000); // the books are written behind the answers, and count
    }

    private static async Task<long> AllocatedAsync(HttpClient http)
    {
        const string Name = "process_runtime_dotnet_gc_allocations_size_bytes_total ";
        var text = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = text.Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal));
        return (long)double.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
    }
}
