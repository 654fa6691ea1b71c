using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Server.Cli.Traces;

/// <summary><c>trivet trace REQUEST</c>: one request's whole story; without an id, the newest requests.</summary>
internal static class TraceVerb
{
    public static Command Build()
    {
        var id = new Argument<string?>("REQUEST") { Description = "The id from the x-trivet-request-id header, or from the answer itself; none lists the newest requests", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var count = new Option<int>("--last") { Description = "How many to list without an id", HelpName = "N", DefaultValueFactory = _ => 20 };
        var payload = new Option<bool>("--payload") { Description = "Show what was sent and answered as well, where payload_logging recorded it" };
        var command = new Command("trace", "Tell the whole story of one request") { id, count, payload, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (result.GetValue(count) <= 0)
                return context.Wrong("--last wants a number above 0.");
            return await context.WithDatabaseAsync(
                database =>
                {
                    var traces = new TraceAdmin(database.Traces, context.Time);
                    var payloads = result.GetValue(payload) ? new PayloadAdmin(database.Payloads, context.Time) : null;
                    return result.GetValue(id) is { } request ? TellAsync(context, traces, payloads, request, stopping) : ListAsync(context, traces, result.GetValue(count), stopping);
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static async Task<int> TellAsync(VerbContext context, TraceAdmin traces, PayloadAdmin? payloads, string id, CancellationToken stopping)
    {
        var found = await traces.FindAsync(id, stopping);
        if (found.Fault is { } fault)
        {
            return context.No(fault.Kind == StoreFaultKind.NotFound
                ? $"No request {id} is booked in this database. Is it the data directory of the server that answered? 'trivet trace' lists the newest requests."
                : fault.Message);
        }

        var said = payloads is not null && found.Value.Request is { } request ? await payloads.FindAsync(request, stopping) : (StoreOutcome<RecordedPayload>?)null;
        var payload = said is { Fault: null } ? said.Value.Value : null;
        if (context.Json)
            JsonOutput.Write(context.Output, json => TraceJson.Write(json, found.Value, payload));
        else
            TraceText.Write(context.Output, found.Value, payload);
        return said?.Fault is { } silence ? context.No(silence.Message) : Exit.Done;
    }

    private static async Task<int> ListAsync(VerbContext context, TraceAdmin traces, int countMax, CancellationToken stopping)
    {
        var recent = await traces.ListRecentAsync(countMax, stopping);
        if (recent.Fault is { } fault)
            return context.No(fault);
        if (context.Json)
            return JsonOutput.Write(context.Output, json => TraceJson.Write(json, recent.Value));
        if (recent.Value.Count == 0)
        {
            context.Output.WriteLine("No requests yet.");
            return Exit.Done;
        }

        var table = new TextTable("REQUEST", "TIME", "MODEL", ">STATUS", "OUTCOME", ">ATTEMPTS", ">MS");
        foreach (var request in recent.Value)
        {
            table.Add(
                request.Id, TraceText.Time(request.StartedMs), request.ModelAsked, request.Status.ToString(CultureInfo.InvariantCulture), Outcome(request),
                request.Attempts.ToString(CultureInfo.InvariantCulture), request.DurationMs.ToString("#,0", CultureInfo.InvariantCulture));
        }

        table.Write(context.Output);
        return Exit.Done;
    }

    private static string Outcome(RequestRecord request) => request.ErrorCode.Length == 0 ? "ok" : request.ErrorCode;
}
