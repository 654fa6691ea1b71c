using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Feedback;
using Trivet.Core.Routing.Policies;

namespace Trivet.Storage.Relay;

/// <summary>Verdicts in the table <c>feedback</c>.</summary>
internal sealed class SqlFeedbackStore(Database database) : IFeedbackStore
{
    private const string UpsertSql = """
        INSERT INTO feedback (request_id, organisation, key_id, at_ms, verdict, task, offering)
        VALUES (@RequestId, @Organisation, @KeyId, @AtMs, @Verdict, @Task, @Offering)
        ON CONFLICT (request_id) DO UPDATE SET at_ms = excluded.at_ms, verdict = excluded.verdict
        """;

    public ValueTask<StoreOutcome<int>> SaveAsync(FeedbackRecord feedback, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(UpsertSql, Row.Of(feedback), scope.Transaction),
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<FeedbackRecord>>> ListAsync(long sinceMs, int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FeedbackRecord>>(
            async connection =>
            {
                var newest = await connection.QueryAsync<Row>(
                    "SELECT request_id, organisation, key_id, at_ms, verdict, task, offering FROM feedback WHERE at_ms >= @sinceMs ORDER BY at_ms DESC LIMIT @countMax", new { sinceMs, countMax });
                return [.. newest.Reverse().Select(row => row.ToRecord()).OfType<FeedbackRecord>()];
            },
            cancellationToken);

    private sealed class Row
    {
        public string RequestId { get; init; } = "";
        public string Organisation { get; init; } = "";
        public string KeyId { get; init; } = "";
        public long AtMs { get; init; }
        public string Verdict { get; init; } = "";
        public string Task { get; init; } = "";
        public string Offering { get; init; } = "";

        public static Row Of(FeedbackRecord feedback) => new()
        {
            RequestId = feedback.RequestId,
            Organisation = feedback.Organisation,
            KeyId = feedback.KeyId,
            AtMs = feedback.AtMs,
            Verdict = feedback.Verdict.ToString(),
            Task = feedback.Task.ToString(),
            Offering = feedback.Offering,
        };

        // A word of a later version says nothing to this one.
        public FeedbackRecord? ToRecord() => Enum.TryParse<FeedbackVerdict>(Verdict, out var verdict) && Enum.TryParse<RequestTask>(Task, out var task)
            ? new FeedbackRecord(RequestId, Organisation, KeyId, AtMs, verdict, task, Offering)
            : null;
    }
}
