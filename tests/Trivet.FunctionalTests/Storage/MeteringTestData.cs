using System.Text.Json;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;

namespace Trivet.FunctionalTests.Storage;

internal static class MeteringTestData
{
    /// <summary>2026-08-01 00:00 UTC, the start of an hour, a day and a month.</summary>
    public const long AugustMs = 1_785_542_400_000;

    public const long HourMs = 3_600_000;

    /// <summary>An attempt with every field set to something that is not its default.</summary>
    public static AttemptRecord Full(string id = "att_full", string requestId = "req_full") => new()
    {
        Id = id,
        RequestId = requestId,
        Ordinal = 2,
        Organisation = "acme",
        Team = "search",
        KeyId = "key_a",
        StartedMs = AugustMs + 1,
        Route = "lab-large",
        ModelAsked = "claude-*",
        Upstream = "lab",
        CredentialId = "lab#1",
        UpstreamModel = "lab-large-v2",
        ModelAnswered = "lab-large-v2-0801",
        ClientProtocol = "anthropic-messages",
        UpstreamProtocol = "openai-chat",
        Streamed = true,
        Failure = "UpstreamStreamAborted",
        HttpStatus = 200,
        InputUncachedTokens = 1,
        InputCacheReadTokens = 2,
        InputCacheWrite5mTokens = 3,
        InputCacheWrite1hTokens = 4,
        OutputTextTokens = 5,
        OutputReasoningTokens = 6,
        Estimated = true,
        TimeToFirstContentMs = 0,
        DurationMs = 1234,
        OutputBytes = 5_000_000_000,
        CostNano = 0,
        Currency = "CNY",
        Lost = "stop_sequences, \u4E2D",
        Committed = true,
        ClientDisconnected = true,
        SessionHash = "0f",
        PriceVersion = "p_0123456789ab",
        PriceFactorMillionths = 380_000,
        ListNano = 7,
        ListCurrency = "USD",
        UnpricedMeters = "cache_read,audio_in",
        ServiceTier = "flex",
    };

    public static RequestRecord Request(string id = "req_full") => new()
    {
        Id = id,
        Organisation = "acme",
        Team = "search",
        KeyId = "key_a",
        StartedMs = AugustMs,
        Endpoint = "/v1/messages",
        ClientProtocol = "anthropic-messages",
        ModelAsked = "claude-*",
        Status = 502,
        ErrorCode = "upstream_failed",
        Attempts = 2,
        DurationMs = 2000,
        RouteReason = "second in order",
        Lost = "top_k",
        UserAgent = "test/1.0",
        SessionId = "s-1",
        PayloadRef = "p-1",
    };

    /// <summary>Attempts of several keys, models, upstreams, currencies and hours, the same for the same seed.</summary>
    public static AttemptRecord[] Many(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i => new AttemptRecord
            {
                Id = $"att_{seed}_{i}",
                RequestId = $"req_{seed}_{i / 2}",
                Organisation = random.Next(3) == 0 ? "acme" : "default",
                KeyId = $"key_{random.Next(3)}",
                StartedMs = AugustMs - 20 * HourMs + random.NextInt64(40 * HourMs),
                Route = "lab-large",
                Upstream = $"upstream-{random.Next(2)}",
                UpstreamModel = $"model-{random.Next(3)}",
                Failure = random.Next(4) == 0 ? "UpstreamTimeout" : "",
                InputUncachedTokens = random.Next(1000),
                InputCacheReadTokens = random.Next(1000),
                InputCacheWrite5mTokens = random.Next(1000),
                InputCacheWrite1hTokens = random.Next(1000),
                OutputTextTokens = random.Next(1000),
                OutputReasoningTokens = random.Next(1000),
                Estimated = random.Next(5) == 0,
                CostNano = random.Next(5) == 0 ? null : random.NextInt64(1_000_000_000),
            } with { Currency = "" }).Select(attempt => attempt.CostNano is null ? attempt : Priced(attempt)),
        ];

        AttemptRecord Priced(AttemptRecord attempt)
        {
            var currency = random.Next(2) == 0 ? "USD" : "CNY";
            return attempt with
            {
                Currency = currency,
                UnpricedMeters = random.Next(6) == 0 ? "audio_in" : "",
                ListNano = random.Next(3) == 0 ? null : random.NextInt64(1_000_000_000),
                ListCurrency = random.Next(4) == 0 ? "EUR" : currency,
                ChargedNano = random.Next(4) == 0 ? null : random.NextInt64(1_000_000_000),
                ChargeCurrency = random.Next(4) == 0 ? "EUR" : currency,
            };
        }
    }

    public static SpoolRecord Spooled(AttemptRecord attempt) =>
        new(SpoolRecordKind.Attempt, JsonSerializer.SerializeToUtf8Bytes(attempt, MeteringJson.Default.AttemptRecord));

    public static SpoolRecord Spooled(RequestRecord request) =>
        new(SpoolRecordKind.Request, JsonSerializer.SerializeToUtf8Bytes(request, MeteringJson.Default.RequestRecord));
}
