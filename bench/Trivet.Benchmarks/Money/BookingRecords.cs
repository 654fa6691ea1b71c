using Trivet.Core.Relay;
using Trivet.Core.Relay.Metering;

namespace Trivet.Benchmarks.Money;

/// <summary>A request as the relay books it: one attempt that was served, priced and charged.</summary>
internal static class BookingRecords
{
    public const string KeyId = "key_0198f3c2a1b27c3d";

    /// <summary>Transfers that each makes: cost and charge.</summary>
    public const int TransfersEach = 2;

    public static void Book(Bookkeeper books)
    {
        var attempt = Attempt(TimeProvider.System.GetUtcNow());
        books.Book(attempt, new RequestRecord
        {
            Id = attempt.RequestId,
            Organisation = attempt.Organisation,
            Team = "",
            KeyId = attempt.KeyId,
            StartedMs = attempt.StartedMs,
            Endpoint = "/v1/chat/completions",
            ClientProtocol = attempt.ClientProtocol,
            ModelAsked = attempt.ModelAsked,
            Status = 200,
            Attempts = 1,
            DurationMs = 4,
            RouteReason = "only candidate",
            UserAgent = "claude-cli/2.1.330 (external, sdk-cli)",
        });
    }

    public static AttemptRecord Attempt(DateTimeOffset now)
    {
        var id = RequestIds.NewRequest(now);
        return new AttemptRecord
        {
            Id = RequestIds.NewAttempt(id, 1),
            RequestId = id,
            Organisation = "default",
            Team = "",
            KeyId = KeyId,
            StartedMs = now.ToUnixTimeMilliseconds(),
            Route = "bench-plain",
            ModelAsked = "bench-plain",
            Upstream = "both",
            CredentialId = "1",
            UpstreamModel = "bench-plain",
            ModelAnswered = "bench-plain",
            ClientProtocol = "openai-chat",
            UpstreamProtocol = "openai-chat",
            HttpStatus = 200,
            InputUncachedTokens = 82,
            InputCacheReadTokens = 128,
            OutputTextTokens = 144,
            TimeToFirstContentMs = 3,
            DurationMs = 4,
            OutputBytes = 1024,
            CostNano = 201_240,
            Currency = "USD",
            ChargedNano = 201_240,
            ChargeCurrency = "USD",
            Committed = true,
            SessionHash = "0123456789abcdef",
        };
    }
}
