using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Tests.Wire;

namespace Trivet.FunctionalTests.Replay;

/// <summary>Asks for one exchange as one client does and holds what comes out against what was recorded.</summary>
internal static class Replaying
{
    /// <summary>Exchanges of the protocols that are proven, in the corpus' order.</summary>
    public static TheoryData<string> Ids(Func<Exchange, bool> fits, IReadOnlyList<WireProtocol>? protocols = null)
    {
        var ids = new TheoryData<string>();
        foreach (var protocol in protocols ?? WireProtocol.Upstreams)
        {
            foreach (var id in Corpus.Ids(protocol.Name, e => IsHttp(e) && fits(e)))
                ids.Add(id.Data);
        }

        return ids;
    }

    public static bool IsAnswer(Exchange exchange) => exchange.Status == 200;

    public static bool IsHttp(Exchange exchange) => exchange.ResponseBody is not null || exchange.Sse is not null || (exchange.EventStream is not null && exchange.Id.StartsWith("bedrock", StringComparison.Ordinal)); // InvokeModel's frames are of another API

    /// <summary>The problems of one case; empty where the client got what the vendor said.</summary>
    public static async Task<List<string>> AnswerAsync(ReplayLab lab, Exchange exchange, WireProtocol client, bool stream, Chopping chopping)
    {
        var upstream = WireProtocol.Of(exchange);
        var staged = lab.Upstream.Stage(exchange, chopping);
        var body = client.SimpleRequest(stream, exchange.Has("tools") || exchange.Has("tool_call"));
        body["model"] = $"{upstream.UpstreamName}/{staged.Model}";
        var answer = await lab.AskAsync(client, body);
        var expected = upstream.ReadRecorded(exchange);
        var problems = new List<string>();
        if (staged.Requests.IsEmpty)
            problems.Add("the upstream was not asked");
        foreach (var request in staged.Requests)
        {
            var asked = JsonNode.Parse(request.Body)!;
            problems.AddRange(upstream.InvalidRequest(asked).Select(fault => "request: " + fault));
            if (upstream.IsStream(request.Path, asked) != stream)
                problems.Add("the upstream was asked for another form than the client wants");
        }

        if (client == upstream && stream == exchange.Sse is not null)
            ByteEqual(exchange, answer, problems);
        else if (expected.Error is not null)
            Failed(client, expected, answer, problems);
        else if (answer.Status != 200 || answer.IsStream != stream)
            problems.Add($"{answer.Status} {answer.ContentType}: {answer.Text}");
        else if (stream)
            Streamed(client, upstream, expected, answer, problems);
        else
            Whole(client, upstream, expected, answer, problems);
        return problems;
    }

    /// <summary>The problems of an answer whose end never came: it must fail, in the client's own words, and what came before must be what was recorded.</summary>
    public static async Task<List<string>> BrokenOffAsync(ReplayLab lab, Exchange exchange, WireProtocol client, bool stream)
    {
        var upstream = WireProtocol.Of(exchange);
        var body = client.SimpleRequest(stream, withTools: true);
        body["model"] = $"{upstream.UpstreamName}/{lab.Upstream.Stage(exchange, Chopping.Random).Model}";
        var answer = await lab.AskAsync(client, body);
        var problems = new List<string>();
        if (!answer.IsStream)
        {
            if (answer.Status < 500)
                problems.Add($"status {answer.Status}: {answer.Text}");
            else
                problems.AddRange(client.InvalidError(JsonNode.Parse(answer.Bytes)!).Select(fault => "spec: " + fault));
            return problems;
        }

        var frames = SseFrame.ReadAll(answer.Text);
        var got = client.ReadStream(frames);
        if (got.Error is null)
            problems.Add($"no error at the end: {answer.Text[Math.Max(0, answer.Text.Length - 200)..]}");
        if (client != upstream)
            problems.AddRange(client.Illegal(frames, wantsUsage: false).Select(fault => "illegal: " + fault));
        return problems;
    }

    private static void ByteEqual(Exchange exchange, ClientAnswer answer, List<string> problems)
    {
        var recorded = exchange.Sse ?? exchange.ResponseBody!;
        if (answer.Status != exchange.Status)
            problems.Add($"status {answer.Status} instead of {exchange.Status}: {answer.Text}");
        else if (!answer.Bytes.AsSpan().SequenceEqual(recorded))
            problems.Add($"not byte for byte: {answer.Bytes.Length} instead of {recorded.Length} bytes, the first difference at {answer.Bytes.AsSpan().CommonPrefixLength(recorded)}");
    }

    private static void Streamed(WireProtocol client, WireProtocol upstream, AnswerMeaning expected, ClientAnswer answer, List<string> problems)
    {
        var frames = SseFrame.ReadAll(answer.Text);
        problems.AddRange(expected.Differences(client.ReadStream(frames), client, client.ComparesOrder && upstream.ComparesOrder));
        problems.AddRange(client.Illegal(frames, wantsUsage: expected.Usage is not null).Select(fault => "illegal: " + fault));
        if (client != upstream)
            problems.AddRange(client.InvalidStream(frames).Select(fault => "spec: " + fault));
    }

    private static void Whole(WireProtocol client, WireProtocol upstream, AnswerMeaning expected, ClientAnswer answer, List<string> problems)
    {
        var body = JsonNode.Parse(answer.Bytes)!;
        problems.AddRange(expected.Differences(client.ReadWhole(body), client, client.ComparesOrder && upstream.ComparesOrder));
        if (client != upstream)
            problems.AddRange(client.InvalidWhole(body).Select(fault => "spec: " + fault));
    }

    // A stream that failed is told as an HTTP error where nothing was released yet, within the stream otherwise.
    private static void Failed(WireProtocol client, AnswerMeaning expected, ClientAnswer answer, List<string> problems)
    {
        if (answer.Status >= 400)
        {
            var error = JsonNode.Parse(answer.Bytes)!;
            problems.AddRange(client.InvalidError(error).Select(fault => "spec: " + fault));
            if (client.ReadWhole(error).Error?.Contains(expected.Error!, StringComparison.Ordinal) != true)
                problems.Add($"the error says {answer.Text}");
            return;
        }

        var frames = SseFrame.ReadAll(answer.Text);
        problems.AddRange(client.Illegal(frames, wantsUsage: false).Select(fault => "illegal: " + fault));
        var got = client.ReadStream(frames);
        if (got.Error?.Contains(expected.Error!, StringComparison.Ordinal) != true)
            problems.Add($"the error is {got.Error ?? "missing"}");
        if (got.Text != expected.Text || got.Reasoning != expected.Reasoning)
            problems.Add("what was said before the error is not what was recorded");
    }
}
