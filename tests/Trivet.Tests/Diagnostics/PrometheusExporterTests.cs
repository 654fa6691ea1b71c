using System.Diagnostics.Metrics;
using Trivet.Core.Diagnostics;
using Trivet.Core.Diagnostics.Prometheus;

namespace Trivet.Tests.Diagnostics;

/// <summary>The exporter hears every meter named Trivet in the process, so each test has instruments of its own name.</summary>
public sealed class PrometheusExporterTests
{
    [Fact]
    public void Counters_gauges_and_histograms_come_out_as_prometheus_reads_them()
    {
        using var exporter = new PrometheusExporter();
        using var meter = new Meter(TrivetMetrics.MeterName);
        var counter = meter.CreateCounter<long>("one.requests", "{request}", "How many.");
        var gauge = meter.CreateUpDownCounter<long>("one.active");
        var histogram = meter.CreateHistogram("one.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        counter.Add(2, new("model", "a\"b\\c\nd"), new("outcome", "ok"));
        counter.Add(3, new("model", "a\"b\\c\nd"), new("outcome", "ok"));
        gauge.Add(2);
        gauge.Add(-1);
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(7);

        var text = exporter.Write();
        Assert.Contains("# HELP one_requests_total How many.\n# TYPE one_requests_total counter\none_requests_total{model=\"a\\\"b\\\\c\\nd\",outcome=\"ok\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE one_active gauge\none_active 1\n", text, StringComparison.Ordinal);
        Assert.Contains("one_duration_seconds_bucket{le=\"0.1\"} 1\none_duration_seconds_bucket{le=\"1\"} 2\none_duration_seconds_bucket{le=\"+Inf\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("one_duration_seconds_sum 7.6\none_duration_seconds_count 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_benchmark_reads_is_there()
    {
        using var exporter = new PrometheusExporter();
        var text = exporter.Write();
        Assert.Contains("\nprocess_runtime_dotnet_gc_allocations_size_bytes_total ", text, StringComparison.Ordinal);
        Assert.Contains("process_cpu_seconds_total ", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_last_collection_memory_committed_size_bytes ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_clients_invent_cannot_grow_it_without_bound()
    {
        using var exporter = new PrometheusExporter();
        using var meter = new Meter(TrivetMetrics.MeterName);
        var counter = meter.CreateCounter<long>("two.requests");
        for (var i = 0; i < MetricFamily.SeriesMax + 50; i++)
            counter.Add(1, new KeyValuePair<string, object?>("model", $"m{i}"));
        var lines = exporter.Write().Split('\n').Where(line => line.StartsWith("two_requests_total{", StringComparison.Ordinal)).ToList();
        Assert.Equal(MetricFamily.SeriesMax + 1, lines.Count);
        Assert.Contains("two_requests_total{otel_metric_overflow=\"true\"} 50", lines);
    }

    [Fact]
    public void Counting_by_known_labels_allocates_nothing()
    {
        using var exporter = new PrometheusExporter();
        using var meter = new Meter(TrivetMetrics.MeterName);
        var counter = meter.CreateCounter<long>("three.requests");
        var upstream = new KeyValuePair<string, object?>("upstream", "lab");
        var model = new KeyValuePair<string, object?>("model", "large");
        for (var i = 0; i < 100; i++)
            counter.Add(1, upstream, model);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            counter.Add(1, upstream, model);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }
}
