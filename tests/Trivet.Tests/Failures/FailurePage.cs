using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;

namespace Trivet.Tests.Failures;

/// <summary>The tables of docs/failures.md: what follows from each failure, what a client of each protocol gets, and how an upstream's errors are named.</summary>
internal static class FailurePage
{
    private const string RequestId = "req_…";

    // Kinds that no client is told: it has gone, or its process has, or another attempt answered.
    private static readonly FailureKind[] Untold = [FailureKind.ClientGone, FailureKind.GatewayKilled, FailureKind.GatewayAbandoned];

    private static IEnumerable<FailureRule> Rows => FailureTable.Rows.Where(row => row.Kind != FailureKind.None);

    public static string Make() => new StringBuilder("\n")
        .Append("## What follows\n\n").Append(Consequences())
        .Append("\n## What a client gets\n\n").Append(Answers())
        .Append("\n## The four forms\n\n").Append(Forms())
        .Append("\n## How an upstream's errors are named\n\n").Append(Statuses()).Append('\n').Append(VendorCodes())
        .Append('\n').ToString();

    private static string Consequences()
    {
        var summaries = Summaries();
        var text = new StringBuilder("| kind | what happened | tried next | within an answer | whose fault | billed | scorecard | log |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var row in Rows)
            text.Append($"| `{row.Kind}` | {summaries[row.Kind]} | {Said(row.Retry)} | {(Continuation.Helps(new Failure(row.Kind)) ? "another goes on" : "")} | {Word(row.Fault)} | {(row.Bill == BillAdvice.Nothing ? "no" : "what was served")} | {Word(row.Scorecard)} | {Word(row.Level)} |\n");
        return text.ToString();
    }

    private static string Answers()
    {
        var text = new StringBuilder("\"says why\": the upstream's own words follow the message. The code is the upstream's where it has one and says why.\n\n")
            .Append("| kind | status | message | says why | Chat and Responses: `type`, `code` | Responses, in a stream: `response.error.code` | Messages: `error.type` | Gemini: `status` |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var row in Rows.Where(row => !Untold.Contains(row.Kind)))
        {
            var failure = new Failure(row.Kind);
            var (chat, messages, gemini) = (Body(Protocol.OpenAIChat, failure)["error"]!, Body(Protocol.AnthropicMessages, failure)["error"]!, Body(Protocol.Gemini, failure)["error"]!);
            var failed = Events(Protocol.OpenAIResponses, failure)[^1]["response"]!["error"]!["code"];
            text.Append($"| `{row.Kind}` | {failure.ToWireError().Status} | {row.Message} | {(failure.TellsUpstreamsWords && row.Kind >= FailureKind.UpstreamUnreachable ? "yes" : "")} | `{chat["type"]}`, `{chat["code"]}` | `{failed}` | `{messages["type"]}` | `{gemini["status"]}` |\n");
        }

        return text.Append("\nNobody is told of ").AppendJoin(", ", Untold.Select(kind => $"`{kind}`")).Append(": they stand in the books and in traces only.\n").ToString();
    }

    // One failure as each protocol has it, as a body and within a stream.
    private static string Forms()
    {
        var failure = new Failure(FailureKind.UpstreamTruncated);
        var text = new StringBuilder($"`{failure.Kind}` before anything of an answer was sent ({failure.ToWireError().Status}), and as the end of a stream that had begun:\n");
        foreach (var protocol in Enum.GetValues<Protocol>().Where(WireFormats.HasClients))
            text.Append($"\n{Title(protocol)}\n\n```\n{Rendered(protocol, failure)}\n\n{RenderedInStream(protocol, failure).Trim().ReplaceLineEndings("\n")}\n```\n");
        return text.ToString();
    }

    private static string Statuses()
    {
        var text = new StringBuilder("By the status alone, where the body says nothing:\n\n| status | kind |\n| --- | --- |\n");
        int[] statuses = [400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504, 520, 524, 529];
        foreach (var group in statuses.GroupBy(status => UpstreamFailures.FromError(status, ErrorReader.Read(status, default))))
            text.Append($"| {string.Join(", ", group)} | `{group.Key}` |\n");
        return text.ToString();
    }

    private static string VendorCodes()
    {
        var text = new StringBuilder("By a vendor's own code, whatever the status, in a 200 too (MiniMax: `base_resp.status_code`):\n\n| vendor | codes |\n| --- | --- |\n");
        foreach (var profile in VendorProfiles.All.Where(profile => profile.ErrorCodes.Count > 0).OrderBy(profile => profile.Vendor, StringComparer.Ordinal))
        {
            var kinds = profile.ErrorCodes.Keys
                .GroupBy(code => VendorErrors.Refine(profile, new WireError { Class = ErrorClass.Server, Message = "", Code = code })!.Value)
                .OrderBy(group => group.Key)
                .Select(group => $"`{group.Key}`: {string.Join(", ", group.Order(StringComparer.Ordinal))}");
            text.Append($"| {profile.Vendor} | {string.Join("; ", kinds)} |\n");
        }

        return text.ToString();
    }

    private static string Said(RetryAdvice advice) => advice switch
    {
        RetryAdvice.Never => "nothing",
        RetryAdvice.Elsewhere => "another candidate",
        RetryAdvice.OtherCredential => "the same with another credential, then another candidate",
        RetryAdvice.HereOnce => "the same once more, then another candidate",
        RetryAdvice.ElsewhereElseHere => "another candidate; the same once more where no other is left",
        RetryAdvice.HereWithoutThoughts => "the same without foreign thoughts, then another candidate",
        RetryAdvice.HereToldWhy => "the same, told why, then another candidate",
        RetryAdvice.AfterWait => "the same after a short wait, with another credential or another candidate otherwise",
        RetryAdvice.LargerContext => "a candidate of another model",
        _ => throw new ArgumentOutOfRangeException(nameof(advice), advice, "This advice has no words yet."),
    };

    private static string Word<T>(T value) where T : struct, Enum => value.ToString() is "None" ? "" : value.ToString().ToLowerInvariant();

    private static string Title(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => "OpenAI Chat",
        Protocol.OpenAIResponses => "OpenAI Responses (the id is that of the answer where its first events gave one)",
        Protocol.AnthropicMessages => "Anthropic Messages",
        _ => "Gemini",
    };

    private static JsonNode Body(Protocol protocol, Failure failure) => JsonNode.Parse(Rendered(protocol, failure))!;

    private static string Rendered(Protocol protocol, Failure failure)
    {
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(protocol).WriteError(failure.ToWireError(), RequestId, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string RenderedInStream(Protocol protocol, Failure failure)
    {
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(protocol).WriteStreamError(failure.ToWireError(), RequestId, StreamPlace.Start with { NextNumber = 7, AnswerId = "resp_…", Model = "m" }, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static List<JsonNode> Events(Protocol protocol, Failure failure) =>
        [.. RenderedInStream(protocol, failure).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!)];

    // What the code says of each kind, from the documentation that the compiler writes beside the assembly.
    private static Dictionary<FailureKind, string> Summaries()
    {
        var prefix = $"F:{typeof(FailureKind).FullName}.";
        return XDocument.Load(Path.ChangeExtension(typeof(FailureKind).Assembly.Location, ".xml")).Descendants("member")
            .Where(member => ((string)member.Attribute("name")!).StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(member => Enum.Parse<FailureKind>(((string)member.Attribute("name")!)[prefix.Length..]), member => string.Join(' ', member.Element("summary")!.Value.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)));
    }
}
