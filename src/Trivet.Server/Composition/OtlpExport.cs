using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Trivet.Core.Diagnostics;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Composition;

/// <summary>
/// Traces and metrics to an OTLP collector: by <c>telemetry:</c> in the file, else by OpenTelemetry's own environment variables. Without either nothing of
/// it exists, and no span is ever made.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const int GrpcPort = 4317; // OTLP's registered ports: 4317 speaks gRPC, 4318 HTTP

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    private OtlpExport(TelemetryConfig config, bool traces, bool metrics)
    {
        if (traces)
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(TrivetTracing.SourceName).AddOtlpExporter(options => Configure(options, config, "v1/traces")).Build();
        if (metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(TrivetMetrics.MeterName, "System.Runtime")
                .AddOtlpExporter(options => Configure(options, config, "v1/metrics")).Build();
        }
    }

    /// <summary>Null where nobody asked for it.</summary>
    public static OtlpExport? Start(TelemetryConfig config, Func<string, string?> environment)
    {
        if (environment("OTEL_SDK_DISABLED") is "true")
            return null;
        var all = config.OtlpEndpoint is not null || IsSet("OTEL_EXPORTER_OTLP_ENDPOINT");
        var traces = (all || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) && environment("OTEL_TRACES_EXPORTER") is not "none";
        var metrics = (all || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")) && environment("OTEL_METRICS_EXPORTER") is not "none";
        return traces || metrics ? new OtlpExport(config, traces, metrics) : null;

        bool IsSet(string name) => environment(name) is { Length: > 0 };
    }

    /// <summary>Sends what is left, for a few seconds at most.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static void Describe(ResourceBuilder resource) =>
        resource.AddService("trivet", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: Environment.MachineName)
            .AddEnvironmentVariableDetector(); // last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win

    private static void Configure(OtlpExporterOptions options, TelemetryConfig config, string path)
    {
        if (config.OtlpEndpoint is not { } endpoint)
            return; // the exporter reads its environment variables itself
        options.Protocol = endpoint.Port == GrpcPort ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
        if (config.OtlpHeaders.Count > 0)
            options.Headers = string.Join(',', config.OtlpHeaders.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value.Reveal())}"));
    }
}
