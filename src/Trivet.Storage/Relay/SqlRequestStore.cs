using System.Data.Common;
using System.Text;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>
/// Finds requests, the newest first. A question looks at a bounded number of rows in the order of a key that is there anyway (one organisation's by time, everybody's by id, which begins with the time), and tells how
/// far it came; so it is quick whatever is asked for, and no index is kept for it.
/// </summary>
/// <param name="database">Where they are.</param>
/// <param name="lookMax">How many requests of an organisation a question looks at; of everybody's a third.</param>
/// <param name="lookMaxByAttempts">How many where their attempts decide.</param>
internal sealed class SqlRequestStore(Database database, int lookMax = SqlRequestStore.LookMax, int lookMaxByAttempts = SqlRequestStore.LookMaxByAttempts) : IRequestStore
{
    // Measured with bench "explorer" on SQLite, beside other work: 2 µs for a row of one organisation, which lie in their order, 16 for one that is found by its id, 100 for one whose attempts are looked up.
    private const int LookMax = 40_000;
    private const int EverybodysFactor = 3;
    private const int LookMaxByAttempts = 2_400;

    private const string EarliestId = "req_";

    // Ids go on with hexadecimal digits.
    private const string LatestId = "req_g";

    private static readonly string RequestColumns = MeteringTables.Names(MeteringTables.Requests);
    private static readonly string AttemptColumns = MeteringTables.Names(MeteringTables.Attempts);

    public async ValueTask<StoreOutcome<RequestPage>> SearchAsync(RequestQuery query, CancellationToken cancellationToken)
    {
        var from = new ListPlace(query.UntilMs ?? long.MaxValue, "");
        if (query.After is { } after && !ListPlace.TryParse(after, out from))
            return new StoreFault(StoreFaultKind.NotFound, $"'{after}' is no place in a list of requests.");
        return await database.ReadAsync(connection => SearchAsync(connection, query, from), cancellationToken);
    }

    private async Task<RequestPage> SearchAsync(DbConnection connection, RequestQuery query, ListPlace start)
    {
        if (query.AsksAttempts)
        {
            // The sums by hour know when there was anything of the kind.
            if (await NewestHourAsync(connection, query, start.AtMs) is not { } hourMs)
                return new RequestPage([], null, query.FromMs);
            if (hourMs + HourlyKey.MsPerHour < start.AtMs)
                start = new ListPlace(hourMs + HourlyKey.MsPerHour, "");
        }

        var parameters = Parameters(query, start);
        var within = Within(query);
        ListPlace? floor = query.AsksAnything ? await FloorAsync(connection, query, within, parameters) : null;
        var where = new StringBuilder(within);
        if (floor is { } lowest)
        {
            // In the place of the lower end that is there: of two, SQLite takes the first for its index and reads down to that.
            parameters.Add("fromId", lowest.Id);
            if (query.Organisation is not null)
            {
                parameters.Add("FromMs", lowest.AtMs);
                where.Append(" AND (started_ms, id) >= (@FromMs, @fromId)");
            }
        }

        AddFilters(where, query);
        var requests = (await connection.QueryAsync<RequestRecord>(
            $"SELECT {RequestColumns} FROM requests r WHERE {where} ORDER BY {Order(query)} LIMIT @CountMax", parameters)).AsList();
        var attempts = await AttemptsAsync(connection, requests);
        var end = requests.Count == query.CountMax ? new ListPlace(requests[^1].StartedMs, requests[^1].Id) : floor;
        return new RequestPage([.. requests.Select(request => new RequestTrace(request, [.. attempts[request.Id]]))], end?.ToString(), end?.AtMs ?? query.FromMs);
    }

    // The hour is that of an attempt, which begins at or after its request: an hour of grace for those that were tried for long.
    private static Task<long?> NewestHourAsync(DbConnection connection, RequestQuery query, long atMs) =>
        new NewestHour(query.Organisation).With("team", query.Team).With("key_id", query.KeyId).With("route", query.Route).With("upstream", query.Upstream).With("upstream_model", query.UpstreamModel)
            .Failed(query.Failure is not null).FindAsync(connection, query.FromMs - HourlyKey.MsPerHour, atMs > long.MaxValue - HourlyKey.MsPerHour ? atMs : atMs + HourlyKey.MsPerHour);

    private async Task<ListPlace?> FloorAsync(DbConnection connection, RequestQuery query, string within, DynamicParameters parameters)
    {
        parameters.Add("look", query.AsksAttempts ? lookMaxByAttempts : query.Organisation is null ? lookMax / EverybodysFactor : lookMax);
        var row = await connection.QueryFirstOrDefaultAsync<PlaceRow>($"SELECT started_ms, id FROM requests WHERE {within} ORDER BY {Order(query)} LIMIT 1 OFFSET @look", parameters);
        return row is null ? null : new ListPlace(row.StartedMs, row.Id);
    }

    private static string Order(RequestQuery query) => query.Organisation is null ? "id DESC" : "started_ms DESC, id DESC";

    // The times are said beside the ids for PostgreSQL, which leaves out the months that they exclude.
    private static string Within(RequestQuery query) => query.Organisation is null
        ? "id < @startId AND id >= @fromId AND started_ms <= @startMs AND started_ms >= @FromMs"
        : "organisation = @Organisation AND (started_ms, id) < (@startMs, @startId) AND started_ms <= @startMs AND started_ms >= @FromMs";

    private static DynamicParameters Parameters(RequestQuery query, ListPlace start)
    {
        var parameters = new DynamicParameters(new
        {
            query.Organisation,
            query.Team,
            query.KeyId,
            query.Model,
            query.Protocol,
            query.SessionId,
            query.Status,
            query.ErrorCode,
            query.DurationMsMin,
            query.Route,
            query.Upstream,
            query.UpstreamModel,
            query.Failure,
            query.FromMs,
            query.CountMax,
        });
        parameters.Add("startMs", start.AtMs);
        parameters.Add("startId", query.Organisation is not null || start.Id.Length > 0 ? start.Id : IdAt(start.AtMs));
        parameters.Add("fromId", query.FromMs <= 0 ? EarliestId : IdAt(query.FromMs));
        return parameters;
    }

    private static string IdAt(long ms) => ms >= 1L << 48 ? LatestId : $"req_{ms:x12}";

    private static void AddFilters(StringBuilder where, RequestQuery query)
    {
        Add(query.Team, "team = @Team");
        Add(query.KeyId, "key_id = @KeyId");
        Add(query.Model, "model_asked = @Model");
        Add(query.Protocol, "client_protocol = @Protocol");
        Add(query.SessionId, "session_id = @SessionId");
        Add(query.Status, "status = @Status");
        Add(query.ErrorCode, "error_code = @ErrorCode");
        Add(query.DurationMsMin, "duration_ms >= @DurationMsMin");
        Add(query.Outcome, query.Outcome switch
        {
            RequestOutcome.Failed => "error_code <> ''",
            RequestOutcome.Rescued => "error_code = '' AND attempts > 1",
            _ => "error_code = ''",
        });
        if (!query.AsksAttempts)
            return;
        where.Append(" AND EXISTS (SELECT 1 FROM attempts a WHERE a.request_id = r.id");
        Add(query.Route, "a.route = @Route");
        Add(query.Upstream, "a.upstream = @Upstream");
        Add(query.UpstreamModel, "a.upstream_model = @UpstreamModel");
        Add(query.Failure, query.Failure == RequestQuery.AnyFailure ? "a.failure <> ''" : "a.failure = @Failure");
        where.Append(')');

        void Add(object? value, string condition)
        {
            if (value is not null)
                where.Append(" AND ").Append(condition);
        }
    }

    private static async Task<ILookup<string, AttemptRecord>> AttemptsAsync(DbConnection connection, List<RequestRecord> requests)
    {
        if (requests.Count == 0)
            return Enumerable.Empty<AttemptRecord>().ToLookup(attempt => attempt.RequestId);
        var parameters = new DynamicParameters();
        for (var i = 0; i < requests.Count; i++)
            parameters.Add($"id{i}", requests[i].Id);
        var ids = string.Join(", ", requests.Select((_, i) => $"@id{i}"));
        var attempts = await connection.QueryAsync<AttemptRecord>($"SELECT {AttemptColumns} FROM attempts WHERE request_id IN ({ids}) ORDER BY request_id, ordinal, started_ms, id", parameters);
        return attempts.ToLookup(attempt => attempt.RequestId);
    }

    private sealed class PlaceRow
    {
        public long StartedMs { get; init; }
        public string Id { get; init; } = "";
    }
}
