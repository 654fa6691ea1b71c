using System.Diagnostics;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Diagnostics;

/// <summary>
/// Spans on the source <c>Trivet</c>: one per request (server) and one per attempt (client, with the GenAI conventions' attributes). Nobody listens: nothing
/// is made. Never an attribute with a key, a header, a query or a payload in it.
/// </summary>
public static class TrivetTracing
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "Trivet";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A span for a request, under the client's own where it sent a <c>traceparent</c>; null when nobody listens.</summary>
    internal static Activity? StartRequest(RelayCall call)
    {
        if (!Source.HasListeners())
            return null;

        // The web framework's own activity is recorded by nobody: under it, this span would be taken for unsampled.
        Activity.Current = null;
        ActivityContext.TryParse(call.Client.Header("traceparent"), call.Client.Header("tracestate"), isRemote: true, out var parent);
        var activity = Source.StartActivity($"POST {call.Client.Path}", ActivityKind.Server, parent);
        activity?.SetTag("http.request.method", "POST");
        activity?.SetTag("http.route", call.Client.Path);
        activity?.SetTag("trivet.request.id", call.RequestId);
        activity?.SetTag("trivet.protocol", WireFormats.NameOf(call.Format.Protocol));
        return activity;
    }

    /// <summary>Ends it.</summary>
    internal static void EndRequest(Activity? activity, RelayCall call, Failure? failure)
    {
        if (activity is null)
            return;
        activity.SetTag("http.response.status_code", call.Output.Status);
        activity.SetTag("gen_ai.request.model", call.Scan.Model);
        activity.SetTag("trivet.attempts", call.AttemptCount);
        if (call.Key is { } key)
        {
            activity.SetTag("trivet.key.id", key.Id);
            activity.SetTag("trivet.organisation", key.Organisation);
        }

        SetText(activity, "trivet.route.reason", call.RouteReason);
        SetText(activity, "trivet.lost", call.Lost);
        SetOutcome(activity, failure);
        activity.Dispose();
    }

    /// <summary>A span for an attempt; null when nobody listens.</summary>
    internal static Activity? StartAttempt(RelayCall call, Attempt attempt)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Source.StartActivity($"{GenAi.Chat} {attempt.Offering.Model}", ActivityKind.Client);
        if (activity is null)
            return null;
        var address = attempt.Endpoint.BaseUri;
        activity.SetTag("gen_ai.operation.name", GenAi.Chat);
        activity.SetTag("gen_ai.provider.name", GenAi.ProviderName(attempt.Offering.Upstream.Vendor));
        activity.SetTag("gen_ai.request.model", attempt.Offering.Model);
        activity.SetTag("server.address", address.Host);
        activity.SetTag("server.port", address.Port);
        activity.SetTag("trivet.request.id", call.RequestId);
        activity.SetTag("trivet.attempt.ordinal", attempt.Ordinal);
        activity.SetTag("trivet.upstream", attempt.Offering.Upstream.Name);
        activity.SetTag("trivet.protocol", attempt.Endpoint.Protocol.Name());
        return activity;
    }

    /// <summary>Ends it with what was booked.</summary>
    internal static void EndAttempt(Activity? activity, AttemptRecord record, Failure? failure)
    {
        if (activity is null)
            return;
        SetText(activity, "gen_ai.response.model", record.ModelAnswered);
        var cacheWrites = record.InputCacheWrite5mTokens + record.InputCacheWrite1hTokens;
        activity.SetTag("gen_ai.usage.input_tokens", record.InputUncachedTokens + record.InputCacheReadTokens + cacheWrites);
        activity.SetTag("gen_ai.usage.output_tokens", record.OutputTextTokens + record.OutputReasoningTokens);
        activity.SetTag("gen_ai.usage.cache_read.input_tokens", record.InputCacheReadTokens);
        activity.SetTag("gen_ai.usage.cache_creation.input_tokens", cacheWrites);
        if (record.HttpStatus is { } status)
            activity.SetTag("http.response.status_code", status);
        if (record.TimeToFirstContentMs is { } ms)
            activity.SetTag("trivet.time_to_first_content_ms", ms);
        SetText(activity, "trivet.lost", record.Lost);
        SetOutcome(activity, failure);
        activity.Dispose();
    }

    private static void SetText(Activity activity, string name, string text)
    {
        if (text.Length > 0)
            activity.SetTag(name, text);
    }

    private static void SetOutcome(Activity activity, Failure? failure)
    {
        if (failure is null)
            return;
        activity.SetTag("error.type", failure.Rule.Code);
        if (failure.Kind != FailureKind.ClientGone)
            activity.SetStatus(ActivityStatusCode.Error, failure.Rule.Message);
    }
}
