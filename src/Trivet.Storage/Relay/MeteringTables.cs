using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>How metering records become rows. Names and order are those of <c>Migrations/0002_usage.*.sql</c>, <c>0005_prices.sql</c>, <c>0006_ledger.sql</c> and <c>0008_billed.sql</c>.</summary>
internal static class MeteringTables
{
    public static readonly BatchInsert<AttemptRecord> Attempts = new(
        "attempts",
        "DO NOTHING",
        attempt => attempt.Id,
        [
            BatchColumn<AttemptRecord>.Text("organisation", row => row.Organisation),
            BatchColumn<AttemptRecord>.Number("started_ms", row => row.StartedMs),
            BatchColumn<AttemptRecord>.Text("id", row => row.Id),
            BatchColumn<AttemptRecord>.Text("request_id", row => row.RequestId),
            BatchColumn<AttemptRecord>.Number("ordinal", row => row.Ordinal),
            BatchColumn<AttemptRecord>.Text("team", row => row.Team),
            BatchColumn<AttemptRecord>.Text("key_id", row => row.KeyId),
            BatchColumn<AttemptRecord>.Text("route", row => row.Route),
            BatchColumn<AttemptRecord>.Text("model_asked", row => row.ModelAsked),
            BatchColumn<AttemptRecord>.Text("upstream", row => row.Upstream),
            BatchColumn<AttemptRecord>.Text("credential_id", row => row.CredentialId),
            BatchColumn<AttemptRecord>.Text("upstream_model", row => row.UpstreamModel),
            BatchColumn<AttemptRecord>.Text("model_answered", row => row.ModelAnswered),
            BatchColumn<AttemptRecord>.Text("client_protocol", row => row.ClientProtocol),
            BatchColumn<AttemptRecord>.Text("upstream_protocol", row => row.UpstreamProtocol),
            BatchColumn<AttemptRecord>.Flag("streamed", row => row.Streamed),
            BatchColumn<AttemptRecord>.Text("failure", row => row.Failure),
            BatchColumn<AttemptRecord>.Number("http_status", row => row.HttpStatus),
            BatchColumn<AttemptRecord>.Number("input_uncached_tokens", row => row.InputUncachedTokens),
            BatchColumn<AttemptRecord>.Number("input_cache_read_tokens", row => row.InputCacheReadTokens),
            BatchColumn<AttemptRecord>.Number("input_cache_write5m_tokens", row => row.InputCacheWrite5mTokens),
            BatchColumn<AttemptRecord>.Number("input_cache_write1h_tokens", row => row.InputCacheWrite1hTokens),
            BatchColumn<AttemptRecord>.Number("output_text_tokens", row => row.OutputTextTokens),
            BatchColumn<AttemptRecord>.Number("output_reasoning_tokens", row => row.OutputReasoningTokens),
            BatchColumn<AttemptRecord>.Flag("estimated", row => row.Estimated),
            BatchColumn<AttemptRecord>.Number("time_to_first_content_ms", row => row.TimeToFirstContentMs),
            BatchColumn<AttemptRecord>.Number("duration_ms", row => row.DurationMs),
            BatchColumn<AttemptRecord>.Number("output_bytes", row => row.OutputBytes),
            BatchColumn<AttemptRecord>.Number("cost_nano", row => row.CostNano),
            BatchColumn<AttemptRecord>.Text("currency", row => row.Currency),
            BatchColumn<AttemptRecord>.Text("lost", row => row.Lost),
            BatchColumn<AttemptRecord>.Flag("committed", row => row.Committed),
            BatchColumn<AttemptRecord>.Flag("client_disconnected", row => row.ClientDisconnected),
            BatchColumn<AttemptRecord>.Text("session_hash", row => row.SessionHash),
            BatchColumn<AttemptRecord>.Text("price_version", row => row.PriceVersion),
            BatchColumn<AttemptRecord>.Number("price_factor_millionths", row => row.PriceFactorMillionths),
            BatchColumn<AttemptRecord>.Number("list_nano", row => row.ListNano),
            BatchColumn<AttemptRecord>.Text("list_currency", row => row.ListCurrency),
            BatchColumn<AttemptRecord>.Text("unpriced_meters", row => row.UnpricedMeters),
            BatchColumn<AttemptRecord>.Text("service_tier", row => row.ServiceTier),
            BatchColumn<AttemptRecord>.Number("charged_nano", row => row.ChargedNano),
            BatchColumn<AttemptRecord>.Text("charge_currency", row => row.ChargeCurrency),
            BatchColumn<AttemptRecord>.Number("absorbed_nano", row => row.AbsorbedNano),
            BatchColumn<AttemptRecord>.Flag("recovered", row => row.Recovered),
        ]);

    public static readonly BatchInsert<RequestRecord> Requests = new(
        "requests",
        "DO NOTHING",
        request => request.Id,
        [
            BatchColumn<RequestRecord>.Text("organisation", row => row.Organisation),
            BatchColumn<RequestRecord>.Number("started_ms", row => row.StartedMs),
            BatchColumn<RequestRecord>.Text("id", row => row.Id),
            BatchColumn<RequestRecord>.Text("team", row => row.Team),
            BatchColumn<RequestRecord>.Text("key_id", row => row.KeyId),
            BatchColumn<RequestRecord>.Text("endpoint", row => row.Endpoint),
            BatchColumn<RequestRecord>.Text("client_protocol", row => row.ClientProtocol),
            BatchColumn<RequestRecord>.Text("model_asked", row => row.ModelAsked),
            BatchColumn<RequestRecord>.Number("status", row => row.Status),
            BatchColumn<RequestRecord>.Text("error_code", row => row.ErrorCode),
            BatchColumn<RequestRecord>.Number("attempts", row => row.Attempts),
            BatchColumn<RequestRecord>.Number("duration_ms", row => row.DurationMs),
            BatchColumn<RequestRecord>.Text("route_reason", row => row.RouteReason),
            BatchColumn<RequestRecord>.Text("lost", row => row.Lost),
            BatchColumn<RequestRecord>.Text("user_agent", row => row.UserAgent),
            BatchColumn<RequestRecord>.Text("session_id", row => row.SessionId),
            BatchColumn<RequestRecord>.Text("payload_ref", row => row.PayloadRef),
        ]);

    private static readonly BatchColumn<HourlyUsage>[] HourlySums =
    [
        BatchColumn<HourlyUsage>.Number("attempts", row => row.Attempts),
        BatchColumn<HourlyUsage>.Number("failed", row => row.Failed),
        BatchColumn<HourlyUsage>.Number("estimated", row => row.Estimated),
        BatchColumn<HourlyUsage>.Number("unpriced", row => row.Unpriced),
        BatchColumn<HourlyUsage>.Number("input_uncached_tokens", row => row.InputUncachedTokens),
        BatchColumn<HourlyUsage>.Number("input_cache_read_tokens", row => row.InputCacheReadTokens),
        BatchColumn<HourlyUsage>.Number("input_cache_write5m_tokens", row => row.InputCacheWrite5mTokens),
        BatchColumn<HourlyUsage>.Number("input_cache_write1h_tokens", row => row.InputCacheWrite1hTokens),
        BatchColumn<HourlyUsage>.Number("output_text_tokens", row => row.OutputTextTokens),
        BatchColumn<HourlyUsage>.Number("output_reasoning_tokens", row => row.OutputReasoningTokens),
        BatchColumn<HourlyUsage>.Number("cost_nano", row => row.CostNano),
        BatchColumn<HourlyUsage>.Number("listed", row => row.Listed),
        BatchColumn<HourlyUsage>.Number("list_nano", row => row.ListNano),
        BatchColumn<HourlyUsage>.Number("charged_nano", row => row.ChargedNano),
    ];

    /// <summary>Adds to the row that is there.</summary>
    public static readonly BatchInsert<HourlyUsage> Hourly = new(
        "usage_hourly",
        "(organisation, hour_ms, team, key_id, route, upstream, upstream_model, currency) DO UPDATE SET "
            + string.Join(", ", HourlySums.Select(sum => $"{sum.Name} = usage_hourly.{sum.Name} + excluded.{sum.Name}")),
        null,
        [
            BatchColumn<HourlyUsage>.Text("organisation", row => row.Key.Organisation),
            BatchColumn<HourlyUsage>.Number("hour_ms", row => row.Key.HourMs),
            BatchColumn<HourlyUsage>.Text("team", row => row.Key.Team),
            BatchColumn<HourlyUsage>.Text("key_id", row => row.Key.KeyId),
            BatchColumn<HourlyUsage>.Text("route", row => row.Key.Route),
            BatchColumn<HourlyUsage>.Text("upstream", row => row.Key.Upstream),
            BatchColumn<HourlyUsage>.Text("upstream_model", row => row.Key.UpstreamModel),
            BatchColumn<HourlyUsage>.Text("currency", row => row.Key.Currency),
            .. HourlySums,
        ]);

    /// <summary>The names of the sums, which <c>usage_hourly</c> and a query's answer share.</summary>
    public static IEnumerable<string> SumNames => HourlySums.Select(sum => sum.Name);

    /// <summary>All columns of a table, for reading a record back.</summary>
    public static string Names<T>(BatchInsert<T> table) => string.Join(", ", table.Columns.Select(column => column.Name));
}
