using System.Globalization;
using System.Text;

namespace Trivet.Core.Diagnostics.Prometheus;

/// <summary>One combination of labels with its value, or with its buckets. Lock-free.</summary>
/// <param name="tags">The labels as they were recorded.</param>
/// <param name="boundaryCount">Number of bucket boundaries; null where it is no histogram.</param>
/// <param name="next">Another series of the same hash.</param>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, int? boundaryCount, MetricSeries? next)
{
    private readonly long[] _buckets = boundaryCount is { } count ? new long[count + 1] : [];
    private double _value; // a histogram's sum

    public MetricSeries? Next { get; } = next;

    /// <summary><c>name="value",…</c> without braces; empty for none.</summary>
    public string Labels { get; } = string.Join(',', tags.Select(tag => $"{PrometheusText.LabelName(tag.Key)}=\"{PrometheusText.LabelValue(tag.Value)}\""));

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, others[i].Key, StringComparison.Ordinal) || !Equals(tags[i].Value, others[i].Value))
                return false;
        }

        return true;
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var was = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (was.Equals(seen))
                return;
            seen = was;
        }
    }

    public void Observe(double value, double[] boundaries)
    {
        var bucket = 0;
        while (bucket < boundaries.Length && value > boundaries[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets[bucket]);
        Add(value);
    }

    public void WriteValue(StringBuilder text, string name) =>
        text.Append(name).Append(Labels.Length == 0 ? "" : $"{{{Labels}}}").Append(' ').Append(PrometheusText.Number(Volatile.Read(ref _value))).Append('\n');

    public void WriteHistogram(StringBuilder text, string name, double[] boundaries)
    {
        var prefix = Labels.Length == 0 ? "" : Labels + ",";
        long count = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            count += Interlocked.Read(ref _buckets[i]);
            var bound = i < boundaries.Length ? PrometheusText.Number(boundaries[i]) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"{bound}\"}} {count}\n");
        }

        var labels = Labels.Length == 0 ? "" : $"{{{Labels}}}";
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {PrometheusText.Number(Volatile.Read(ref _value))}\n{name}_count{labels} {count}\n");
    }
}
