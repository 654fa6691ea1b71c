using System.Globalization;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Measure;

/// <summary>
/// What a .NET target says of its own runtime, in Prometheus text: our forwarders at <c>/bench/metrics</c>, Trivet at <c>/metrics</c>. Two
/// families of names are understood: OpenTelemetry's runtime instrumentation and the runtime's own <c>System.Runtime</c> meter.
/// </summary>
internal sealed class RuntimeMetrics : IDisposable
{
    public static readonly string[] AllocatedNames =
        ["process_runtime_dotnet_gc_allocations_size_bytes_total", "dotnet_gc_heap_total_allocated_bytes_total"];

    private static readonly string[] HeapNames =
        ["process_runtime_dotnet_gc_heap_size_bytes", "dotnet_gc_last_collection_heap_size_bytes"];

    private static readonly string[] CommittedNames =
        ["process_runtime_dotnet_gc_committed_memory_size_bytes", "dotnet_gc_last_collection_memory_committed_size_bytes"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Bytes allocated since the process started, or null where the target does not say.</summary>
    public async Task<long?> ReadAllocatedBytesAsync(Target target) =>
        target.MetricsPath is null ? null : Sum(await ScrapeAsync(target), AllocatedNames);

    public async Task<MemoryReading> ReadMemoryAsync(Target target)
    {
        var rssBytes = MemoryReading.ReadRssBytes(target.Pid);
        if (target.MetricsPath is null)
            return new MemoryReading(rssBytes, null, null);
        var text = await ScrapeAsync(target);
        return new MemoryReading(rssBytes, Sum(text, HeapNames), Sum(text, CommittedNames));
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> ScrapeAsync(Target target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.Url, target.MetricsPath));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + BenchKey.Value);
        using var response = await _http.SendAsync(request);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : "";
    }

    /// <summary>Sums the series of the first name that the text has: the heap comes as one series per generation.</summary>
    internal static long? Sum(string text, string[] names)
    {
        foreach (var name in names)
        {
            long sum = 0;
            var found = false;
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length == name.Length || line[name.Length] is not (' ' or '{'))
                    continue;
                var value = line[(line.LastIndexOf('}') + 1)..];
                value = value.StartsWith(name, StringComparison.Ordinal) ? value[name.Length..] : value;
                var number = value.Trim();
                number = number.IndexOf(' ') is var end and >= 0 ? number[..end] : number;       // a timestamp may follow
                sum += (long)double.Parse(number, CultureInfo.InvariantCulture);
                found = true;
            }
            if (found)
                return sum;
        }
        return null;
    }
}
