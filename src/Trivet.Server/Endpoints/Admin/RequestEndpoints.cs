using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>Requests: found among all that are booked, and told whole.</summary>
internal static class RequestEndpoints
{
    private const string Tag = "Requests";

    internal static readonly (string Name, string Meaning)[] Filters =
    [
        ("since", "From when on: " + TimeText.Forms + "."), ("until", "Before when."), ("org", "Organisation."), ("team", "Team; - for none."), ("key", "A key's id, or its name."), ("model", "What the client asked for."),
        ("route", "A route's model name."), ("upstream", "An upstream that was tried."), ("upstream_model", "A model that was asked for at an upstream."), ("outcome", "answered, failed, or rescued: answered after a first attempt that failed."),
        ("status", "The HTTP status that the client got."), ("error", "An error code."), ("failure", "A failure of an attempt; any for whichever."), ("protocol", "The client's protocol."), ("session", "The session id that the client sent."),
        ("slower_ms", "Took at least so long."),
    ];

    private static readonly (string Name, string Meaning)[] Paging = [("after", "What a page gave as next."), ("limit", "How many, 500 at most.")];

    public static void MapRequests(this RouteGroupBuilder api)
    {
        api.MapGet("/requests", SearchAsync).Tells<RequestList>(AdminAccess.Read, Tag, "listRequests", "Requests, the newest first.", [.. Filters, .. Paging]);
        api.MapGet("/requests.csv", ExportAsync).Tells<string>(AdminAccess.Read, Tag, "exportRequests", "The same as CSV, whole, streamed.", Filters);
        api.MapGet("/requests/{id}", FindAsync).Tells<RequestStory>(AdminAccess.Read, Tag, "getRequest", "One request with its attempts and the money it moved.").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/requests/{id}/payload", PayloadAsync).Tells<PayloadView>(AdminAccess.Operate, Tag, "getPayload", "What the client sent and got, where payload_logging recorded it.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> SearchAsync(HttpContext context, RequestAdmin requests)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        if (!AdminApi.Question(context).TryReadRequests(out var query, out var problem))
            return AdminProblems.Bad(problem);
        var page = await requests.SearchAsync(query, context.RequestAborted);
        if (page.Fault is { } fault)
            return AdminProblems.Of(fault);
        return TypedResults.Ok(new RequestList([.. page.Value.Requests.Select(trace => RequestLine.Of(trace))], page.Value.Next, Times.At(page.Value.LookedBackToMs)));
    }

    private static Task<IResult> ExportAsync(HttpContext context, RequestAdmin requests)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return Task.FromResult(AdminProblems.Bad(unknown));
        if (!AdminApi.Question(context).TryReadRequests(out var query, out var problem))
            return Task.FromResult(AdminProblems.Bad(problem));
        return Task.FromResult(CsvFile.Of("requests.csv", stream => new CsvExport(stream).WriteAsync(query, requests, context.RequestAborted)));
    }

    private static async Task<IResult> PayloadAsync(HttpContext context, string id, TraceAdmin traces, PayloadAdmin payloads)
    {
        var found = await traces.FindAsync(id, context.RequestAborted);
        if (found.Fault is { } fault)
            return AdminProblems.Of(fault);
        if (found.Value.Request is not { } request)
            return AdminProblems.Of(StatusCodes.Status404NotFound, "It is still running, or its server ended before it did.");
        var said = await payloads.FindAsync(request, context.RequestAborted);
        return said.Fault is { } silence ? AdminProblems.Of(silence) : TypedResults.Ok(PayloadView.Of(said.Value));
    }

    private static async Task<IResult> FindAsync(HttpContext context, string id, LedgerAdmin ledger)
    {
        var found = await ledger.ShowAsync(id, context.RequestAborted);
        if (found.Fault is { } fault)
            return AdminProblems.Of(fault);
        var trace = found.Value.Trace;
        return TypedResults.Ok(new RequestStory(trace.Request is null ? null : RequestLine.Of(trace), [.. trace.Attempts.Select(AttemptView.Of)], [.. found.Value.Transfers.Select(TransferView.Of)]));
    }
}

/// <summary>Files of rows that are made while they are sent.</summary>
internal static class CsvFile
{
    /// <param name="name">What a browser saves it as.</param>
    /// <param name="write">Writes it; a fault ends the connection, so that half a file is not taken for a whole one.</param>
    public static IResult Of(string name, Func<Stream, ValueTask<StoreFault?>> write) => TypedResults.Stream(
        async stream =>
        {
            if (await write(stream) is { } fault)
                throw new IOException($"The books cannot be read on ({fault.Kind}).");
        },
        "text/csv; charset=utf-8", name);
}

/// <summary>A page of requests. All that fit and arrived since <c>looked_back_to</c> are on it or on those before it; <c>next</c> is null at the end.</summary>
internal sealed record RequestList(IReadOnlyList<RequestLine> Requests, string? Next, DateTimeOffset LookedBackTo);

/// <summary>A request. Its upstream is that of its last attempt; money is of all attempts.</summary>
internal sealed record RequestLine(
    string Id, DateTimeOffset StartedAt, long DurationMs, string Organisation, string Team, string KeyId, string Endpoint, string ClientProtocol, string ModelAsked, int Status, string ErrorCode, int Attempts, string RouteReason, string Lost,
    string UserAgent, string SessionId, string? Upstream, string? UpstreamModel, IReadOnlyList<MoneyShape> Cost, IReadOnlyList<MoneyShape> Billed)
{
    public static RequestLine Of(RequestTrace trace)
    {
        var (request, last) = (trace.Request!, trace.Attempts.Count > 0 ? trace.Attempts[^1] : null);
        return new RequestLine(
            request.Id, Times.At(request.StartedMs), request.DurationMs, request.Organisation, request.Team, request.KeyId, request.Endpoint, request.ClientProtocol, request.ModelAsked, request.Status, request.ErrorCode, request.Attempts,
            request.RouteReason, request.Lost, request.UserAgent, request.SessionId, last?.Upstream, last?.UpstreamModel,
            MoneyShape.Sums(trace.Attempts.Select(attempt => (attempt.CostNano, attempt.Currency))), MoneyShape.Sums(trace.Attempts.Select(attempt => (attempt.ChargedNano, attempt.ChargeCurrency))));
    }
}

/// <summary>Whole nano-units of a currency.</summary>
internal sealed record MoneyShape(long AmountNano, string Currency)
{
    /// <summary>One sum per currency; what is unknown is in none.</summary>
    public static IReadOnlyList<MoneyShape> Sums(IEnumerable<(long? Nano, string Currency)> amounts) =>
        [.. amounts.Where(amount => amount.Nano is not null && amount.Currency.Length > 0).GroupBy(amount => amount.Currency).Select(same => new MoneyShape(same.Sum(amount => amount.Nano!.Value), same.Key))];
}

/// <summary>One request's whole story. The request is null while it runs.</summary>
internal sealed record RequestStory(RequestLine? Request, IReadOnlyList<AttemptView> Attempts, IReadOnlyList<TransferView> Transfers);

/// <summary>What was said in a request.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Sent">The client's body; its beginning where it was longer than is kept.</param>
/// <param name="SentBytes">How long it was.</param>
/// <param name="Answered">What the client got, a stream's events included; its beginning likewise.</param>
/// <param name="AnsweredBytes">How long that was.</param>
/// <param name="KeptUntil">When it is deleted.</param>
internal sealed record PayloadView(string RequestId, string Sent, long SentBytes, string Answered, long AnsweredBytes, DateTimeOffset KeptUntil)
{
    public static PayloadView Of(RecordedPayload payload) => new(payload.RequestId, payload.Request, payload.RequestBytes, payload.Answer, payload.AnswerBytes, Times.At(payload.ExpiresMs));
}

/// <summary>One try at one upstream. Empty text: does not apply; null: unknown.</summary>
internal sealed record AttemptView(
    string Id, int Ordinal, DateTimeOffset StartedAt, long DurationMs, long? TimeToFirstContentMs, string Route, string Upstream, string CredentialId, string UpstreamModel, string ModelAnswered, string UpstreamProtocol, bool Streamed, string Failure,
    int? HttpStatus, long InputUncachedTokens, long InputCacheReadTokens, long InputCacheWrite5mTokens, long InputCacheWrite1hTokens, long OutputTextTokens, long OutputReasoningTokens, bool Estimated, MoneyShape? Cost, MoneyShape? List,
    MoneyShape? Billed, string PriceVersion, string UnpricedMeters, string ServiceTier, string Lost, bool Committed, bool ClientDisconnected)
{
    public static AttemptView Of(AttemptRecord attempt) => new(
        attempt.Id, attempt.Ordinal, Times.At(attempt.StartedMs), attempt.DurationMs, attempt.TimeToFirstContentMs, attempt.Route, attempt.Upstream, attempt.CredentialId, attempt.UpstreamModel, attempt.ModelAnswered, attempt.UpstreamProtocol,
        attempt.Streamed, attempt.Failure, attempt.HttpStatus, attempt.InputUncachedTokens, attempt.InputCacheReadTokens, attempt.InputCacheWrite5mTokens, attempt.InputCacheWrite1hTokens, attempt.OutputTextTokens, attempt.OutputReasoningTokens,
        attempt.Estimated, Money(attempt.CostNano, attempt.Currency), Money(attempt.ListNano, attempt.ListCurrency), Money(attempt.ChargedNano, attempt.ChargeCurrency), attempt.PriceVersion, attempt.UnpricedMeters, attempt.ServiceTier,
        attempt.Lost, attempt.Committed, attempt.ClientDisconnected);

    private static MoneyShape? Money(long? nano, string currency) => nano is { } amount ? new MoneyShape(amount, currency) : null;
}
