using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Trivet.Core.Diagnostics.Prometheus;

/// <summary>
/// Listens to the meters that an operator wants to see and writes them as Prometheus text. Counting allocates nothing once a combination of labels is known.
/// Per-request instruments of the web framework and the HTTP client are left alone on purpose: they say less than Trivet's own and cost every request.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type of the text format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // Connections and queues: what Trivet itself does not see.
    private static readonly HashSet<string> OfOthers = new(StringComparer.Ordinal)
    {
        "kestrel.active_connections", "kestrel.queued_connections", "kestrel.rejected_connections",
    };

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <summary>Starts to listen.</summary>
    public PrometheusExporter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsWanted(instrument))
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument.Name, static (_, made) => new MetricFamily(made), instrument));
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Everything, as text.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder(8192);
        WriteProcess(text);
        foreach (var family in _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            family.Write(text);
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static bool IsWanted(Instrument instrument) => instrument.Meter.Name switch
    {
        TrivetMetrics.MeterName or "System.Runtime" => true,
        _ => OfOthers.Contains(instrument.Name),
    };

    // Names that dashboards for .NET and for Prometheus clients know. The allocation counter is exact, which the runtime's own meter is not.
    private static void WriteProcess(StringBuilder text)
    {
        using var process = Process.GetCurrentProcess();
        One("process_cpu_seconds_total", "counter", "CPU time, user and system.", Environment.CpuUsage.TotalTime.TotalSeconds);
        One("process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        One("process_start_time_seconds", "gauge", "Start of the process, Unix seconds.", (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        One("process_runtime_dotnet_gc_allocations_size_bytes_total", "counter", "Bytes allocated on the managed heap since the start.", GC.GetTotalAllocatedBytes(precise: true));

        void One(string name, string type, string help, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {PrometheusText.Number(value)}\n");
    }
}
