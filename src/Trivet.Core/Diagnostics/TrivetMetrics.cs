using System.Diagnostics;
using System.Diagnostics.Metrics;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Diagnostics;

/// <summary>What Trivet counts, on the meter <c>Trivet</c>. Names follow OpenTelemetry's GenAI conventions where there is one; they are frozen by a golden test.</summary>
public sealed class TrivetMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Trivet";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstContent;

    /// <summary>One per process.</summary>
    public TrivetMetrics()
    {
        _requests = _meter.CreateCounter<long>("trivet.requests", "{request}", "Requests, by protocol and outcome.");
        _attempts = _meter.CreateCounter<long>("trivet.attempts", "{attempt}", "Attempts at upstreams, by upstream and outcome.");
        _tokens = _meter.CreateCounter<long>("gen_ai.client.token.usage", "{token}", "Tokens, by upstream, model and kind.");
        _duration = _meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Duration of attempts.");
        _firstContent = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "Time from sending to first content.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void RequestEnded(RelayCall call, Failure? failure, long durationMs)
    {
        if (_requests.Enabled)
            _requests.Add(1, new KeyValuePair<string, object?>("protocol", Relay.Formats.WireFormats.NameOf(call.Format.Protocol)), new KeyValuePair<string, object?>("outcome", failure?.Rule.Code ?? "ok"));
    }

    internal void AttemptEnded(AttemptRecord attempt)
    {
        if (!_attempts.Enabled)
            return;
        var upstream = new KeyValuePair<string, object?>("upstream", attempt.Upstream);
        var model = new KeyValuePair<string, object?>("gen_ai.request.model", attempt.UpstreamModel);
        _attempts.Add(1, upstream, model, new KeyValuePair<string, object?>("outcome", attempt.Failure.Length == 0 ? "ok" : attempt.Failure));
        _duration.Record(attempt.DurationMs / 1000.0, upstream, model);
        if (attempt.TimeToFirstContentMs is { } ms)
            _firstContent.Record(ms / 1000.0, upstream, model);
        Count(attempt.InputUncachedTokens, "input", upstream, model);
        Count(attempt.InputCacheReadTokens, "input_cache_read", upstream, model);
        Count(attempt.InputCacheWrite5mTokens + attempt.InputCacheWrite1hTokens, "input_cache_write", upstream, model);
        Count(attempt.OutputTextTokens, "output", upstream, model);
        Count(attempt.OutputReasoningTokens, "output_reasoning", upstream, model);
    }

    private void Count(long tokens, string kind, KeyValuePair<string, object?> upstream, KeyValuePair<string, object?> model)
    {
        if (tokens > 0)
            _tokens.Add(tokens, upstream, model, new KeyValuePair<string, object?>("gen_ai.token.type", kind));
    }
}
