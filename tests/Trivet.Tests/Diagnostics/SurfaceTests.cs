using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Trivet.Core.Diagnostics;
using Trivet.Core.Diagnostics.Prometheus;
using Trivet.Storage;
using Trivet.Tests.Golden;

namespace Trivet.Tests.Diagnostics;

/// <summary>Names that dashboards and alarms are built on.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public void Metric_names_units_and_kinds_are_as_committed()
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name != TrivetMetrics.MeterName)
                    return;
                var kind = instrument.GetType().Name.Split('`')[0];
                lines.Add($"{instrument.Name} [{instrument.Unit}] {kind} → {PrometheusText.Name(instrument.Name, instrument.Unit, kind == "Counter")}");
            },
        };
        listener.Start();
        using var metrics = new TrivetMetrics();
        GoldenFile.Matches("metrics.txt", string.Join('\n', lines));
    }

    [Fact]
    public void Event_ids_are_unique_and_as_committed()
    {
        var text = new StringBuilder();
        Assembly[] ours = [typeof(TrivetMetrics).Assembly, typeof(Database).Assembly, typeof(Trivet.Server.Cli.TrivetCommand).Assembly, typeof(Trivet.Sandbox.SandboxServer).Assembly, typeof(Trivet.WebConsole.ConsoleEndpoints).Assembly];
        var events = ours.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Log: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(entry => entry.Log is not null)
            .OrderBy(entry => entry.Log!.EventId).ToList();
        foreach (var (method, log) in events)
            text.Append($"{log!.EventId} {log.Level} {method.DeclaringType!.Name}.{method.Name}: {log.Message}\n");
        Assert.Equal(events.Count, events.Select(entry => entry.Log!.EventId).Distinct().Count());
        GoldenFile.Matches("events.txt", text.ToString());
    }
}
