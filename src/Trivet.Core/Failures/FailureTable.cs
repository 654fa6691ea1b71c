using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Trivet.Wire.Canonical;
using static Trivet.Core.Failures.FailureKind;

namespace Trivet.Core.Failures;

/// <summary>The truth table of failures: one row for every kind, no default row. A test walks every member.</summary>
public static class FailureTable
{
    /// <summary>All rows, in the order of <see cref="FailureKind"/>.</summary>
    public static ImmutableArray<FailureRule> Rows { get; } = BuildRows();

    /// <summary>The row of a kind.</summary>
    public static FailureRule For(FailureKind kind) => Rows[(int)kind];

    private static ImmutableArray<FailureRule> BuildRows()
    {
        FailureRule[] rows =
        [
            Row(None, 200, ErrorClass.Server, "", RetryAdvice.Never, FaultSide.None, BillAdvice.WhatWasServed, ScorecardEffect.None, LogLevel.Debug, ""),

            Client(ClientRequestInvalid, 400, ErrorClass.InvalidRequest, "invalid_request", "The request could not be read."),
            Client(ClientKeyRefused, 401, ErrorClass.Authentication, "invalid_api_key", "No valid Trivet key was given. Send one as 'Authorization: Bearer KEY' or 'x-api-key: KEY'; 'trivet keys create NAME' makes one."),
            Client(ClientModelForbidden, 403, ErrorClass.PermissionDenied, "model_not_allowed", "This key may not use that model."),
            Client(ClientModelUnknown, 404, ErrorClass.NotFound, "model_not_found", "No route or upstream model has that name. 'GET /v1/models' lists what there is."),
            Client(ClientPathUnknown, 404, ErrorClass.NotFound, "not_found", "This gateway has no such path."),
            Client(ClientBodyTooLarge, 413, ErrorClass.RequestTooLarge, "request_too_large", "The request body is larger than this gateway allows (limits.body_max)."),
            Client(ClientMediaType, 415, ErrorClass.InvalidRequest, "unsupported_media_type", "The body must be JSON, sent as 'content-type: application/json' and not packed."),
            Client(ClientMethodNotAllowed, 405, ErrorClass.InvalidRequest, "method_not_allowed", "This path is not served for that method."),
            Client(ClientHeadersTooLarge, 431, ErrorClass.InvalidRequest, "headers_too_large", "The request's headers are larger or more than this gateway allows (limits.headers_max, limits.header_count_max)."),
            Client(ClientCapabilityMissing, 400, ErrorClass.InvalidRequest, "capability_rejected", "No candidate of this route can do what the request asks for."),
            Client(ClientResponseUnknown, 404, ErrorClass.NotFound, "response_not_found", "No response of that id is kept for this key."),
            Client(ClientPreviousResponseUnknown, 400, ErrorClass.InvalidRequest, "previous_response_not_found", "No response of that id is kept for this key, so it cannot be gone on from."),
            Row(ClientGone, 499, ErrorClass.Timeout, "client_disconnected", RetryAdvice.Never, FaultSide.Client, BillAdvice.WhatWasServed, ScorecardEffect.None, LogLevel.Debug, "The client disconnected."),
            Client(ClientTooSlow, 408, ErrorClass.Timeout, "request_timeout", "The request body did not arrive in time."),
            Limited(ClientRateLimited, 429, ErrorClass.RateLimited, "rate_limit_exceeded", "The rate limit of this key, its team or its organisation is reached."),
            Limited(ClientTooMany, 429, ErrorClass.RateLimited, "too_many_concurrent_requests", "As many requests as this key, its team or its organisation may have at a time are running."),
            Limited(ClientBudgetSpent, 402, ErrorClass.Billing, "budget_exceeded", "What may be spent is spent."),
            Limited(ClientBudgetHeld, 429, ErrorClass.RateLimited, "budget_reserved", "What is left to be spent is set aside for requests that are running. Try again shortly."),
            Limited(ClientCostUnknown, 402, ErrorClass.Billing, "price_unknown", "What this model costs is not known, so the request cannot be held to what may be spent. The operator must give it a price, or allow unpriced requests."),

            Gateway(GatewayOverloaded, 503, ErrorClass.Overloaded, "gateway_overloaded", LogLevel.Warning, "The gateway is at its limit. Try again shortly."),
            Row(GatewayStopping, 503, ErrorClass.Overloaded, "gateway_stopping", RetryAdvice.Never, FaultSide.Gateway, BillAdvice.WhatWasServed, ScorecardEffect.None, LogLevel.Information, "The gateway is shutting down. Try again shortly."),
            Gateway(GatewayCannotBook, 503, ErrorClass.Overloaded, "gateway_cannot_book", LogLevel.Error, "The gateway cannot write its records (is the disk full?) and takes no requests until it can."),
            Gateway(GatewayCannotReserve, 503, ErrorClass.Overloaded, "gateway_cannot_reserve", LogLevel.Error, "The gateway cannot reach its database to set money aside for this request, and takes none on budgets until it can."),
            Gateway(GatewayNoCandidate, 503, ErrorClass.Server, "no_upstream", LogLevel.Warning, "No upstream of this route is enabled."),
            Gateway(GatewayFloorsUnmet, 503, ErrorClass.Server, "floors_unmet", LogLevel.Warning, "No upstream of this route meets what its policy demands now."),
            Gateway(GatewayBug, 500, ErrorClass.Server, "internal_error", LogLevel.Error, "The gateway failed. The request id leads to the log entry."),
            Row(GatewayKilled, 503, ErrorClass.Server, "gateway_killed", RetryAdvice.Never, FaultSide.Gateway, BillAdvice.WhatWasServed, ScorecardEffect.None, LogLevel.Error, "The gateway's process ended in the middle of the request."),
            Row(GatewayAbandoned, 502, ErrorClass.Server, "attempt_abandoned", RetryAdvice.Elsewhere, FaultSide.Gateway, BillAdvice.WhatWasServed, ScorecardEffect.None, LogLevel.Debug, "The gateway gave this attempt up for another."),

            Upstream(UpstreamUnreachable, 502, ErrorClass.Server, "upstream_unreachable", RetryAdvice.Elsewhere, ScorecardEffect.Unavailable, "The upstream could not be reached."),
            Upstream(UpstreamConnectTimeout, 504, ErrorClass.Timeout, "upstream_connect_timeout", RetryAdvice.Elsewhere, ScorecardEffect.Unavailable, "The upstream did not accept a connection in time."),
            Upstream(UpstreamReset, 502, ErrorClass.Server, "upstream_reset", RetryAdvice.ElsewhereElseHere, ScorecardEffect.Unavailable, "The upstream broke the connection before it answered."),
            Upstream(UpstreamHeadersTimeout, 504, ErrorClass.Timeout, "upstream_headers_timeout", RetryAdvice.Elsewhere, ScorecardEffect.Slow, "The upstream did not begin to answer in time."),

            Upstream(UpstreamRateLimited, 429, ErrorClass.RateLimited, "upstream_rate_limited", RetryAdvice.AfterWait, ScorecardEffect.Limited, "The upstream limits the rate of requests."),
            Upstream(UpstreamOverloaded, 503, ErrorClass.Overloaded, "upstream_overloaded", RetryAdvice.HereOnce, ScorecardEffect.Unavailable, "The upstream has no capacity."),
            Upstream(UpstreamServerError, 502, ErrorClass.Server, "upstream_error", RetryAdvice.HereOnce, ScorecardEffect.Unavailable, "The upstream failed."),
            Operator(UpstreamCredentialRefused, 502, "upstream_credential_refused", "The upstream refused the gateway's own credential; the client's key is fine. The operator must mend it ('trivet upstreams check')."),
            Operator(UpstreamBillingExhausted, 502, "upstream_billing_exhausted", "The gateway's balance or plan at the upstream is used up; the client's key is fine. The operator must mend it."),
            Row(UpstreamModelUnknown, 404, ErrorClass.NotFound, "upstream_model_not_found", RetryAdvice.Elsewhere, FaultSide.Operator, BillAdvice.Nothing, ScorecardEffect.None, LogLevel.Warning, "The upstream does not know this model."),
            Refused(UpstreamRequestRefused, 400, ErrorClass.InvalidRequest, "upstream_request_refused", RetryAdvice.Never, "The upstream refused the request."),
            Refused(UpstreamThoughtsRefused, 400, ErrorClass.InvalidRequest, "upstream_thoughts_refused", RetryAdvice.HereWithoutThoughts, "The upstream refused the thoughts in the conversation."),
            Refused(UpstreamBodyTooLarge, 413, ErrorClass.RequestTooLarge, "upstream_request_too_large", RetryAdvice.Never, "The request is too large for the upstream."),
            Refused(UpstreamContextLength, 400, ErrorClass.ContextLength, "context_length_exceeded", RetryAdvice.LargerContext, "The conversation is longer than the model's context."),
            Refused(UpstreamContentFilter, 400, ErrorClass.ContentFilter, "content_filter", RetryAdvice.Never, "The upstream's content filter refused the request."),

            Upstream(UpstreamFirstContentTimeout, 504, ErrorClass.Timeout, "upstream_first_content_timeout", RetryAdvice.Elsewhere, ScorecardEffect.Slow, "The upstream sent no content in time."),
            Served(UpstreamIdleTimeout, 504, ErrorClass.Timeout, "upstream_idle_timeout", RetryAdvice.Elsewhere, ScorecardEffect.Slow, "The upstream fell silent in the middle of its answer."),
            Served(UpstreamTotalTimeout, 504, ErrorClass.Timeout, "upstream_total_timeout", RetryAdvice.Elsewhere, ScorecardEffect.Slow, "The upstream's answer took longer than allowed."),
            Served(UpstreamTruncated, 502, ErrorClass.Server, "upstream_stream_truncated", RetryAdvice.ElsewhereElseHere, ScorecardEffect.Broken, "The upstream's answer ended before it was complete."),
            Served(UpstreamMalformed, 502, ErrorClass.Server, "upstream_invalid_answer", RetryAdvice.ElsewhereElseHere, ScorecardEffect.Broken, "The upstream's answer cannot be read."),
            Served(UpstreamStreamError, 502, ErrorClass.Server, "upstream_stream_error", RetryAdvice.ElsewhereElseHere, ScorecardEffect.Broken, "The upstream reported an error within its answer."),
            Served(UpstreamUnfit, 502, ErrorClass.Server, "upstream_unfit_answer", RetryAdvice.HereToldWhy, ScorecardEffect.None, "The upstream's answer is not what the request demanded, also when asked again."),
        ];
        for (var i = 0; i < rows.Length; i++)
        {
            if ((int)rows[i].Kind != i)
                throw new InvalidOperationException($"The failure table is out of order at {rows[i].Kind}.");
        }

        return [.. rows];
    }

    private static FailureRule Row(FailureKind kind, int status, ErrorClass errorClass, string code, RetryAdvice retry, FaultSide fault, BillAdvice bill, ScorecardEffect scorecard, LogLevel level, string message) =>
        new(kind, status, errorClass, code, retry, fault, bill, scorecard, level, message);

    private static FailureRule Client(FailureKind kind, int status, ErrorClass errorClass, string code, string message) =>
        Row(kind, status, errorClass, code, RetryAdvice.Never, FaultSide.Client, BillAdvice.Nothing, ScorecardEffect.None, LogLevel.Information, message);

    private static FailureRule Limited(FailureKind kind, int status, ErrorClass errorClass, string code, string message) =>
        Row(kind, status, errorClass, code, RetryAdvice.Never, FaultSide.Client, BillAdvice.Nothing, ScorecardEffect.None, LogLevel.Debug, message);

    private static FailureRule Gateway(FailureKind kind, int status, ErrorClass errorClass, string code, LogLevel level, string message) =>
        Row(kind, status, errorClass, code, RetryAdvice.Never, FaultSide.Gateway, BillAdvice.Nothing, ScorecardEffect.None, level, message);

    private static FailureRule Upstream(FailureKind kind, int status, ErrorClass errorClass, string code, RetryAdvice retry, ScorecardEffect scorecard, string message) =>
        Row(kind, status, errorClass, code, retry, FaultSide.Upstream, BillAdvice.Nothing, scorecard, LogLevel.Warning, message);

    private static FailureRule Operator(FailureKind kind, int status, string code, string message) =>
        Row(kind, status, ErrorClass.Server, code, RetryAdvice.OtherCredential, FaultSide.Operator, BillAdvice.Nothing, ScorecardEffect.Limited, LogLevel.Error, message);

    private static FailureRule Refused(FailureKind kind, int status, ErrorClass errorClass, string code, RetryAdvice retry, string message) =>
        Row(kind, status, errorClass, code, retry, FaultSide.Client, BillAdvice.Nothing, ScorecardEffect.None, LogLevel.Information, message);

    private static FailureRule Served(FailureKind kind, int status, ErrorClass errorClass, string code, RetryAdvice retry, ScorecardEffect scorecard, string message) =>
        Row(kind, status, errorClass, code, retry, FaultSide.Upstream, BillAdvice.WhatWasServed, scorecard, LogLevel.Warning, message);
}
