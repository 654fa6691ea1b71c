using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Trivet.Core.Diagnostics.Prometheus;

/// <summary>One instrument with its series. Safe for concurrent use; bounded, because labels hold model names, and clients may invent those.</summary>
internal sealed class MetricFamily
{
    /// <summary>Combinations of labels; what comes beyond is summed under one that says so.</summary>
    public const int SeriesMax = 1000;

    private static readonly double[] DefaultBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly KeyValuePair<string, object?>[] Overflow = [new("otel_metric_overflow", "true")];

    private readonly ConcurrentDictionary<int, MetricSeries> _series = new();
    private readonly Lock _adding = new();
    private readonly string _help;
    private readonly Kind _kind;
    private readonly double[]? _boundaries;
    private int _count;

    // Most measurements have the labels of one of the last few (tokens come in three kinds a request): compared, mostly by reference, instead of hashed.
    private readonly MetricSeries?[] _recent = new MetricSeries?[4];
    private int _oldest;

    public MetricFamily(Instrument instrument)
    {
        _kind = KindOf(instrument);
        _help = PrometheusText.Help(instrument.Description ?? "");
        Name = PrometheusText.Name(instrument.Name, instrument.Unit, _kind is Kind.Counter or Kind.ObservedCounter);
        if (_kind == Kind.Histogram)
            _boundaries = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries is { } advised ? [.. advised] : DefaultBoundaries;
    }

    private enum Kind
    {
        Counter,
        UpDown,
        ObservedCounter,
        Observed,
        Histogram,
    }

    /// <summary>The name in the text.</summary>
    public string Name { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        switch (_kind)
        {
            case Kind.Counter or Kind.UpDown:
                series.Add(value);
                break;
            case Kind.Histogram:
                series.Observe(value, _boundaries!);
                break;
            default:
                series.Set(value);
                break;
        }
    }

    public void Write(StringBuilder text)
    {
        if (_series.IsEmpty)
            return;
        var type = _kind switch { Kind.Counter or Kind.ObservedCounter => "counter", Kind.Histogram => "histogram", _ => "gauge" };
        text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {_help}\n# TYPE {Name} {type}\n");
        foreach (var series in All().OrderBy(series => series.Labels, StringComparer.Ordinal))
        {
            if (_kind == Kind.Histogram)
                series.WriteHistogram(text, Name, _boundaries!);
            else
                series.WriteValue(text, Name);
        }
    }

    private static Kind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) ? Kind.Counter
            : type == typeof(UpDownCounter<>) ? Kind.UpDown
            : type == typeof(Histogram<>) ? Kind.Histogram
            : type == typeof(ObservableCounter<>) ? Kind.ObservedCounter
            : Kind.Observed;
    }

    private static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = default(HashCode);
        foreach (var (name, value) in tags)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    private IEnumerable<MetricSeries> All()
    {
        foreach (var first in _series.Values)
            for (MetricSeries? series = first; series is not null; series = series.Next)
                yield return series;
    }

    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var recent in _recent)
        {
            if (recent is not null && recent.Has(tags))
                return recent;
        }

        var hash = Hash(tags);
        var found = TryFind(hash, tags) ?? Add(hash, tags);
        Volatile.Write(ref _recent[(uint)Interlocked.Increment(ref _oldest) % (uint)_recent.Length], found);
        return found;
    }

    private MetricSeries? TryFind(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _series.TryGetValue(hash, out var series);
        while (series is not null && !series.Has(tags))
            series = series.Next;
        return series;
    }

    private MetricSeries Add(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            if (TryFind(hash, tags) is { } known)
                return known;
            if (_count >= SeriesMax)
            {
                hash = Hash(Overflow);
                tags = Overflow;
                if (TryFind(hash, tags) is { } overflow)
                    return overflow;
            }

            _count++;
            _series.TryGetValue(hash, out var next);
            return _series[hash] = new MetricSeries(tags.ToArray(), _boundaries?.Length, next);
        }
    }
}
