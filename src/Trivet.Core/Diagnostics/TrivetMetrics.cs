using System.Diagnostics;
using System.Diagnostics.Metrics;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Diagnostics;

/// <summary>
/// What Trivet counts, on the meter <c>Trivet</c>. Names and labels follow OpenTelemetry's GenAI conventions where there is one; they are frozen by a golden
/// test. Labels are names of upstreams and models and stable codes: never a key, a payload or an address.
/// </summary>
public sealed class TrivetMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Trivet";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstContent;

    /// <summary>One per process.</summary>
    public TrivetMetrics()
    {
        _requests = _meter.CreateCounter<long>("trivet.requests", "{request}", "Requests of clients, by protocol and outcome.");
        _active = _meter.CreateUpDownCounter<long>("trivet.requests.active", "{request}", "Requests that are being answered now.");
        _attempts = _meter.CreateCounter<long>("trivet.attempts", "{attempt}", "Attempts at upstreams, by upstream, model and outcome.");
        _hedges = _meter.CreateCounter<long>("trivet.hedges", "{hedge}", "Requests that a second upstream was asked because the first was slow, by both and by who was first.");
        _tokens = _meter.CreateCounter<long>("trivet.tokens", "{token}", "Tokens of attempts, by upstream, model and kind; the kinds are disjoint.");
        _requestDuration = _meter.CreateHistogram("trivet.request.duration", "s", "From a request's arrival to the end of its answer.", advice: Buckets(GenAiSeconds));
        _duration = _meter.CreateHistogram("gen_ai.client.operation.duration", "s", "From sending an attempt to the end of its answer.", advice: Buckets(GenAiSeconds));
        _firstContent = _meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "From sending an attempt to its first content.", advice: Buckets(FirstTokenSeconds));
    }

    // The boundaries that the GenAI conventions recommend.
    private static double[] GenAiSeconds => [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    private static double[] FirstTokenSeconds => [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40];

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void RequestStarted() => _active.Add(1);

    internal void RequestEnded(RelayCall call, Failure? failure, long durationMs)
    {
        _active.Add(-1);
        if (!_requests.Enabled)
            return;
        var protocol = new KeyValuePair<string, object?>("protocol", WireFormats.NameOf(call.Format.Protocol));
        _requests.Add(1, protocol, new KeyValuePair<string, object?>("outcome", failure?.Rule.Code ?? "ok"));
        _requestDuration.Record(durationMs / 1000.0, protocol);
    }

    internal void AttemptEnded(Attempt attempt, AttemptRecord record, Failure? failure)
    {
        if (!_attempts.Enabled)
            return;
        var upstream = new KeyValuePair<string, object?>("upstream", record.Upstream);
        var model = new KeyValuePair<string, object?>("gen_ai.request.model", record.UpstreamModel);
        _attempts.Add(1, upstream, model, new KeyValuePair<string, object?>("outcome", failure?.Rule.Code ?? "ok"));
        var about = new TagList
        {
            { "gen_ai.operation.name", GenAi.Chat },
            { "gen_ai.provider.name", GenAi.ProviderName(attempt.Offering.Upstream.Vendor) },
            upstream,
            model,
        };
        if (failure is not null)
            about.Add("error.type", failure.Rule.Code);
        _duration.Record(record.DurationMs / 1000.0, about);
        if (record.TimeToFirstContentMs is { } ms)
            _firstContent.Record(ms / 1000.0, upstream, model);
        Count(record.InputUncachedTokens, "input", upstream, model);
        Count(record.InputCacheReadTokens, "input_cache_read", upstream, model);
        Count(record.InputCacheWrite5mTokens + record.InputCacheWrite1hTokens, "input_cache_write", upstream, model);
        Count(record.OutputTextTokens, "output", upstream, model);
        Count(record.OutputReasoningTokens, "output_reasoning", upstream, model);
    }

    internal void Hedged(Offering primary, Offering candidate, bool isWon)
    {
        if (_hedges.Enabled)
            _hedges.Add(1, new KeyValuePair<string, object?>("upstream", primary.Upstream.Name), new KeyValuePair<string, object?>("hedge", candidate.Upstream.Name), new KeyValuePair<string, object?>("outcome", isWon ? "won" : "lost"));
    }

    private static InstrumentAdvice<double> Buckets(double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };

    private void Count(long tokens, string kind, KeyValuePair<string, object?> upstream, KeyValuePair<string, object?> model)
    {
        if (tokens > 0)
            _tokens.Add(tokens, upstream, model, new KeyValuePair<string, object?>("gen_ai.token.type", kind));
    }
}
